//! Confirming a sensitive action: what a session needs for sensitive calls.

use super::PasskeyOptions;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the person of a session can confirm that it is them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepUpMethod {
    /// By the password.
    Password,
    /// By the password, and the code of an authenticator app or a recovery code.
    Code,
    /// By a passkey.
    Passkey,
}

/// Whether sensitive calls of a session need a confirmation first, and how it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepUpView {
    /// Whether they do.
    pub required: bool,
    /// The session's last sign-in or step-up, in milliseconds since 1970.
    pub authenticated_at: i64,
    /// For how many seconds a full sign-in or step-up counts.
    pub max_age: u64,
    /// How it is given.
    pub methods: Vec<StepUpMethod>,
    /// What a passkey is asked for by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub passkey_options: Option<PasskeyOptions>,
}
