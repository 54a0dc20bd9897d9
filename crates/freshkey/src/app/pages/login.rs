//! The sign-in page.

mod passkey;

use super::AccountForm;
use crate::app::{
    address::use_query_value,
    api::account::login,
    brand,
    components::{
        Avatar, Field, FormCard, FormFields, Icon, Shape, SubmitButton, fixed, go_on_where_wrong, sending, ticked,
        typed,
    },
    error::ApiError,
    paths,
    refused_form::was_just_done,
    seam,
    session::{Features, Session, SessionState},
    types::{SignInAnswer, UserView},
};
use leptos::{html, prelude::*};

/// The query parameter that shows the form to a user who is already signed in.
const ANOTHER: &str = "another";

/// The sign-in page. A user who is signed in can continue or ask for the form.
#[component]
pub fn Login() -> impl IntoView {
    brand::set_title("Sign in");
    let form = AccountForm::new(paths::LOGIN, paths::API_LOGIN);
    // The state at the time the page was opened: a sign-in in another tab must not take the form away while somebody
    // types.
    let user = untrack(|| Session::get_context().user());
    let another = use_query_value(ANOTHER);
    view! { {move || match user.clone().filter(|_| another.with(Option::is_none) && !form.is_refused()) {
        Some(user) => view! { <GoOn user next=form.next.into() another=form.page() /> }.into_any(),
        None => view! { <SignIn form /> }.into_any(),
    }} }
}

#[component]
fn SignIn(form: AccountForm) -> impl IntoView {
    let (email, password, remember) = (NodeRef::new(), NodeRef::new(), NodeRef::<html::Input>::new());
    go_on_where_wrong(move || form.error.get(), vec![("email", email), ("password", password)]);
    let (submit, busy) = sending(move || {
        let (address, remember) = (typed(email), ticked(remember));
        // Only the page can say this: the server's answer is the same for every address.
        let is_half = !address.is_empty() && !address.contains('@');
        let call = login(address, typed(password).into(), Some(remember));
        async move {
            if is_half {
                return form.done(Err(ApiError::field("email", "Enter an email address, like jane@example.com.")));
            }
            match call.await {
                Ok(SignInAnswer::Session(answer)) => form.done(Ok(*answer)),
                Ok(SignInAnswer::Step(step)) => form.goes_on(step.status.page().unwrap_or(paths::LOGIN)),
                Err(error) => form.done(Err(error)),
            }
        }
    });
    let register = form.leading_on(paths::REGISTER);
    view! {
        <FormCard title="Sign in" lead="Use your email and password." message=form.message()
            notice=move || view! { <WhySignedOut form /> }
            foot=move || view! { "New here? " <a href=register>"Create an account"</a> } note=super::proof>
            <form class="form" on:submit={submit}
                {..fixed([("method", "post"), ("action", paths::API_LOGIN), ("novalidate", "")])}>
                <Field name="email" label="Email" kind="email" autocomplete="username webauthn" value=form.refused.typed("email")
                    error=form.field_error("email") node=email autofocus=true />
                <Field name="password" label="Password" kind="password" autocomplete="current-password"
                    error=form.field_error("password") node=password aside=move || forgot(form) />
                <label class="check">
                    <input node_ref={remember}
                        {..fixed([("type", "checkbox"), ("name", "remember")])}
                        {..fixed(form.refused.ticked("remember").then_some(("checked", "")))} />
                    "Keep me signed in on this device"
                </label>
                <FormFields next=form.next page=form.page() public=true />
                <SubmitButton busy>"Sign in"</SubmitButton>
            </form>
            {other_ways(form, remember)}
        </FormCard>
    }
}

/// The link for a forgotten password, if the server sends mail.
fn forgot(form: AccountForm) -> impl IntoView {
    let page = form.leading_on(paths::FORGOT);
    expect_context::<Features>().mail.then(|| view! { <a href=page>"Forgot your password?"</a> }.into_any())
}

/// Signing in without a password: with a passkey or an emailed code, if the server offers them. The passkey's button
/// has its place from the start, but is disabled and invisible until the code behind it is loaded.
fn other_ways(form: AccountForm, remember: NodeRef<html::Input>) -> impl IntoView {
    let Features { passkey_life, mail_sign_in, .. } = expect_context();
    let passkeys = passkey_life.is_some();
    if let Some(life) = passkey_life {
        let owner = Owner::current();
        seam::in_browser(async move {
            let _ = by_passkey(passkey::Wanted { form, remember, owner, life }).await;
        });
    }
    let by_code = form.leading_on(paths::LOGIN_CODE);
    view! {
        {(passkeys || mail_sign_in).then(|| view! { <p class="card-or">"or"</p> }.into_any())}
        {passkeys.then(|| {
            view! {
                <button class="button button-quiet by-passkey" type="button" disabled>
                    <Icon shape=Shape::Key /> "Sign in with a passkey"
                </button>
            }
            .into_any()
        })}
        {mail_sign_in.then(|| view! { <a class="button button-quiet" href=by_code><Icon shape=Shape::Letter /> "Email me a code"</a> }.into_any())}
    }
}

crate::in_part! {
    passkeys:
    /// Starts the sign-in with a passkey.
    fn by_passkey, by_passkey_part(wanted: passkey::Wanted) -> () = passkey::begin(wanted);
}

/// Shown to a user who is already signed in.
#[component]
fn GoOn(user: UserView, next: Signal<String>, another: Signal<String>) -> impl IntoView {
    let another = Signal::derive(move || {
        let page = another.get();
        format!("{page}{}{ANOTHER}=1", if page.contains('?') { '&' } else { '?' })
    });
    let (name, email) = (user.name.clone(), user.email.clone());
    view! {
        <FormCard title="You're signed in" lead="Continue, or sign in as somebody else on this device.">
            <a class="who" href=next>
                <Avatar user />
                <span class="who-names">
                    <strong>"Continue as " <bdi>{name.clone().unwrap_or_else(|| email.clone())}</bdi></strong>
                    {name.map(|_| view! { <span><bdi>{email}</bdi></span> }.into_any())}
                </span>
            </a>
            <a class="button button-quiet" href=another>"Use another account"</a>
        </FormCard>
    }
}

/// Says that the password was changed, or why the session ended, if either just happened; and offers a way on after a
/// sign-in in another tab.
#[component]
fn WhySignedOut(form: AccountForm) -> impl IntoView {
    let next: Signal<String> = form.next.into();
    let has_new_password = was_just_done(paths::API_RESET);
    let why = move || {
        let why = match form.session.0.get() {
            SessionState::SignedOut(_) if has_new_password => "Password changed. Sign in with the new one.".into_any(),
            SessionState::SignedOut(Some(reason)) => reason.sentence().into_any(),
            // If this form signed the user in, the next page is on its way and there is nothing to say.
            SessionState::SignedIn(view) if !form.open_instead.has_begun() => view! {
                "You are signed in as " <strong><bdi>{view.user.email}</bdi></strong> ". "
                <a href=next>"Continue to your dashboard"</a>
            }
            .into_any(),
            _ => return None,
        };
        Some(view! { <p class="notice" {..fixed([("role", "status")])}>{why}</p> }.into_any())
    };
    view! { {move || why()} }
}
