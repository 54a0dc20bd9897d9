//! The sign-in page.

use super::AccountForm;
use crate::app::{
    api::account::login,
    brand,
    components::{Field, FormAlert, FormFields, SubmitButton, go_on_where_wrong, sending, typed},
    paths,
    session::{Features, Session, SessionState},
    types::SignInAnswer,
};
use leptos::{html, prelude::*};

/// The sign-in page.
#[component]
pub fn Login() -> impl IntoView {
    brand::set_title("Sign in");
    let form = AccountForm::new(paths::LOGIN, paths::API_LOGIN);
    let (email, password, remember) = (NodeRef::new(), NodeRef::new(), NodeRef::<html::Input>::new());
    go_on_where_wrong(move || form.error.get(), vec![("email", email), ("password", password)]);
    let (submit, busy) = sending(move || {
        let remember = remember.get_untracked().is_some_and(|input| input.checked());
        let call = login(typed(email), typed(password).into(), Some(remember));
        async move {
            match call.await {
                Ok(SignInAnswer::Session(answer)) => form.done(Ok(*answer)),
                Ok(SignInAnswer::Step(_)) => form.goes_on(paths::LOGIN_KEEP),
                Err(error) => form.done(Err(error)),
            }
        }
    });
    let register = move || form.leading_on(paths::REGISTER);
    view! {
        <section class="card card-narrow">
            <h1>"Sign in"</h1>
            <WhySignedOut next=form.next />
            <form class="form" method="post" action=paths::API_LOGIN novalidate on:submit=submit>
                <FormAlert message=form.message() />
                <Field name="email" label="Email" kind="email" autocomplete="username" value=form.refused.typed("email")
                    error=form.field_error("email") node=email />
                <Field name="password" label="Password" kind="password" autocomplete="current-password"
                    error=form.field_error("password") node=password />
                <label class="check">
                    <input type="checkbox" name="remember" checked=form.refused.ticked("remember") node_ref=remember />
                    "Keep me signed in on this device"
                </label>
                <FormFields next=form.next page=form.page() public=true />
                <SubmitButton busy>"Sign in"</SubmitButton>
            </form>
            {by_mail(form)}
            <p class="card-aside">"New here? " <a href=register>"Create an account"</a></p>
        </section>
    }
}

/// The ways in for whoever has no password at hand, where the server sends mail.
fn by_mail(form: AccountForm) -> Option<impl IntoView> {
    let features: Features = expect_context();
    let forgot = move || form.leading_on(paths::FORGOT);
    let code = move || form.leading_on(paths::LOGIN_CODE);
    features.mail.then(|| {
        view! {
            <p class="card-aside">
                <a href=forgot>"Forgot your password?"</a>
                {features.mail_sign_in.then(|| view! { " · " <a href=code>"Email me a code"</a> })}
            </p>
        }
    })
}

/// Why one is on this page, when a session has just ended; and a way on for who is signed in.
#[component]
fn WhySignedOut(next: Memo<String>) -> impl IntoView {
    let session = Session::get_context();
    move || match session.0.get() {
        SessionState::SignedOut(Some(reason)) => {
            view! { <p class="notice" role="status">{reason.sentence()}</p> }.into_any()
        }
        SessionState::SignedIn(view) => view! {
            <p class="notice" role="status">
                "You are signed in as " <strong><bdi>{view.user.email}</bdi></strong> ". "
                <a href=move || next.get()>"Go on"</a>
            </p>
        }
        .into_any(),
        _ => ().into_any(),
    }
}
