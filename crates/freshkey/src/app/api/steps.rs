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

/// Creates the account of a registration and signs it in: 201. The browser that registered sends the email's code. Any
/// browser can use the email's link, the one that it opened or `token`, and then chooses a password now; the browser
/// that registered may leave the password out. `link` says which link the form was made for.
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

/// Sends another email for a step: 202. The earlier code stays valid for its own time.
///
/// # Errors
/// `ChallengeOver`; `RateLimited` within 30 seconds of the last email.
#[server(prefix = "/api", endpoint = "resend", protocol = Post<Public>)]
pub async fn resend(#[server(default)] challenge: Option<String>) -> Result<StepView, ApiError> {
    crate::server::steps::resend::resend(challenge.as_deref()).await
}

/// Sends a sign-in code, if the address has an account: 202, the same answer for every address.
///
/// # Errors
/// `Validation`, `RateLimited`.
#[server(prefix = "/api", endpoint = "login/code", protocol = Post<Public>)]
pub async fn login_code(#[server(default)] email: String) -> Result<StepView, ApiError> {
    crate::server::steps::sign_in::ask(&email).await
}

/// Starts a session with the email's code, as [`login`](super::account::login) does with a password.
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

/// Sends a code and a link for a new password, if the address has an account: 202, the same answer for every address.
///
/// # Errors
/// `Validation`, `RateLimited`.
#[server(prefix = "/api", endpoint = "forgot-password", protocol = Post<Public>)]
pub async fn forgot_password(#[server(default)] email: String) -> Result<StepView, ApiError> {
    crate::server::steps::reset::forgot(&email).await
}

/// Changes a forgotten password with the email's code or link, and ends every session of the user. Signs nobody in.
///
/// # Errors
/// `InvalidCode`, `ChallengeOver`, `InvalidLink`, `Validation`. A refused password does not use up the code or link.
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

/// Sends a code to the caller's address: 202. If the address is already proven, sends nothing: 204.
///
/// # Errors
/// Those of every protected call, `RateLimited`.
#[server(prefix = "/api", endpoint = "profile/email/prove", protocol = Post<Bearer>)]
pub async fn prove_email() -> Result<Option<StepView>, ApiError> {
    crate::server::steps::prove::ask().await
}

/// Proves an address with its code: the caller's, after [`prove_email`]; or the new one, after
/// [`change_email`](super::profile::change_email). A new address then replaces the old one, and every other session
/// ends.
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

/// Keeps an account that is scheduled for deletion, and starts the session of the sign-in that asked about it.
///
/// # Errors
/// `ChallengeOver`.
#[server(prefix = "/api", endpoint = "login/keep", protocol = Post<SignIn>)]
pub async fn keep_account(#[server(default)] challenge: Option<String>) -> Result<SignInAnswer, ApiError> {
    crate::server::steps::keep::keep(challenge.as_deref()).await
}

/// Answers a security email: what it reports was the reader (`me`) or not (`not_me`). The email is known by its link,
/// the one that the browser opened or `token`; `link` says which link the form was made for. After `not_me`, the
/// account is as it was before, every session ends, the password stops working, and an email lets the user choose a new
/// one.
///
/// # Errors
/// `InvalidLink`; `Validation` if there is no answer.
#[server(prefix = "/api", endpoint = "secure", protocol = Post<Public>)]
pub async fn secure(
    #[server(default)] token: Option<Secret>,
    #[server(default)] link: Option<String>,
    #[server(default)] answer: Option<String>,
) -> Result<SecureView, ApiError> {
    crate::server::steps::secure::answer(token.as_ref(), link.as_deref(), answer.as_deref()).await
}

/// Returns what the email reported whose link the calling browser opened last, or what the browser has just answered.
/// None, 204, if it has opened no link, or a forged one.
///
/// # Errors
/// `NotFound` if the server sends no mail.
#[server(prefix = "/api", endpoint = "secure", protocol = Get<Public>)]
pub async fn alarm() -> Result<Option<AlarmView>, ApiError> {
    crate::server::steps::secure::alarm().await
}

/// Returns what the page shows of the newest step of this `kind` (`register`, `reset`, `sign_in`, `second_factor`,
/// `keep`, `enrol`) that the calling browser has begun. None, 204, if it has begun none.
///
/// # Errors
/// `NotFound` for another kind.
#[server(prefix = "/api", endpoint = "step", protocol = Get<Public>)]
pub async fn step(#[server(default)] kind: String) -> Result<Option<StepPage>, ApiError> {
    crate::server::step_page::step(&kind).await
}

/// Returns the link of this `kind` (`register`, `reset`) that the calling browser opened last. None, 204, if it has
/// opened none, or a forged one.
///
/// # Errors
/// `NotFound` for another kind.
#[server(prefix = "/api", endpoint = "link", protocol = Get<Public>)]
pub async fn link(#[server(default)] kind: String) -> Result<Option<StepPage>, ApiError> {
    crate::server::step_page::link(&kind).await
}
