//! Stands in for the browser's half on the server.

use crate::app::types::{Checked, Run};
use freshkey::app::{
    error::{ApiError, Code},
    token::Token,
};
use http::Method;
use leptos::server_fn::ServerFn;
use std::future::ready;

/// Sends nothing.
///
/// # Errors
/// Always.
pub async fn call<Call>(_: &Method, _: &Call, _: Option<&str>, _: Option<&str>) -> Result<Call::Output, ApiError>
where
    Call: ServerFn<Error = ApiError>,
{
    ready(Err(Code::Internal.into())).await
}

/// Measures nothing.
///
/// # Errors
/// Always.
pub async fn compare(_: usize) -> Result<[Run; 2], ApiError> {
    ready(Err(Code::Internal.into())).await
}

/// Checks nothing.
///
/// # Errors
/// Always.
pub async fn check(_: &Token) -> Result<Checked, ApiError> {
    ready(Err(Code::Internal.into())).await
}

/// Returns 0: no clock runs.
pub fn now() -> f64 {
    0.0
}
