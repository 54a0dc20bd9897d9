//! The server's half, where there is no server.

use crate::app::{
    error::{ApiError, Code},
    session::PageState,
    types::Access,
};
use http::Method;
use std::future::Future;

/// In the browser a server function is sent: this one is never run.
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

/// It came with the HTML.
pub fn page_state() -> PageState {
    PageState::default()
}

/// It is being fetched.
pub fn preload_page(_: &str) {}

/// There is no answer.
pub fn no_page() {}
