//! Confirming a sensitive action: what a session needs for sensitive calls.

use super::{Millis, PasskeyOptions, Seconds};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A way for the user of a session to confirm that it is them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepUpMethod {
    /// With the password.
    Password,
    /// With the password, and the code of an authenticator app or a recovery code.
    Code,
    /// With a passkey.
    Passkey,
}

/// Whether a session's sensitive calls need a confirmation first, and how the user gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepUpView {
    /// Whether they need one.
    pub required: bool,
    /// The session's last sign-in or step-up, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub authenticated_at: Millis,
    /// For how many seconds a full sign-in or step-up is valid.
    #[schema(value_type = u64)]
    pub max_age: Seconds,
    /// The ways to give it.
    pub methods: Vec<StepUpMethod>,
    /// The options for requesting a passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub passkey_options: Option<PasskeyOptions>,
}
