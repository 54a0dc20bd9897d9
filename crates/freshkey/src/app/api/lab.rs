//! The calls of `/lab`. They concern only throw-away sessions, which are good for nothing else.
//!
//! The page sends them with `seam::lab`, which neither sends the visitor's cookie or token nor accepts a cookie.

use super::protocol::{Bearer, Get, Post, Public};
use crate::app::{
    error::ApiError,
    types::{
        Integer, ProtectedView, Secret,
        lab::{LabAnswer, LabBounce, LabCheck, LabTerms},
    },
};
use leptos::prelude::*;

/// Whether the lab's live parts are there, and on what terms.
///
/// # Errors
/// None of its own.
#[server(prefix = "/api", endpoint = "lab", protocol = Get<Public>)]
pub async fn terms() -> Result<LabTerms, ApiError> {
    Ok(crate::server::lab::terms())
}

/// Begins a throw-away session, whose access token lives for `life` seconds.
///
/// # Errors
/// `NotFound` where the lab is turned off, here and below; `RateLimited`.
#[server(prefix = "/api", endpoint = "lab/begin", protocol = Post<Public>)]
pub async fn begin(#[server(default)] life: Option<Integer>) -> Result<LabAnswer, ApiError> {
    crate::server::lab::begin(life.map(u64::from)).await
}

/// Refreshes a throw-away session, by the rules for every session.
///
/// # Errors
/// `InvalidRefreshToken` with its reason.
#[server(prefix = "/api", endpoint = "lab/refresh", protocol = Post<Public>)]
pub async fn refresh(#[server(default)] refresh_token: Secret) -> Result<LabAnswer, ApiError> {
    crate::server::lab::refresh(&refresh_token).await
}

/// A protected call, for throw-away sessions.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "lab/protected", protocol = Get<Bearer>)]
pub async fn protected() -> Result<ProtectedView, ApiError> {
    crate::server::account::protected()
}

/// The same by POST, as a sensitive operation would be.
///
/// # Errors
/// Those of every protected call, and `InvalidCsrfToken`.
#[server(prefix = "/api", endpoint = "lab/protected", protocol = Post<Bearer>)]
pub async fn protected_post() -> Result<ProtectedView, ApiError> {
    crate::server::account::protected()
}

/// What a protected call with this access token would be answered. Asked in this way, it counts for the session of the
/// good token that comes along, and the browser notes no refusal.
///
/// # Errors
/// `NotFound`.
#[server(prefix = "/api", endpoint = "lab/check", protocol = Post<Public>)]
pub async fn check(#[server(default)] access_token: Option<Secret>) -> Result<LabCheck, ApiError> {
    crate::server::lab::check(access_token.as_ref()).await
}

/// What the guard against other sites makes of a forgery, or, without one, of this very request.
///
/// # Errors
/// `Validation` for a forgery that is none of ours.
#[server(prefix = "/api", endpoint = "lab/bounce", protocol = Post<Public>)]
pub async fn bounce(#[server(default)] forgery: Option<String>) -> Result<LabBounce, ApiError> {
    crate::server::lab::bounce(forgery.as_deref())
}

/// Counts one more in the bucket of a throw-away session.
///
/// # Errors
/// `RateLimited` with the seconds to wait.
#[server(prefix = "/api", endpoint = "lab/knock", protocol = Post<Public>)]
pub async fn knock() -> Result<(), ApiError> {
    crate::server::lab::knock().await
}
