//! A request id for the log lines and the answer. The server always makes it itself: an id sent by the client could be
//! that of another request.

use crate::server::client_address::ClientAddress;
use axum::{extract::Request, response::Response};
use http::{HeaderName, HeaderValue};
use std::future::Future;
use tracing::field::{self, Empty};
use uuid::Uuid;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers the request in a span of its own, and names the request in the answer.
pub async fn in_span<F: Future<Output = Response>>(request: Request, answer: impl FnOnce(Request) -> F) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    let mut response = traced(&id, request, answer).await;
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

/// Answers the request, and logs the status. `path` is the path only: a query may hold what a user typed. `user` is
/// recorded when the caller is authenticated. The level of the span is the highest one, so that lines at every level
/// are in it.
#[tracing::instrument(
    name = "request",
    level = "error",
    skip_all,
    fields(
        id = %id,
        method = %request.method(),
        path = request.uri().path(),
        client = request.extensions().get().map(|ClientAddress(client)| field::display(*client)),
        user = Empty,
    )
)]
async fn traced<F: Future<Output = Response>>(
    id: &str,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let response = answer(request).await;
    tracing::debug!(status = response.status().as_u16(), "answered");
    response
}
