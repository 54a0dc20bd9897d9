//! The bodies of the server functions for registering and for the caller's own account.

use super::{
    attempts::{Count, attempts, limit_failures},
    auth::{
        email::{self, Email},
        name,
        sessions::{IssuedTokens, SignInMethod},
        sign_in::SignInProgress,
    },
    body::{Format, RequestBody, format},
    caller::caller,
    device::caller_device,
    known_device::remember_device,
    login::{Login, NoSession, find},
    refresh::answer,
    refusal::{hashing, refused, unavailable},
    state::AppState,
    steps::{self, onward::Onward},
    store::{
        hooks::AtRegistration,
        users::{NewUser, UserRow},
    },
};
use crate::app::{
    error::{ApiError, Code},
    types::{Millis, PasswordVerdict, ProtectedView, Secret, SignInAnswer, UserView},
};
use freshkey_core::request_span::record_user;
use http::StatusCode;
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use std::borrow::Cow;
use uuid::Uuid;

/// See [`crate::app::api::account::register`].
pub(crate) async fn register(
    email: &str,
    secret: &Secret,
    name: Option<&str>,
    remember: Option<bool>,
) -> Result<SignInAnswer, ApiError> {
    let state: AppState = expect_context();
    let mut wrong: Vec<(&'static str, Cow<'static, str>)> = Vec::new();
    let parsed = Email::parse(email).map_err(|sentence| wrong.push(("email", sentence.into()))).ok();
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let address = parsed.as_ref().map(Email::as_typed);
    if let Err(sentence) = state.settings.check_password(secret.reveal(), address, name) {
        wrong.push(("password", sentence.into()));
    }
    if let Some(sentence) = name.and_then(name::flaw) {
        wrong.push(("name", sentence.into()));
    }
    let own = match state.app.read_registration().zip(use_context::<RequestBody>()) {
        Some((read, sent)) => Some(read(&sent)?),
        None => None,
    };
    let own = own.map(|own| {
        wrong.extend(own.wrong);
        own.insert
    });
    let Some(parsed) = parsed.filter(|_| wrong.is_empty()) else {
        return Err(ApiError::fields(wrong));
    };

    let remember = remember.unwrap_or(format() == Format::Json);
    if state.mail.is_on() {
        let new = steps::register::Registration { email: &parsed, typed: email, password: secret, name, remember };
        return steps::register::begin(&state, new).await.map(SignInAnswer::Step);
    }
    let login = Login {
        state: &state,
        keys: &email::keys(email),
        account: state.account_digests.digest(parsed.key()),
        password: secret,
        remember,
        under_way: &state.sign_ins.enter(&state.settings.http, email, secret, remember),
    };
    let (granted, user) = match create_user(&state, &parsed, secret.reveal(), name, own).await? {
        Some(user) => {
            record_user(&user.id);
            let so_far = SignInProgress { method: SignInMethod::PASSWORD, remember };
            if let (_, Onward::Step(step)) = steps::onward::plan(&state, &user, so_far).await? {
                return steps::onward::begin(&state, step.0, step.1).await;
            }
            (login.begin(&user, SignInMethod::PASSWORD).await.map_err(refused)?, user)
        }
        None => match register_again(&login).await {
            Ok(found) => found.ok_or(Code::EmailTaken)?,
            Err(NoSession::Refused(error)) => return Err(error),
            Err(NoSession::Step(view)) => return Ok(steps::onward::accepted(*view)),
        },
    };
    remember_device(&state, &user);
    expect_context::<ResponseOptions>().set_status(StatusCode::CREATED);
    Ok(answer(&state, granted).into())
}

/// See [`crate::app::api::password::password_strength`].
pub(crate) fn password_strength(
    secret: &Secret,
    email: Option<&str>,
    name: Option<&str>,
) -> Result<PasswordVerdict, ApiError> {
    let state: AppState = expect_context();
    let parsed = email.and_then(|email| Email::parse(email).ok());
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let judged = state.settings.check_password(secret.reveal(), parsed.as_ref().map(Email::as_typed), name);
    match judged {
        Err(sentence) if secret.reveal().is_empty() => Err(ApiError::field("password", sentence)),
        judged => Ok(judged.into()),
    }
}

/// Treats a registration that arrives twice, from a double click or a network that repeats it, as a sign-in, if its
/// password is right and the account is younger than the grace period.
async fn register_again(login: &Login<'_>) -> Result<Option<(IssuedTokens, UserRow)>, NoSession> {
    let state = login.state;
    let (user, grace_period) = (find(state, login.keys).await?, state.settings.sessions.rotation.grace_period);
    let Some(user) = user.filter(|user| state.clock.now() - user.created_at < grace_period) else { return Ok(None) };
    let attempts = attempts(state, Some(&user), login.account);
    limit_failures(state, Count::Login, attempts, login.account, login.sign_in(Some(user))).await
}

/// Creates a user; none if the address already has an account.
pub(crate) async fn create_user(
    state: &AppState,
    email: &Email,
    password: &str,
    name: Option<&str>,
    own: Option<AtRegistration>,
) -> Result<Option<UserRow>, ApiError> {
    let password_hash = state.hasher.hash(password).await.map_err(hashing)?;
    let user = UserRow {
        id: Uuid::now_v7().to_string(),
        email: email.as_typed().to_owned(),
        email_key: email.key().to_owned(),
        name: name.map(str::to_owned),
        password_hash,
        password_changed_at: Millis::ZERO,
        disabled_at: None,
        role: None,
        created_at: state.clock.now(),
        email_verified_at: None,
        delete_at: None,
        language: None,
        two_step_at: None,
        two_step_required: None,
        second_step_failures: 0,
        user_handle: None,
    };
    let new = NewUser::of(&user, caller_device(), own);
    let created = state.store.insert_user(new).await.map_err(|error| unavailable(&error))?;
    Ok(created.then_some(user))
}

/// See [`crate::app::api::me::me`].
pub(crate) async fn me() -> Result<UserView, ApiError> {
    let state: AppState = expect_context();
    let caller = caller()?;
    let user = state.store.user_by_id(&caller.user.id).await.map_err(|error| unavailable(&error))?;
    state.sessions.with_own_claims(user.ok_or(Code::SessionEnded)?.into()).await.map_err(refused)
}

/// See [`crate::app::api::protected::protected`].
pub(crate) fn protected() -> Result<ProtectedView, ApiError> {
    let user = caller()?.user;
    Ok(ProtectedView { message: "This is a protected resource".to_owned(), user })
}
