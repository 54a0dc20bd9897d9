//! What `navigator.credentials` is asked and told in the browser, where there is none.

use crate::app::{passkey::NotGiven, types::PasskeyCredential};
use std::future::ready;

/// A button that is not there.
pub struct Button;

/// There is no page.
pub fn sign_in_button() -> Option<Button> {
    None
}

impl Button {
    /// Nobody presses it.
    pub fn does(&mut self, _: impl Fn() + 'static) {}

    /// Nobody presses it.
    pub fn works(&self) {}

    /// Nobody has pressed it.
    pub fn rests(&self) {}
}

/// There is no browser.
pub fn are_known() -> bool {
    false
}

/// There is no field.
pub async fn are_autofilled() -> bool {
    ready(false).await
}

/// Nobody makes one.
///
/// # Errors
/// Always.
pub async fn create(_: String) -> Result<PasskeyCredential, NotGiven> {
    ready(Err(NotGiven::Unable)).await
}

/// Nobody to ask.
pub async fn first_offer() -> bool {
    ready(false).await
}

/// Nobody makes one.
///
/// # Errors
/// Always.
pub async fn create_quietly(_: String) -> Result<PasskeyCredential, NotGiven> {
    ready(Err(NotGiven::Unable)).await
}

/// Nobody has one.
///
/// # Errors
/// Always.
pub async fn request(_: String) -> Result<PasskeyCredential, NotGiven> {
    ready(Err(NotGiven::Unable)).await
}

/// Nobody waits.
///
/// # Errors
/// Always.
pub async fn wait(_: String, _: u32) -> Result<PasskeyCredential, NotGiven> {
    ready(Err(NotGiven::Unable)).await
}

/// Nobody waits.
pub fn stop_waiting() {}

/// Nobody to tell.
pub fn is_unknown(_: &str, _: &PasskeyCredential) {}

/// Nobody to tell.
pub fn are_all(_: &str, _: &str, _: &[&str]) {}

/// Nobody to tell.
pub fn is_called(_: &str, _: &str, _: &str, _: &str) {}
