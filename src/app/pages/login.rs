//! The sign-in page.

use super::AccountForm;
use crate::app::{
    api::account::login,
    brand,
    components::{Field, FormAlert, SubmitButton, go_on_where_wrong, sending, typed},
    paths,
    session::{Session, SessionState},
};
use leptos::{html, prelude::*};

/// The sign-in page.
#[component]
pub fn Login() -> impl IntoView {
    brand::set_title("Sign in");
    let form = AccountForm::new();
    let (email, password, remember) = (NodeRef::new(), NodeRef::new(), NodeRef::<html::Input>::new());
    go_on_where_wrong(move || form.error.get(), vec![("email", email), ("password", password)]);
    let (submit, busy) = sending(move || {
        let remember = remember.get_untracked().is_some_and(|input| input.checked());
        let call = login(typed(email), typed(password).into(), Some(remember));
        async move { form.done(call.await) }
    });
    let register = move || with_next(paths::REGISTER, &form.next.get());
    view! {
        <section class="card card-narrow">
            <h1>"Sign in"</h1>
            <WhySignedOut />
            <form class="form" method="post" action=paths::API_LOGIN novalidate on:submit=submit>
                <FormAlert message=form.message() />
                <Field name="email" label="Email" kind="email" autocomplete="username" value=form.typed("email")
                    error=form.field_error("email") node=email />
                <Field name="password" label="Password" kind="password" autocomplete="current-password"
                    error=form.field_error("password") node=password />
                <label class="check">
                    <input type="checkbox" name="remember" checked=form.ticked("remember") node_ref=remember />
                    "Keep me signed in on this device"
                </label>
                <input type="hidden" name="next" value=move || form.next.get() />
                <SubmitButton busy>"Sign in"</SubmitButton>
            </form>
            <p class="card-aside">"New here? " <a href=register>"Create an account"</a></p>
        </section>
    }
}

/// Why one is on this page, when a session has just ended; and a way on for who is signed in.
#[component]
fn WhySignedOut() -> impl IntoView {
    let session = Session::get_context();
    move || {
        match session.0.get() {
        SessionState::SignedOut(Some(reason)) => {
            view! { <p class="notice" role="status">{reason.sentence()}</p> }.into_any()
        }
        SessionState::SignedIn(view) => view! {
            <p class="notice" role="status">
                "You are signed in as " <strong><bdi>{view.user.email}</bdi></strong> ". " <a href=paths::APP>"Go on"</a>
            </p>
        }
        .into_any(),
        _ => ().into_any(),
    }
    }
}

/// The other form, leading to the same page.
pub(super) fn with_next(path: &str, next: &str) -> String {
    if next == paths::APP { path.to_owned() } else { format!("{path}?next={}", paths::encode(next)) }
}
