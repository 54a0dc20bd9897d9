//! The refresh token in its cookie: the call that exchanges it, and the answer that sets the next one.

use super::{
    auth::{
        refresh_token::RefreshToken,
        sessions::{IssuedTokens, SessionError},
    },
    cookies::{self, RefreshCookie, set_cookies},
    device::caller_device,
    refusal::refused,
    state::AppState,
};
use crate::app::{
    error::{ApiError, Code},
    types::{Millis, TokenAnswer},
};
use http::request::Parts;
use leptos::prelude::{expect_context, with_context};
use uuid::Uuid;

/// Returns the refresh cookie of the call.
pub(crate) fn refresh_cookie(state: &AppState) -> RefreshCookie {
    with_context(|parts: &Parts| cookies::refresh(&state.settings.http, &parts.headers)).unwrap_or(RefreshCookie::None)
}

/// Returns the browser's present session, by its cookie: a new sign-in ends it.
pub(crate) fn cookie_session(state: &AppState) -> Option<Uuid> {
    let RefreshCookie::One(text) = refresh_cookie(state) else { return None };
    state.sessions.verify_refresh_token(&text).map(|token| token.session)
}

/// Reads the refresh token in the cookie of a request.
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
        RefreshCookie::One(text) => state.sessions.verify_refresh_token(text).ok_or_else(|| {
            tracing::warn!(event = "refresh_token_forged");
            Code::InvalidRefreshToken.into()
        }),
    }
}

/// See [`crate::app::api::account::refresh_token`].
pub(crate) async fn refresh(sent_at: Option<Millis>) -> Result<TokenAnswer, ApiError> {
    let state: AppState = expect_context();
    let token = with_context(|parts: &Parts| parts.extensions.get::<RefreshToken>().copied()).flatten();
    let token = token.ok_or(Code::RefreshTokenNotFound)?;
    in_time(&state, sent_at)?;
    rotate(&state, token).await
}

/// Refuses a refresh that its sender had given up by the time it arrived.
///
/// # Errors
/// [`Code::StaleRequest`].
pub(crate) fn in_time(state: &AppState, sent_at: Option<Millis>) -> Result<(), ApiError> {
    let (now, grace_period) = (state.clock.now(), state.settings.sessions.rotation.grace_period);
    if sent_at.is_some_and(|sent_at| is_stale(sent_at, now, grace_period)) {
        Err(Code::StaleRequest.into())
    } else {
        Ok(())
    }
}

/// Refreshes the session that this token names, and returns its new tokens.
///
/// # Errors
/// See [`refused`]. If the session is over, the cookie is cleared.
pub(crate) async fn rotate(state: &AppState, token: RefreshToken) -> Result<TokenAnswer, ApiError> {
    match state.sessions.refresh(token, &caller_device(), state.clock.now()).await {
        Ok(granted) => Ok(answer(state, granted)),
        Err(error) => {
            if matches!(error, SessionError::Over(_)) {
                set_cookies(cookies::clear(&state.settings.http));
            }
            Err(refused(error))
        }
    }
}

/// Answers with a session's new tokens, and sets the cookie if there is a new one.
pub(crate) fn answer(state: &AppState, granted: IssuedTokens) -> TokenAnswer {
    if let Some(token) = &granted.cookie {
        let max_age = granted.session.remember.then_some(granted.max_age);
        set_cookies(cookies::set(&state.settings.http, token, max_age));
    }
    TokenAnswer {
        access_token: granted.access_token.into(),
        token_type: "Bearer".to_owned(),
        expires_in: granted.expires_in,
        server_time: state.clock.now(),
        refresh_timeout: state.settings.sessions.refresh_timeout(),
        csrf_token: state.sessions.csrf.token(granted.session.id).into(),
        user: granted.session.user,
    }
}

/// Whether the sender had given the request up by the time it arrived. A client waits for half the grace period, so
/// every request that it still waits for is answered within the other half.
fn is_stale(sent_at: Millis, now: Millis, grace_period: Millis) -> bool {
    grace_period > Millis::ZERO && now.saturating_sub(sent_at) > grace_period / 2
}
