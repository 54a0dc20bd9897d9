//! Checking new passwords.

use super::protocol::{Post, Public};
use crate::app::{
    error::ApiError,
    types::{PasswordVerdict, Secret},
};
use leptos::prelude::*;

/// Judges a new password of a user with this address and name, by the rules of a registration. It is a POST although it
/// changes nothing, because a URL ends up in logs.
///
/// # Errors
/// `Validation` if there is no password.
#[server(prefix = "/api", endpoint = "password-strength", protocol = Post<Public>)]
pub async fn password_strength(
    #[server(default)] password: Secret,
    #[server(default)] email: Option<String>,
    #[server(default)] name: Option<String>,
) -> Result<PasswordVerdict, ApiError> {
    crate::server::account::password_strength(&password, email.as_deref(), name.as_deref())
}
