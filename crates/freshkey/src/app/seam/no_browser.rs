//! Stands in for the browser's half on the server.

pub mod passkeys;

use crate::app::{
    error::{ApiError, Code},
    session::{Network, PageFacts, Session, TokenLife},
    types::{Access, EndReason, Millis, PasskeyCredential, Secret},
};
use http::Method;
use leptos::prelude::{RwSignal, use_context};
use serde::{Serialize, de::DeserializeOwned};
pub use serde_json::{Error as JsonError, from_str as from_json};

/// Not called: on the server, a server function is a plain call.
///
/// # Errors
/// Always.
pub async fn call<Input, Output>(_: Access, _: &Method, _: &str, _: Input) -> Result<Output, ApiError>
where
    Input: Serialize + Send + 'static,
    Output: DeserializeOwned + Send + 'static,
{
    Err(Code::Internal.into())
}

/// Returns the time of rendering.
pub fn now() -> Millis {
    use_context::<PageFacts>().map_or(Millis::ZERO, |facts| facts.now)
}

/// Does nothing.
pub fn attach(_: Session, _: Network, _: Millis) {}

/// Does nothing.
pub fn ask_before_leaving(_: impl Fn() -> bool + 'static) {}

/// Returns at once: the server can always reach itself.
pub async fn back_after(_: u32) {}

/// Returns at once.
pub async fn pause(_: u32) {}

/// Returns `None`: there is no token.
pub fn token_life() -> Option<TokenLife> {
    None
}

/// Does nothing: there is no token.
pub fn expire_token() {}

/// Returns 0.
pub fn refreshes() -> u32 {
    0
}

/// Formats the time in UTC, the server's only time zone.
pub fn local_time(at: Millis) -> String {
    crate::app::device::utc(at)
}

/// Does nothing.
pub fn choose_theme(_: &str) {}

/// Does nothing.
pub fn show_theme() {}

/// Does nothing: there is no dialog.
pub fn asks_by(_: RwSignal<bool>) {}

/// Does nothing: there is no dialog.
pub fn not_confirmed() {}

/// Fails: on the server, users only confirm by a call.
///
/// # Errors
/// Always.
pub async fn confirm(_: Secret, _: Option<Secret>, _: Option<PasskeyCredential>) -> Result<(), ApiError> {
    Err(Code::Internal.into())
}

/// Does nothing.
pub fn leave(_: Option<EndReason>) {}

/// Does nothing: the rendered title says it.
pub fn title_refused(_: bool) {}

/// Does nothing.
pub fn blur() {}

/// Does nothing.
pub fn signed_out(_: Option<EndReason>) {}

/// Returns false: there is no clipboard.
pub async fn copy(_: &str) -> bool {
    false
}

/// Does nothing.
pub fn download(_: &str, _: &str) {}

/// Drops the future, which is for the browser.
pub fn in_browser(_: impl Future<Output = ()> + 'static) {}
