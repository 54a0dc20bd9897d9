//! Refusals: what the caller is told when a call fails, and the answer that carries it.

use super::{
    auth::{hasher::HashError, sessions::SessionError},
    store::{Blame, StoreError},
};
use crate::app::{
    error::{ApiError, Code},
    types::Seconds,
};
use axum::response::{IntoResponse, Json, Response};
use freshkey_core::causes::with_causes;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};

/// The content type of every answer to a call.
pub const JSON: &str = "application/json; charset=utf-8";

/// How long a client should wait when the password queue is full: by then it has emptied.
const RETRY_SOON: Seconds = Seconds(2);

/// Logs the cause of an internal error; the caller learns nothing about it.
pub fn internal(error: &dyn std::error::Error) -> ApiError {
    tracing::error!(event = "internal_error", error = %with_causes(error));
    Code::Internal.into()
}

/// Converts a database error into a refusal. Only errors that may pass soon say "try again": a client that repeats an
/// internal error would do so for ever.
pub(crate) fn unavailable(error: &StoreError) -> ApiError {
    match error.blame() {
        Blame::Unavailable => {
            tracing::error!(event = "database_unavailable", error = %with_causes(&error));
            ApiError::from(Code::Overloaded).after(RETRY_SOON)
        }
        Blame::Input => {
            tracing::warn!(event = "database_refused_input", error = %with_causes(&error));
            Code::Validation.into()
        }
        Blame::Missing => Code::NotFound.into(),
        Blame::Fault => internal(error),
    }
}

impl From<StoreError> for ApiError {
    /// Logs the cause. The caller is told to try again if the database is busy or can't be reached, and gets an
    /// internal error otherwise.
    fn from(error: StoreError) -> Self {
        unavailable(&error)
    }
}

/// Converts the reason why a password was not hashed or verified into a refusal.
pub(crate) fn hashing(error: HashError) -> ApiError {
    match error {
        HashError::Full => {
            tracing::warn!(event = "password_queue_full");
            ApiError::from(Code::Overloaded).after(RETRY_SOON)
        }
        error @ HashError::Failed(_) => internal(&error),
    }
}

/// Converts the reason why there is no session into a refusal.
pub(crate) fn refused(error: SessionError) -> ApiError {
    match error {
        SessionError::Over(reason) => ApiError::from(Code::InvalidRefreshToken).because(reason),
        SessionError::Store(error) => unavailable(&error),
        SessionError::Credentials => Code::InvalidCredentials.into(),
        SessionError::Contended => ApiError::from(Code::Overloaded).after(Seconds(1)),
        error @ SessionError::Signing(_) => internal(&error),
    }
}

/// Writes a refusal as an answer, outside a server function.
pub fn refuse(error: &ApiError) -> Response {
    let (status, headers) = head(error);
    let mut response = (status, headers.into_iter().collect::<HeaderMap>(), Json(error)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}

/// Returns a refusal's status and headers. Every 401 says how to authenticate (RFC 9110, section 15.5.2).
pub fn head(error: &ApiError) -> (StatusCode, Vec<(HeaderName, HeaderValue)>) {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut headers = Vec::new();
    if status == StatusCode::UNAUTHORIZED {
        headers.push((WWW_AUTHENTICATE, challenge(error)));
    }
    if error.retry_after > Seconds::ZERO {
        headers.push((RETRY_AFTER, error.retry_after.0.into()));
    }
    (status, headers)
}

/// Returns the value of `WWW-Authenticate` (RFC 6750, section 3; for a step-up RFC 9470, section 3).
fn challenge(error: &ApiError) -> HeaderValue {
    let plain = HeaderValue::from_static("Bearer");
    match (error.code, &error.step_up) {
        (Code::TokenExpired, _) => {
            HeaderValue::from_static(r#"Bearer error="invalid_token", error_description="Token expired""#)
        }
        (Code::SessionEnded, _) => {
            HeaderValue::from_static(r#"Bearer error="invalid_token", error_description="Session ended""#)
        }
        (Code::StepUpRequired, Some(step_up)) => {
            let recent = r#"Bearer error="insufficient_user_authentication", error_description="A more recent authentication is required""#;
            HeaderValue::try_from(format!("{recent}, max_age={}", step_up.max_age)).unwrap_or(plain)
        }
        _ => plain,
    }
}
