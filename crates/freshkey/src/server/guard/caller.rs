//! Who calls, as far as the head tells: judged before the body is read, so that nobody waits for the body
//! of a call that is refused whatever is in it. The rest is for [`call`](crate::server::call), which also has the body.

use super::is_api;
use crate::{
    app::error::ApiError,
    server::{
        caller::{self, Head},
        cookies::{self, RefreshCookie},
        described::{Caller, Described},
        refresh,
        refusal::refuse,
        state::AppState,
    },
};
use axum::{extract::Request, response::Response};
use http::{Method, header::SET_COOKIE};

/// Refuses a call whose caller is not the one that it needs. A refresh is told its token.
///
/// # Errors
/// The refusal.
pub async fn check(state: &AppState, request: &mut Request) -> Result<(), Response> {
    if request.method() != Method::POST || !is_api(request) {
        return Ok(());
    }
    match Described::of(request.extensions()).caller {
        Caller::Cookie => refresh(state, request).map_or(Ok(()), Err),
        Caller::Bearer | Caller::BearerAndCsrf => {
            protected(state, Head::of(request)).await.map_err(|error| refuse(&error))
        }
        // Which step the browser is at, the body says.
        Caller::Anybody | Caller::CookieOrBearer | Caller::BearerOrStep => Ok(()),
    }
}

/// Tells a refresh its token; or else the refusal.
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
    let principal = caller::principal(state, head.claim(state)?).await?;
    // Where the header has no CSRF token, the body may.
    head.csrf_token().map_or(Ok(()), |token| caller::check_csrf_token(state, principal.session, token))
}
