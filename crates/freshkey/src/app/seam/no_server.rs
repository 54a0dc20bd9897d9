//! Stands in for the server's half in the browser.

use crate::app::{
    error::{ApiError, Code},
    session::PageState,
    types::Access,
};
use http::Method;
use std::future::Future;

/// Not called: the browser sends a server function instead of running it.
///
/// # Errors
/// Always.
pub async fn answer<Request, Response, Input, Output, F, Fut>(
    _: Access,
    _: &Method,
    _: Request,
    _: F,
) -> Result<Response, ApiError>
where
    F: Fn(Input) -> Fut + Send,
    Fut: Future<Output = Result<Output, ApiError>> + Send,
{
    Err(Code::Internal.into())
}

/// Returns the default: the real state comes with the HTML.
pub fn page_state() -> PageState {
    PageState::default()
}

/// Does nothing: the code is being fetched.
pub fn preload_page(_: &str) {}

/// Does nothing: there is no HTTP answer.
pub fn no_page() {}
