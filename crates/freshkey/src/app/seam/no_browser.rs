//! The browser's half, where there is no browser.

pub mod lab;
pub mod passkeys;

use crate::app::{
    error::{ApiError, Code},
    session::{Network, PageFacts, Session, TokenLife},
    types::{Access, EndReason, PasskeyCredential, Secret},
};
use http::Method;
use leptos::prelude::{RwSignal, use_context};
use serde::{Serialize, de::DeserializeOwned};
pub use serde_json::{Error as NotOurs, from_str as from_json};

/// On the server a server function is a plain call: this one is never made.
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

/// When the page is rendered.
pub fn now() -> i64 {
    use_context::<PageFacts>().map_or(0, |facts| facts.now)
}

/// Nothing to attach to.
pub fn attach(_: Session, _: Network) {}

/// Nobody to ask.
pub fn ask_before_leaving(_: impl Fn() -> bool + 'static) {}

/// The server is not away from itself.
pub async fn back_after(_: u32) {}

/// There is no token.
pub fn token_life() -> Option<TokenLife> {
    None
}

/// There is no token.
pub fn expire_token() {}

/// None was sent.
pub fn refreshes() -> u32 {
    0
}

/// There is no zone but UTC.
pub fn local_time(ms: i64) -> String {
    crate::app::device::utc(ms)
}

/// Nobody to choose.
pub fn choose_theme(_: &str) {}

/// None was chosen.
pub fn show_theme() {}

/// Nobody is asked.
pub fn asks_by(_: RwSignal<bool>) {}

/// Nobody was asked.
pub fn not_confirmed() {}

/// On the server nobody confirms anything but by a call.
///
/// # Errors
/// Always.
pub async fn confirm(_: Secret, _: Option<Secret>, _: Option<PasskeyCredential>) -> Result<(), ApiError> {
    Err(Code::Internal.into())
}

/// Nothing to leave.
pub fn leave(_: Option<EndReason>) {}

/// The page says it when it is rendered.
pub fn title_refused(_: bool) {}

/// Nothing has the focus.
pub fn blur() {}

/// Nothing to forget.
pub fn signed_out(_: Option<EndReason>) {}

/// There is no clipboard.
pub async fn copy(_: &str) -> bool {
    false
}

/// Nobody takes a file.
pub fn download(_: &str, _: &str) {}

/// It is for the browser.
pub fn in_browser(_: impl Future<Output = ()> + 'static) {}
