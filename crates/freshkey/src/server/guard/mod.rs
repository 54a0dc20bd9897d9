//! What stands in front of the pages and the calls: one layer each, in the order of
//! [`router`](crate::server::router).

pub mod authentication;
pub mod body_limit;
pub mod caller;
pub mod client_address;
pub mod form_echo;
pub mod headers;
pub mod html_form;
pub mod origin;
pub mod rate_limit;
pub mod request_id;

use crate::{app::error::ApiError, server::call};
use axum::response::{IntoResponse, Json, Response};
use http::{HeaderMap, HeaderValue, Method, Request, header::CONTENT_TYPE};

/// A refusal as an answer, outside a server function.
pub fn refuse(error: &ApiError) -> Response {
    let (status, headers) = call::refusal(error);
    let mut response = (status, headers.into_iter().collect::<HeaderMap>(), Json(error)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(call::JSON));
    response
}

/// Whether the request is for a server function.
pub fn is_api<B>(request: &Request<B>) -> bool {
    let path = request.uri().path();
    path == "/api" || path.starts_with("/api/")
}

/// Whether the method may change something (RFC 9110, section 9.2.1).
pub fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
