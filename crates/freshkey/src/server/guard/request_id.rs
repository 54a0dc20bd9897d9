//! A name for each request, in its log lines and in its answer. Always our own: a name that came
//! with the request could be another request's.

use crate::server::client_address::ClientAddress;
use axum::{extract::Request, response::Response};
use http::{HeaderName, HeaderValue};
use std::future::Future;
use tracing::Instrument;
use uuid::Uuid;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Has the request answered in a span of its own, and logs how it went.
pub async fn name<F: Future<Output = Response>>(request: Request, answer: impl FnOnce(Request) -> F) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    let client = request.extensions().get().map(|ClientAddress(client)| tracing::field::display(*client));
    // The path only: a query may hold what people typed. All at once: a field that is recorded later is written by
    // reading the others again.
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
