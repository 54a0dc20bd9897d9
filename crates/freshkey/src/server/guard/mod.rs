//! The guards in front of the pages and the calls, one module each. [`router`](crate::server::router) has their order.

pub mod authentication;
pub mod body_limit;
pub mod caller;
pub mod form_echo;
pub mod headers;
pub mod html_form;
pub mod rate_limit;
pub mod request_id;

use http::Request;

/// Whether the request is for a server function.
pub fn is_api<B>(request: &Request<B>) -> bool {
    let path = request.uri().path();
    path == "/api" || path.starts_with("/api/")
}
