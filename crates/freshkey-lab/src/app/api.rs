//! The calls. They concern only throw-away sessions, which are good for nothing else.
//!
//! The page sends them with `seam::call`, which neither sends the visitor's cookie or token nor accepts a cookie.

#![expect(missing_docs, reason = "the fields of the structs that the macro makes of the arguments")]

use super::types::{LabAnswer, LabBounce, LabCheck, LabTerms};
use freshkey::app::{
    api::protocol::{Bearer, Get, Post, Public},
    error::ApiError,
    types::{Integer, ProtectedView, Secret},
};
use leptos::prelude::*;

/// Returns whether the lab's live parts are on, and its terms.
///
/// # Errors
/// None of its own.
#[server(prefix = "/api", endpoint = "lab", protocol = Get<Public>)]
pub async fn terms() -> Result<LabTerms, ApiError> {
    Ok(crate::server::terms())
}

/// Begins a throw-away session whose access token is valid for `life` seconds.
///
/// # Errors
/// `NotFound` if the lab is off, as for the calls below; `RateLimited`.
#[server(prefix = "/api", endpoint = "lab/begin", protocol = Post<Public>)]
pub async fn begin(#[server(default)] life: Option<Integer>) -> Result<LabAnswer, ApiError> {
    crate::server::begin(life.map(u64::from)).await
}

/// Refreshes a throw-away session, by the rules for every session.
///
/// # Errors
/// `InvalidRefreshToken` with its reason.
#[server(prefix = "/api", endpoint = "lab/refresh", protocol = Post<Public>)]
pub async fn refresh(#[server(default)] refresh_token: Secret) -> Result<LabAnswer, ApiError> {
    crate::server::refresh(&refresh_token).await
}

/// A protected call, for throw-away sessions.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "lab/protected", protocol = Get<Bearer>)]
pub async fn protected() -> Result<ProtectedView, ApiError> {
    freshkey::app::api::protected::protected().await
}

/// The same with POST, as a sensitive operation would be.
///
/// # Errors
/// Those of every protected call, and `InvalidCsrfToken`.
#[server(prefix = "/api", endpoint = "lab/protected", protocol = Post<Bearer>)]
pub async fn protected_post() -> Result<ProtectedView, ApiError> {
    freshkey::app::api::protected::protected_post().await
}

/// Returns the answer that a protected call with this access token would get. This call counts for the session of the
/// valid token that it is sent with, and the browser sees no refusal.
///
/// # Errors
/// `NotFound`.
#[server(prefix = "/api", endpoint = "lab/check", protocol = Post<Public>)]
pub async fn check(#[server(default)] access_token: Option<Secret>) -> Result<LabCheck, ApiError> {
    crate::server::check(access_token.as_ref()).await
}

/// Returns the cross-site guard's verdict on a forgery, or, without one, on this request itself.
///
/// # Errors
/// `Validation` for an unknown forgery.
#[server(prefix = "/api", endpoint = "lab/bounce", protocol = Post<Public>)]
pub async fn bounce(#[server(default)] forgery: Option<String>) -> Result<LabBounce, ApiError> {
    crate::server::bounce(forgery.as_deref())
}

/// Adds one knock to the bucket of a throw-away session.
///
/// # Errors
/// `RateLimited`, with the seconds to wait.
#[server(prefix = "/api", endpoint = "lab/knock", protocol = Post<Public>)]
pub async fn knock() -> Result<(), ApiError> {
    crate::server::knock().await
}
