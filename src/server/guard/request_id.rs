//! A name for each request, in its log lines and in its answer. Always our own: a name that came
//! with the request could be another request's.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderName, HeaderValue};
use tracing::Instrument;
use uuid::Uuid;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs the request in a span of its own, and logs how it went.
pub async fn name(request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    // The path only: a query may hold what people typed.
    let span = tracing::info_span!("request", %id, method = %request.method(), path = request.uri().path());
    async move {
        let mut response = next.run(request).await;
        tracing::debug!(status = response.status().as_u16(), "answered");
        if let Ok(value) = HeaderValue::try_from(id) {
            response.headers_mut().insert(X_REQUEST_ID, value);
        }
        response
    }
    .instrument(span)
    .await
}
