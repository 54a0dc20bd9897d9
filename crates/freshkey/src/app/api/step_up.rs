//! Confirming that it is you. The calls that need it are marked
//! [`StepUp`](super::protocol::StepUp).

use super::protocol::{Bearer, Get, Post};
use crate::app::{
    error::ApiError,
    types::{Integer, Secret, StepUpView, TokenAnswer},
};
use leptos::prelude::*;

/// Whether sensitive calls of this session need a confirmation first.
///
/// # Errors
/// Those of [`Bearer`].
#[server(prefix = "/api", endpoint = "step-up", protocol = Get<Bearer>)]
pub async fn step_up_status() -> Result<StepUpView, ApiError> {
    crate::server::step_up::status().await
}

/// Confirms with the password that it is you. It is a refresh as well: where the refresh cookie comes along it is
/// rotated by the rules of [`refresh_token`](super::account::refresh_token), which `sent_at` belongs to; without it,
/// only the access token is new. The browser never calls this by itself: the dialog does, by `seam::confirm`.
///
/// # Errors
/// `Validation` with `password`; `RateLimited`; those of a refresh.
#[server(prefix = "/api", endpoint = "step-up", protocol = Post<Bearer>)]
pub async fn confirm_identity(
    #[server(default)] password: Secret,
    #[server(default)] sent_at: Option<Integer>,
) -> Result<TokenAnswer, ApiError> {
    crate::server::step_up::confirm(&password, sent_at.map(u64::from)).await
}
