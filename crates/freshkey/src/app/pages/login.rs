//! The sign-in page.

use super::AccountForm;
use crate::app::{
    address::use_query_value,
    api::account::login,
    brand,
    components::{Avatar, Field, FormCard, FormFields, SubmitButton, go_on_where_wrong, sending, typed},
    paths,
    session::{Features, Session, SessionState},
    types::{SignInAnswer, UserView},
};
use leptos::{html, prelude::*};

/// The query of the page that offers the form to somebody who is signed in.
const ANOTHER: &str = "another";

/// The sign-in page. Whoever is signed in goes on, or asks for the form.
#[component]
pub fn Login() -> impl IntoView {
    brand::set_title("Sign in");
    let form = AccountForm::new(paths::LOGIN, paths::API_LOGIN);
    // As it was when the page was opened: what happens in another tab takes no form from under somebody's hands.
    let user = untrack(|| Session::get_context().user());
    let another = use_query_value(ANOTHER);
    move || match user.clone().filter(|_| another.with(Option::is_none) && !form.is_refused()) {
        Some(user) => view! { <GoOn user next=form.next another=form.page() /> }.into_any(),
        None => view! { <SignIn form /> }.into_any(),
    }
}

#[component]
fn SignIn(form: AccountForm) -> impl IntoView {
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
        <FormCard title="Sign in" lead="Welcome back." message=form.message()
            foot=move || view! { "New here? " <a href=register>"Create an account"</a> } note=super::proof>
            <WhySignedOut next=form.next />
            <form class="form" method="post" action=paths::API_LOGIN novalidate on:submit=submit>
                <Field name="email" label="Email" kind="email" autocomplete="username" value=form.refused.typed("email")
                    error=form.field_error("email") node=email autofocus=true />
                <Field name="password" label="Password" kind="password" autocomplete="current-password"
                    error=form.field_error("password") node=password aside=move || forgot(form) />
                <label class="check">
                    <input type="checkbox" name="remember" checked=form.refused.ticked("remember") node_ref=remember />
                    "Keep me signed in on this device"
                </label>
                <FormFields next=form.next page=form.page() public=true />
                <SubmitButton busy>"Sign in"</SubmitButton>
            </form>
            {by_code(form)}
        </FormCard>
    }
}

/// The way on for whoever has forgotten the password, where the server sends mail.
fn forgot(form: AccountForm) -> impl IntoView {
    let page = move || form.leading_on(paths::FORGOT);
    expect_context::<Features>().mail.then(|| view! { <a href=page>"Forgot your password?"</a> })
}

/// The way in for whoever has no password at hand, where the server signs people in by mail.
fn by_code(form: AccountForm) -> impl IntoView {
    let page = move || form.leading_on(paths::LOGIN_CODE);
    expect_context::<Features>().mail_sign_in.then(|| {
        view! {
            <p class="card-or">"or"</p>
            <a class="button button-quiet" href=page>"Email me a code"</a>
        }
    })
}

/// For somebody who is signed in.
#[component]
fn GoOn(user: UserView, next: Memo<String>, another: Signal<String>) -> impl IntoView {
    let another = move || {
        let page = another.get();
        format!("{page}{}{ANOTHER}=1", if page.contains('?') { '&' } else { '?' })
    };
    let (name, email) = (user.name.clone(), user.email.clone());
    view! {
        <FormCard title="You're signed in" lead="Continue, or sign in as somebody else on this device.">
            <a class="who" href=move || next.get()>
                <Avatar user />
                <span class="who-names">
                    <strong>"Continue as " <bdi>{name.clone().unwrap_or_else(|| email.clone())}</bdi></strong>
                    {name.map(|_| view! { <span><bdi>{email}</bdi></span> })}
                </span>
            </a>
            <a class="button button-quiet" href=another>"Use another account"</a>
        </FormCard>
    }
}

/// Why one is on this page, when a session has just ended; and a way on for who was signed in by another tab.
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
                <a href=move || next.get()>"Continue to your dashboard"</a>
            </p>
        }
        .into_any(),
        _ => ().into_any(),
    }
}
