//! What a call may send: at most 64 KiB, as JSON or an HTML form, not compressed. Where the head tells, the call is
//! judged before a byte of the body is read.

use super::is_api;
use crate::{
    app::error::Code,
    server::{
        body::{FORM, media_type},
        origin::is_unsafe,
    },
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
};
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING},
};
use http_body_util::LengthLimitError;
use std::time::Duration;
use tokio::time::timeout;

/// The largest body, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// Judges a call by its head alone.
///
/// # Errors
/// [`Code::PayloadTooLarge`] or [`Code::UnsupportedMediaType`]; [`Code::BadRequest`] for a target
/// without a path, which is for proxies (RFC 9112, section 3.2.3) and takes the framework by surprise,
/// and for a transfer coding that is not just `chunked`.
pub fn judge_head(request: &Request) -> Result<(), Code> {
    if request.uri().path().is_empty() || !is_plainly_chunked(request.headers()) {
        return Err(Code::BadRequest);
    }
    if is_api(request) && is_unsafe(request.method()) { judge(request.headers()) } else { Ok(()) }
}

/// Reads the body of a call.
///
/// # Errors
/// See [`whole`].
pub async fn read(request: Request, patience: Duration) -> Result<Request, Code> {
    if !is_api(&request) || !is_unsafe(request.method()) {
        return Ok(request);
    }
    let (head, body) = request.into_parts();
    let bytes = whole(body, patience).await?;
    Ok(Request::from_parts(head, Body::from(bytes)))
}

/// Reads the whole body.
///
/// # Errors
/// [`Code::PayloadTooLarge`], or [`Code::BadRequest`] for a body that breaks off or takes too long.
pub async fn whole(body: Body, patience: Duration) -> Result<Bytes, Code> {
    match timeout(patience, to_bytes(body, MAX_BYTES)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(Code::PayloadTooLarge),
        Ok(Err(_)) | Err(_) => Err(Code::BadRequest),
    }
}

/// Whether the body has no transfer coding but `chunked`, once. The HTTP library looks only at the last coding: another
/// reader in front of us could see the end of such a body elsewhere.
fn is_plainly_chunked(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"),
        _ => false,
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>)
}

fn judge(headers: &HeaderMap) -> Result<(), Code> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BYTES as u64) {
        return Err(Code::PayloadTooLarge);
    }
    let compressed = headers.get_all(CONTENT_ENCODING).iter().any(|value| value != "identity");
    let has_body = length.unwrap_or(0) > 0 || headers.contains_key(TRANSFER_ENCODING);
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let readable = match (types.next(), types.next()) {
        (None, _) => !has_body,
        (Some(value), None) => value.to_str().is_ok_and(|value| {
            let kind = media_type(value);
            kind.eq_ignore_ascii_case("application/json") || kind.eq_ignore_ascii_case(FORM)
        }),
        _ => false,
    };
    if compressed || !readable { Err(Code::UnsupportedMediaType) } else { Ok(()) }
}
