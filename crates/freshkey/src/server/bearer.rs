//! Reads the access token of a request (RFC 6750) and verifies it.

use super::refusal::unavailable;
use crate::{
    app::{
        error::{ApiError, Code},
        types::{Millis, OwnClaims, TokenUser},
    },
    server::auth::{
        access_token::TokenError,
        sessions::{AccessError, Sessions},
    },
};
use http::{HeaderMap, header::AUTHORIZATION};
use uuid::Uuid;

/// Returns the token in `Authorization: Bearer …` (RFC 6750): the scheme in any case, exactly one header.
///
/// # Errors
/// [`Code::TokenNotFound`], or [`Code::InvalidToken`] for several headers.
pub fn bearer(headers: &HeaderMap) -> Result<String, ApiError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        let none = headers.get(AUTHORIZATION).is_none();
        return Err(if none { Code::TokenNotFound } else { Code::InvalidToken }.into());
    };
    let value = value.to_str().map_err(|_| Code::InvalidToken)?.trim();
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(Code::TokenNotFound.into());
    }
    Ok(token.to_owned())
}

/// The caller of a protected function, from the context.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The user.
    pub user: TokenUser,
    /// The session.
    pub session: Uuid,
    /// The app's claims about the user at the time the access token was made; or now, if the cookie identified the
    /// caller.
    pub claims: OwnClaims,
}

/// The result of verifying a request's bearer token.
#[derive(Clone, Debug)]
pub struct BearerVerdict(pub Result<Principal, ApiError>);

/// Verifies a request's bearer token against these sessions. Without sessions, every token is invalid.
pub async fn verify(sessions: Option<&Sessions>, now: Millis, headers: &HeaderMap) -> BearerVerdict {
    let claims = match bearer(headers).map(|token| (token, sessions)) {
        Ok((_, None)) => Err(Code::InvalidToken.into()),
        Ok((token, Some(sessions))) => sessions.verify_access(&token, now).await.map_err(|refused| match refused {
            AccessError::Token(TokenError::Expired) => Code::TokenExpired.into(),
            AccessError::Token(TokenError::Invalid) => {
                tracing::warn!(event = "access_token_refused");
                Code::InvalidToken.into()
            }
            AccessError::SessionEnded(reason) => ApiError::from(Code::SessionEnded).because(reason),
            AccessError::Store(error) => unavailable(&error),
        }),
        Err(none) => Err(none),
    };
    BearerVerdict(claims.map(|claims| Principal {
        user: TokenUser { id: claims.sub.clone(), email: claims.email.clone() },
        session: claims.sid,
        claims: claims.own.clone(),
    }))
}
