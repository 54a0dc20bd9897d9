//! Signing out of one browser.

use super::{
    bearer::bearer,
    body::{Format, format},
    caller::{check_csrf, is_csrf_token_of},
    cookies::{self, RefreshCookie, set_cookies},
    refresh::refresh_cookie,
    refusal::unavailable,
    settings::CookieName,
    state::AppState,
};
use crate::app::{error::ApiError, types::EndReason};
use http::{HeaderName, HeaderValue, request::Parts};
use leptos::prelude::{expect_context, with_context};
use leptos_axum::ResponseOptions;
use uuid::Uuid;

/// See [`crate::app::api::account::logout`]. A browser can have several refresh cookies only on an `http:` origin; each
/// genuine one names a session of this browser, and all of them end.
pub(crate) async fn logout() -> Result<(), ApiError> {
    let state: AppState = expect_context();
    let (http, sessions) = (&state.settings.http, &state.sessions);
    let genuine = |parts: &Parts| {
        let tokens = cookies::every(http, &parts.headers, CookieName::Refresh);
        tokens.filter_map(|text| sessions.verify_refresh_token(text)).map(|token| token.session).collect()
    };
    let mut ending: Vec<Uuid> = with_context(genuine).unwrap_or_default();
    // An expired token still names its session: a user who signs out must not fail because of it.
    let signed = |parts: &Parts| sessions.access_tokens.read(&bearer(&parts.headers).ok()?, state.clock.now());
    match with_context(signed).flatten() {
        Some(claims) => ending.push(claims.sid),
        // The form's page was rendered for one of these sessions.
        None if format() == Format::Form => {
            if let Some((first, others)) = ending.split_first()
                && !others.iter().any(|session| is_csrf_token_of(&state, *session))
            {
                check_csrf(&state, *first)?;
            }
        }
        None => {}
    }
    ending.sort_unstable();
    ending.dedup();
    for session in ending {
        end(&state, session, EndReason::SignedOut).await?;
    }
    if matches!(refresh_cookie(&state), RefreshCookie::Several) {
        set_cookies(cookies::clear_everywhere(http));
    }
    sign_out_here(&state);
    Ok(())
}

/// Ends a session; false if it was already over.
pub(crate) async fn end(state: &AppState, session: Uuid, reason: EndReason) -> Result<bool, ApiError> {
    state.sessions.end(session, reason, state.clock.now()).await.map_err(|error| unavailable(&error))
}

/// Clears what the browser keeps of the session that was just ended.
pub(crate) fn sign_out_here(state: &AppState) {
    set_cookies(cookies::clear(&state.settings.http));
    let options: ResponseOptions = expect_context();
    options.insert_header(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
}
