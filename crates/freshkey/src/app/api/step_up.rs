//! Confirming a sensitive action. The calls that need it are marked [`StepUp`](super::protocol::StepUp).

use super::protocol::{Bearer, Get, Post};
use crate::app::{
    error::ApiError,
    types::{Integer, PasskeyCredential, Secret, StepUpView, TokenAnswer},
};
use leptos::prelude::*;

/// Returns whether this session's sensitive calls need a confirmation first.
///
/// # Errors
/// Those of [`Bearer`].
#[server(prefix = "/api", endpoint = "step-up", protocol = Get<Bearer>)]
pub async fn step_up_status() -> Result<StepUpView, ApiError> {
    crate::server::step_up::status().await
}

/// Confirms that the caller is the user: with the password, and a `code` if two-step sign-in is on; or with a passkey's
/// `credential` (`AuthenticationResponseJSON`) alone. This is a refresh as well. If the refresh cookie comes along, the
/// server rotates it by the rules of [`refresh_token`](super::account::refresh_token), which use `sent_at`; without it,
/// only the access token is new. The browser client never calls this directly: the dialog does, with `seam::confirm`.
///
/// # Errors
/// `Validation` with `password` or `code`; `InvalidPasskey`; `RateLimited`; those of a refresh.
#[server(prefix = "/api", endpoint = "step-up", protocol = Post<Bearer>)]
pub async fn confirm_identity(
    #[server(default)] password: Secret,
    #[server(default)] code: Option<Secret>,
    #[server(default)] credential: Option<PasskeyCredential>,
    #[server(default)] sent_at: Option<Integer>,
) -> Result<TokenAnswer, ApiError> {
    let proof = crate::server::step_up::Proof {
        password: &password,
        code: code.as_ref(),
        credential: credential.map(|credential| credential.0),
    };
    crate::server::step_up::confirm(proof, sent_at.map(Into::into)).await
}
