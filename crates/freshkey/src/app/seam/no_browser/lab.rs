//! What the page `/lab` does in the browser, where there is none.

use crate::app::{
    error::{ApiError, Code},
    token::Token,
    types::lab::{Checked, Run},
};
use http::Method;
use leptos::server_fn::ServerFn;
use std::future::ready;

/// Nothing is sent.
///
/// # Errors
/// Always.
pub async fn call<Call>(_: &Method, _: &Call, _: Option<&str>, _: Option<&str>) -> Result<Call::Output, ApiError>
where
    Call: ServerFn<Error = ApiError>,
{
    ready(Err(Code::Internal.into())).await
}

/// Nothing is measured.
///
/// # Errors
/// Always.
pub async fn compare(_: usize) -> Result<[Run; 2], ApiError> {
    ready(Err(Code::Internal.into())).await
}

/// Nothing is checked.
///
/// # Errors
/// Always.
pub async fn check(_: &Token) -> Result<Checked, ApiError> {
    ready(Err(Code::Internal.into())).await
}

/// Nobody waits.
pub async fn pause(_: u32) {
    ready(()).await;
}

/// No clock runs.
pub fn now() -> f64 {
    0.0
}
