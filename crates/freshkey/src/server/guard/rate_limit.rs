//! Rate limits: GCRA, which lets a client use the whole allowance at once and then refills it evenly.
//!
//! A call with a good access token, and a refresh with a genuine token, count for their session; everything else under
//! `/api` counts for the address that it comes from. So users behind a shared address don't slow each other down once
//! they are signed in, and guessing has one allowance, whatever it guesses.

use super::is_api;
use crate::{
    app::error::{ApiError, Code},
    server::{
        bearer::BearerVerdict,
        call_info::{CallInfo, Caller},
        client_address::{ClientAddress, subnet},
        cookies::{self, RefreshCookie},
        gcra::Verdict,
        limits::{RateLimitKey, headers, seconds_to_wait},
        refusal::refuse,
        state::AppState,
    },
};
use axum::{extract::Request, response::Response};
use std::net::{IpAddr, Ipv6Addr};

/// Refuses a call whose allowance is used up.
///
/// # Errors
/// The refusal.
pub async fn check(state: &AppState, request: &mut Request) -> Result<(), Response> {
    if !is_api(request) {
        return Ok(());
    }
    let key = key_of(state, request);
    let limiter = match key {
        RateLimitKey::Address(_) => &state.limits.address,
        RateLimitKey::Session(_) => &state.limits.session,
    };
    let Some(limiter) = limiter else { return Ok(()) };
    match limiter.count(&key, state.clock.monotonic()).await {
        Verdict::Allowed => Ok(()),
        Verdict::Refused { retry_after } => {
            tracing::warn!(event = "rate_limited", by = limiter.name());
            let wait = seconds_to_wait(retry_after);
            let mut response = refuse(&ApiError::from(Code::RateLimited).after(wait));
            response.headers_mut().extend(headers(limiter, wait));
            Err(response)
        }
    }
}

fn key_of(state: &AppState, request: &Request) -> RateLimitKey {
    let call = CallInfo::of(request.extensions());
    let caller = request.extensions().get::<BearerVerdict>().and_then(|verdict| verdict.0.as_ref().ok());
    let session = match (call.caller, caller) {
        _ if call.tries_secret => None,
        (Caller::Cookie, _) => match cookies::refresh(&state.settings.http, request.headers()) {
            RefreshCookie::One(text) => state.sessions.verify_refresh_token(&text).map(|token| token.session),
            _ => None,
        },
        (_, Some(caller)) => Some(caller.session),
        (_, None) => {
            let realm = call.realm.and_then(|name| state.realm(name));
            realm.and_then(|realm| realm.session(request.headers(), state.clock.now()))
        }
    };
    session.map_or_else(|| RateLimitKey::Address(address(request)), RateLimitKey::Session)
}

/// Returns the address to count.
fn address(request: &Request) -> IpAddr {
    let client = request.extensions().get::<ClientAddress>();
    subnet(client.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |ClientAddress(ip)| *ip))
}
