//! Stands in for the browser's half of passkeys.

use crate::app::{passkey::NotGiven, types::PasskeyCredential};
use std::future::ready;

/// A button that never exists.
pub struct Button;

/// Returns `None`: there is no page.
pub fn sign_in_button() -> Option<Button> {
    None
}

impl Button {
    /// Does nothing.
    pub fn does(&mut self, _: impl Fn() + 'static) {}

    /// Does nothing.
    pub fn works(&self) {}

    /// Does nothing.
    pub fn rests(&self) {}
}

/// Returns false.
pub fn are_known() -> bool {
    false
}

/// Returns false.
pub async fn are_autofilled() -> bool {
    ready(false).await
}

/// Creates nothing.
///
/// # Errors
/// Always.
pub async fn create(_: String) -> Result<PasskeyCredential, NotGiven> {
    ready(Err(NotGiven::Unable)).await
}

/// Returns false.
pub async fn first_offer() -> bool {
    ready(false).await
}

/// Creates nothing.
///
/// # Errors
/// Always.
pub async fn create_quietly(_: String) -> Result<PasskeyCredential, NotGiven> {
    ready(Err(NotGiven::Unable)).await
}

/// Asks for nothing.
///
/// # Errors
/// Always.
pub async fn request(_: String) -> Result<PasskeyCredential, NotGiven> {
    ready(Err(NotGiven::Unable)).await
}

/// Waits for nothing.
///
/// # Errors
/// Always.
pub async fn wait(_: String, _: u32) -> Result<PasskeyCredential, NotGiven> {
    ready(Err(NotGiven::Unable)).await
}

/// Does nothing.
pub fn stop_waiting() {}

/// Does nothing.
pub fn is_unknown(_: &str, _: &PasskeyCredential) {}

/// Does nothing.
pub fn are_all(_: &str, _: &str, _: &[&str]) {}

/// Does nothing.
pub fn is_called(_: &str, _: &str, _: &str, _: &str) {}
