//! Checks the caller by the head alone, before the body is read, so that a call that is refused anyway does not wait
//! for its body. [`call`](crate::server::call) checks the rest, with the body.

use super::is_api;
use crate::{
    app::error::ApiError,
    server::{
        call_info::{CallInfo, Caller},
        caller::{self, Head},
        cookies::{self, RefreshCookie},
        refresh,
        refusal::refuse,
        state::AppState,
    },
};
use axum::{extract::Request, response::Response};
use http::{Method, header::SET_COOKIE};

/// Refuses a call without the caller that it needs. Stores the refresh token in the extensions of a refresh.
///
/// # Errors
/// The refusal.
pub async fn check(state: &AppState, request: &mut Request) -> Result<(), Response> {
    if request.method() != Method::POST || !is_api(request) {
        return Ok(());
    }
    match CallInfo::of(request.extensions()).caller {
        Caller::Cookie => refresh(state, request).map_or(Ok(()), Err),
        Caller::Bearer | Caller::BearerAndCsrf => {
            protected(state, Head::of(request)).await.map_err(|error| refuse(&error))
        }
        // The body names the browser's step.
        Caller::Anybody | Caller::CookieOrBearer | Caller::BearerOrStep => Ok(()),
    }
}

/// Stores the refresh token for the call, or returns the refusal.
fn refresh(state: &AppState, request: &mut Request) -> Option<Response> {
    let http = &state.settings.http;
    let cookie = cookies::refresh(http, request.headers());
    let error = match refresh::presented(state, &cookie) {
        Ok(token) => {
            request.extensions_mut().insert(token);
            return None;
        }
        Err(error) => error,
    };
    let mut refusal = refuse(&error);
    if cookie == RefreshCookie::Several {
        refusal.headers_mut().extend(cookies::clear_everywhere(http).map(|cookie| (SET_COOKIE, cookie)));
    }
    Some(refusal)
}

async fn protected(state: &AppState, head: Head<'_>) -> Result<(), ApiError> {
    let principal = caller::principal(state, head.credential(state)?).await?;
    // The CSRF token may be in the body instead.
    head.csrf_token().map_or(Ok(()), |token| caller::check_csrf_token(state, principal.session, token))
}
