//! Checking new passwords.

use super::protocol::{Post, Public};
use crate::app::{
    error::ApiError,
    types::{PasswordVerdict, Secret},
};
use leptos::prelude::*;

/// How good a new password of somebody with this address and name is, by the rules of a registration. By POST,
/// though it changes nothing: an address ends up in logs.
///
/// # Errors
/// `Validation`: there is no password.
#[server(prefix = "/api", endpoint = "password-strength", protocol = Post<Public>)]
pub async fn password_strength(
    #[server(default)] password: Secret,
    #[server(default)] email: Option<String>,
    #[server(default)] name: Option<String>,
) -> Result<PasswordVerdict, ApiError> {
    crate::server::account::password_strength(&password, email.as_deref(), name.as_deref())
}
