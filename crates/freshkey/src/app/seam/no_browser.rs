//! The browser's half, where there is no browser.

pub mod lab;

use crate::app::{
    api::protocol::Access,
    error::{ApiError, Code},
    session::{Network, RenderedAt, Session},
    types::EndReason,
};
use http::Method;
use leptos::prelude::use_context;
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
    use_context::<RenderedAt>().map_or(0, |RenderedAt(now)| now)
}

/// Nothing to attach to.
pub fn attach(_: Session, _: Network) {}

/// Nobody to ask.
pub fn ask_before_leaving(_: impl Fn() -> bool + 'static) {}

/// The server is not away from itself.
pub async fn back_after(_: u32) {}

/// Nothing to leave.
pub fn leave(_: Option<EndReason>) {}

/// Nothing to forget.
pub fn signed_out(_: Option<EndReason>) {}
