//! The smallest possible protected call: a pattern for yours, and what the benchmarks measure.

use super::protocol::{Bearer, Get, Post};
use crate::app::{error::ApiError, types::ProtectedView};
use leptos::prelude::*;

/// Returns the user that the access token names. Uses nothing but the token.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "protected", protocol = Get<Bearer>)]
pub async fn protected() -> Result<ProtectedView, ApiError> {
    crate::server::account::protected()
}

/// The same with POST, as a sensitive operation would be: it needs the CSRF token as well.
///
/// # Errors
/// Those of every protected call, and `InvalidCsrfToken`.
#[server(prefix = "/api", endpoint = "protected", protocol = Post<Bearer>)]
pub async fn protected_post() -> Result<ProtectedView, ApiError> {
    crate::server::account::protected()
}
