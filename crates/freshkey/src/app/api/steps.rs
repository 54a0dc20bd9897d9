//! Flows of several calls in which an email proves that the user has an address: registration, a forgotten password,
//! a sign-in with an emailed code. If the server sends no mail, they are 404.

use super::{
    account::WithOwn,
    protocol::{Access, Bearer, Get, Post, Public, SignIn},
};
use crate::app::{
    error::ApiError,
    seam,
    types::{AlarmView, Secret, SecureView, SignInAnswer, StepPage, StepView, UserView},
};
use http::Method;
use leptos::{prelude::*, server_fn::ServerFn};

/// Creates the account of a registration and signs it in: 201. By the email's code, in the browser that registered; or
/// by its link, the one that the browser opened or `token`, and then with a password that is chosen now. In the browser
/// that registered, that may be left out. `link` says which link the form was made for.
///
/// # Errors
/// [`Code::InvalidCode`](crate::app::error::Code), `ChallengeOver`, `InvalidLink`, `Validation`.
#[server(prefix = "/api", endpoint = "register/confirm", protocol = Post<SignIn>)]
pub async fn register_confirm(
    #[server(default)] challenge: Option<String>,
    #[server(default)] code: Option<Secret>,
    #[server(default)] token: Option<Secret>,
    #[server(default)] link: Option<String>,
    #[server(default)] password: Option<Secret>,
    #[server(default)] name: Option<String>,
) -> Result<SignInAnswer, ApiError> {
    use crate::server::steps::register::{ByLink, confirm};
    let password = password.unwrap_or_default();
    let by_link = ByLink { token: token.as_ref(), link: link.as_deref(), password: &password, name: name.as_deref() };
    confirm(challenge.as_deref(), code.as_ref().map(Secret::reveal), by_link).await
}

