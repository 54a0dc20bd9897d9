//! Registering, signing in, refreshing, signing out.

use super::protocol::{Access, Post, Refresh, SignIn, SignOut};
use crate::app::{
    error::ApiError,
    seam,
    types::{Integer, Secret, SignInAnswer, TokenAnswer},
};
use http::Method;
use leptos::{prelude::*, server_fn::ServerFn};
use serde::Serialize;
use std::collections::BTreeMap;

/// Creates an account and signs it in: 201. If the server sends mail, it sends a code to the address first: 202, and
/// [`register_confirm`](super::steps::register_confirm) continues. Without mail, a repeated request within the grace
/// period is the same registration. `remember` is as for [`login`].
///
/// # Errors
/// [`Code::Validation`](crate::app::error::Code) with a sentence per field; `EmailTaken`.
#[server(prefix = "/api", endpoint = "register", protocol = Post<SignIn>)]
pub async fn register(
    #[server(default)] email: String,
    #[server(default)] password: Secret,
    #[server(default)] name: Option<String>,
    #[server(default)] remember: Option<bool>,
) -> Result<SignInAnswer, ApiError> {
    crate::server::account::register(&email, &password, name.as_deref(), remember).await
}

/// Calls [`register`] with the app's own fields beside the library's, by name.
///
/// # Errors
/// As [`register`]; the errors of the app's fields are among the `fields`.
pub async fn register_with(account: Register, own: Vec<(&'static str, String)>) -> Result<SignInAnswer, ApiError> {
    seam::call(Access::SignIn, &Method::POST, Register::PATH, WithOwn::new(account, own)).await
}

/// A call's input, with fields of the app's own.
#[derive(Serialize)]
pub(super) struct WithOwn<T> {
    #[serde(flatten)]
    input: T,
    #[serde(flatten)]
    own: BTreeMap<&'static str, String>,
}

impl<T> WithOwn<T> {
    pub(super) fn new(input: T, own: Vec<(&'static str, String)>) -> Self {
        Self { input, own: own.into_iter().collect() }
    }
}

/// Starts a session, whatever cookie came with the call, and ends the session that the cookie named.
///
/// `remember` says whether the cookie outlives the browser. If absent, it is true in JSON, and false in a form, where
/// it is a checkbox.
///
/// # Errors
/// `InvalidCredentials`, the same whether or not the account exists.
#[server(prefix = "/api", endpoint = "login", protocol = Post<SignIn>)]
pub async fn login(
    #[server(default)] email: String,
    #[server(default)] password: Secret,
    #[server(default)] remember: Option<bool>,
) -> Result<SignInAnswer, ApiError> {
    crate::server::login::login(&email, &password, remember).await
}

/// Exchanges the refresh cookie for a new access token, and rotates the cookie. The browser client never calls this
/// directly: the shared refresh does, for all callers.
///
/// `sent_at` is when the client sent the request, in milliseconds on the server's clock.
///
/// # Errors
/// `RefreshTokenNotFound`, `InvalidRefreshToken` with its reason, `StaleRequest`.
#[server(prefix = "/api", endpoint = "refresh-token", protocol = Post<Refresh>)]
pub async fn refresh_token(#[server(default)] sent_at: Option<Integer>) -> Result<TokenAnswer, ApiError> {
    crate::server::refresh::refresh(sent_at.map(Into::into)).await
}

/// Ends the session that the cookie or the bearer token names, and clears the cookie: 204, however often it is called.
///
/// # Errors
/// `InvalidCsrfToken` for a form without the right token.
#[server(prefix = "/api", endpoint = "logout", protocol = Post<SignOut>)]
pub async fn logout() -> Result<(), ApiError> {
    crate::server::sign_out::logout().await
}
