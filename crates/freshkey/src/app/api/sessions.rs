//! The signed-in user's sessions.

use super::protocol::{Bearer, Get, Post};
use crate::app::{error::ApiError, types::SessionItem};
use leptos::prelude::*;

/// Returns the user's active sessions, newest first.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "sessions", protocol = Get<Bearer>)]
pub async fn sessions() -> Result<Vec<SessionItem>, ApiError> {
    crate::server::sessions::list().await
}

/// Ends one of the user's sessions. Ending the current one works like a sign-out.
///
/// # Errors
/// `NotFound` for an id that is unknown, or another user's.
#[server(prefix = "/api", endpoint = "sessions/revoke", protocol = Post<Bearer>)]
pub async fn revoke_session(#[server(default)] id: String) -> Result<(), ApiError> {
    crate::server::sessions::revoke(&id).await
}

/// Ends every session of the user except the caller's.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "sessions/revoke-others", protocol = Post<Bearer>)]
pub async fn revoke_other_sessions() -> Result<(), ApiError> {
    crate::server::sessions::end_others().await
}

/// Ends every session of the user, including this one.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "logout-all", protocol = Post<Bearer>)]
pub async fn logout_all() -> Result<(), ApiError> {
    crate::server::sessions::end_all().await
}