/// Calls [`register_confirm`] with its link, and with the app's own fields beside the library's. In the browser only.
///
/// # Errors
/// As [`register_confirm`].
pub async fn register_confirm_with(
    confirm: RegisterConfirm,
    own: Vec<(&'static str, String)>,
) -> Result<SignInAnswer, ApiError> {
    seam::call(Access::SignIn, &Method::POST, RegisterConfirm::PATH, WithOwn::new(confirm, own)).await
}

/// Sends another email of a step: 202. The code before it stays good for its own time.
///
/// # Errors
/// `ChallengeOver`; `RateLimited` within 30 seconds of the last one.
#[server(prefix = "/api", endpoint = "resend", protocol = Post<Public>)]
pub async fn resend(#[server(default)] challenge: Option<String>) -> Result<StepView, ApiError> {
    crate::server::steps::resend::resend(challenge.as_deref()).await
}

/// Sends a code to sign in with, if the address has an account: 202, the same for every address.
///
/// # Errors
/// `Validation`, `RateLimited`.
#[server(prefix = "/api", endpoint = "login/code", protocol = Post<Public>)]
pub async fn login_code(#[server(default)] email: String) -> Result<StepView, ApiError> {
    crate::server::steps::sign_in::ask(&email).await
}

/// Starts a session by the email's code, as [`login`](super::account::login) does by a password.
///
/// # Errors
/// `InvalidCode`, `ChallengeOver`, `Validation`.
#[server(prefix = "/api", endpoint = "login/code/confirm", protocol = Post<SignIn>)]
pub async fn login_code_confirm(
    #[server(default)] challenge: Option<String>,
    #[server(default)] code: Secret,
    #[server(default)] remember: Option<bool>,
) -> Result<SignInAnswer, ApiError> {
    crate::server::steps::sign_in::confirm(challenge.as_deref(), code.reveal(), remember).await
}

/// Sends a code and a link for a new password, if the address has an account: 202, the same for every address.
///
/// # Errors
/// `Validation`, `RateLimited`.
#[server(prefix = "/api", endpoint = "forgot-password", protocol = Post<Public>)]
pub async fn forgot_password(#[server(default)] email: String) -> Result<StepView, ApiError> {
    crate::server::steps::reset::forgot(&email).await
}

/// Changes a forgotten password, by the email's code or its link, and ends every session of the user. Signs nobody in.
///
/// # Errors
/// `InvalidCode`, `ChallengeOver`, `InvalidLink`, `Validation`; a password that is refused uses nothing up.
#[server(prefix = "/api", endpoint = "reset-password", protocol = Post<Public>)]
pub async fn reset_password(
    #[server(default)] challenge: Option<String>,
    #[server(default)] code: Option<Secret>,
    #[server(default)] token: Option<Secret>,
    #[server(default)] link: Option<String>,
    #[server(default)] new_password: Secret,
) -> Result<(), ApiError> {
    use crate::server::steps::{register::ByLink, reset::reset};
    let by_link = ByLink { token: token.as_ref(), link: link.as_deref(), password: &new_password, name: None };
    reset(challenge.as_deref(), code.as_ref().map(Secret::reveal), by_link).await
}

/// Sends a code to the caller's address: 202; nothing where it is proven already: 204.
///
/// # Errors
/// Those of every protected call, `RateLimited`.
#[server(prefix = "/api", endpoint = "profile/email/prove", protocol = Post<Bearer>)]
pub async fn prove_email() -> Result<Option<StepView>, ApiError> {
    crate::server::steps::prove::ask().await
}

/// Proves an address by its code: the caller's, of [`prove_email`]; or the new one, of
/// [`change_email`](super::profile::change_email), which then takes the place of the old one and ends every other session.
///
/// # Errors
/// `InvalidCode`, `ChallengeOver`, `Validation`.
#[server(prefix = "/api", endpoint = "profile/email/confirm", protocol = Post<Bearer>)]
pub async fn confirm_email(
    #[server(default)] challenge: Option<String>,
    #[server(default)] code: Secret,
) -> Result<UserView, ApiError> {
    crate::server::steps::prove::confirm(challenge.as_deref(), code.reveal()).await
}

/// Keeps the account that is going to be deleted, and starts the session of the sign-in that asked for it.
///
/// # Errors
/// `ChallengeOver`.
#[server(prefix = "/api", endpoint = "login/keep", protocol = Post<SignIn>)]
pub async fn keep_account(#[server(default)] challenge: Option<String>) -> Result<SignInAnswer, ApiError> {
    crate::server::steps::keep::keep(challenge.as_deref()).await
}

/// Says of what an email told whether it was the reader (`me`) or not (`not_me`): by its link, the one that the browser
/// opened or `token`. `link` says which link the form was made for. If it was not, the account is put back as it was
/// before, every session ends, the password works no more, and an email lets another one be chosen.
///
/// # Errors
/// `InvalidLink`; `Validation` where nothing is said.
#[server(prefix = "/api", endpoint = "secure", protocol = Post<Public>)]
pub async fn secure(
    #[server(default)] token: Option<Secret>,
    #[server(default)] link: Option<String>,
    #[server(default)] answer: Option<String>,
) -> Result<SecureView, ApiError> {
    crate::server::steps::secure::answer(token.as_ref(), link.as_deref(), answer.as_deref()).await
}

/// What the email told whose link the calling browser has opened last; or what it has answered a moment ago. None, 204,
/// where it has opened none, or a forged one.
///
/// # Errors
/// `NotFound` where there is no mail.
#[server(prefix = "/api", endpoint = "secure", protocol = Get<Public>)]
pub async fn alarm() -> Result<Option<AlarmView>, ApiError> {
    crate::server::steps::secure::alarm().await
}

/// The newest step of this `kind` (`register`, `reset`, `sign_in`, `second_factor`, `keep`, `enrol`) that the calling browser has begun: what its page
/// shows. None, 204, where it has begun none.
///
/// # Errors
/// `NotFound` for another kind.
#[server(prefix = "/api", endpoint = "step", protocol = Get<Public>)]
pub async fn step(#[server(default)] kind: String) -> Result<Option<StepPage>, ApiError> {
    crate::server::step_page::step(&kind).await
}

/// The link of this `kind` (`register`, `reset`) that the calling browser has opened last. None, 204, where it has opened none, or a
/// forged one.
///
/// # Errors
/// `NotFound` for another kind.
#[server(prefix = "/api", endpoint = "link", protocol = Get<Public>)]
pub async fn link(#[server(default)] kind: String) -> Result<Option<StepPage>, ApiError> {
    crate::server::step_page::link(&kind).await
}
