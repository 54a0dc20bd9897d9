//! A request id for the log lines and the answer. The server always makes it itself: an id sent by the client could be
//! that of another request.

use crate::server::client_address::ClientAddress;
use axum::{extract::Request, response::Response};
use http::{HeaderName, HeaderValue};
use std::future::Future;
use tracing::Instrument;
use uuid::Uuid;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers the request in a span of its own, and logs the status.
pub async fn name<F: Future<Output = Response>>(request: Request, answer: impl FnOnce(Request) -> F) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    let client = request.extensions().get().map(|ClientAddress(client)| tracing::field::display(*client));
    // The path only: a query may hold what a user typed. All fields at once: to record a field later, the log formats
    // the other fields again.
    let span = tracing::info_span!("request", %id, method = %request.method(), path = request.uri().path(), client);
    let mut response = async {
        let response = answer(request).await;
        tracing::debug!(status = response.status().as_u16(), "answered");
        response
    }
    .instrument(span)
    .await;
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}
