//! Exchanging a refresh token: the body of the call, and what a step-up has in common with it.

use super::{
    account::{answer, refused, set_cookies},
    auth::{refresh_token::RefreshToken, sessions::Refused},
    cookies::{self, RefreshCookie},
    pages::caller_device,
    state::AppState,
};
use crate::app::{
    error::{ApiError, Code},
    types::TokenAnswer,
};
use http::request::Parts;
use leptos::prelude::{expect_context, with_context};

/// The refresh token in the cookie that came with a request.
///
/// # Errors
/// [`Code::RefreshTokenNotFound`]; [`Code::InvalidRefreshToken`] for several cookies or a forged one.
pub(crate) fn presented(state: &AppState, cookie: &RefreshCookie) -> Result<RefreshToken, ApiError> {
    match cookie {
        RefreshCookie::None => Err(Code::RefreshTokenNotFound.into()),
        RefreshCookie::Several => {
            tracing::warn!(event = "several_refresh_cookies");
            Err(Code::InvalidRefreshToken.into())
        }
        RefreshCookie::One(text) => state.sessions.genuine(text).ok_or_else(|| {
            tracing::warn!(event = "refresh_token_forged");
            Code::InvalidRefreshToken.into()
        }),
    }
}

/// See [`crate::app::api::account::refresh_token`].
pub(crate) async fn refresh(sent_at: Option<u64>) -> Result<TokenAnswer, ApiError> {
    let state: AppState = expect_context();
    let token = with_context(|parts: &Parts| parts.extensions.get::<RefreshToken>().copied()).flatten();
    let token = token.ok_or(Code::RefreshTokenNotFound)?;
    in_time(&state, sent_at)?;
    rotate(&state, token).await
}

/// Refuses a refresh that its sender had given up when it arrived.
///
/// # Errors
/// [`Code::StaleRequest`].
pub(crate) fn in_time(state: &AppState, sent_at: Option<u64>) -> Result<(), ApiError> {
    let (now, grace) = (state.clock.now(), state.settings.sessions.rotation.grace);
    if sent_at.is_some_and(|sent_at| is_stale(sent_at, now, grace)) { Err(Code::StaleRequest.into()) } else { Ok(()) }
}

/// Refreshes the session that this token names, and answers with what came of it.
///
/// # Errors
/// See [`refused`]; where the session is over, the cookie is cleared.
pub(crate) async fn rotate(state: &AppState, token: RefreshToken) -> Result<TokenAnswer, ApiError> {
    match state.sessions.refresh(token, &caller_device(), state.clock.now()).await {
        Ok(granted) => Ok(answer(state, granted)),
        Err(error) => {
            if matches!(error, Refused::Over(_)) {
                set_cookies(cookies::clear(&state.settings.http));
            }
            Err(refused(error))
        }
    }
}

/// Whether the sender had given the request up when it arrived: a client's patience is half the
/// grace, so that whatever it still waits for is answered within the other half.
fn is_stale(sent_at: u64, now: i64, grace: i64) -> bool {
    let sent_at = i64::try_from(sent_at).unwrap_or(i64::MAX);
    grace > 0 && now.saturating_sub(sent_at) > grace / 2
}
