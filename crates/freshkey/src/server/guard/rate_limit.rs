//! Rate limits: GCRA, which lets the whole allowance be used at once and then refills it evenly.
//!
//! A call with a good access token, and a refresh with a genuine token, count for their session;
//! everything else under `/api` counts for the address that it comes from. So a shared address is
//! no trap for those who are signed in, and guessing has one allowance wherever it aims.

use super::{
    super::{
        client_address::{ClientAddress, subnet},
        refusal::refuse,
    },
    is_api,
};
use crate::{
    app::error::{ApiError, Code},
    server::{
        bearer::BearerVerdict,
        cookies::{self, RefreshCookie},
        described::{Caller, Described, Realm},
        gcra::{Limiter, Verdict},
        state::AppState,
    },
};
use axum::{extract::Request, response::Response};
use http::{HeaderName, HeaderValue};
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use std::{
    fmt::{self, Display},
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
};
use uuid::Uuid;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// An address; of IPv6 the /64, which is one household's.
    Address(IpAddr),
    /// A session.
    Session(Uuid),
}

/// Refuses a call whose allowance is used up.
///
/// # Errors
/// The refusal.
pub async fn check(state: &AppState, request: &mut Request) -> Result<(), Response> {
    if !is_api(request) {
        return Ok(());
    }
    let counted = who(state, request);
    let limiter = match counted {
        Counted::Address(_) => &state.limits.address,
        Counted::Session(_) => &state.limits.session,
    };
    let Some(limiter) = limiter else { return Ok(()) };
    match limiter.count(&counted, state.clock.monotonic()).await {
        Verdict::Allowed => Ok(()),
        Verdict::Refused { retry_after_ms } => {
            tracing::warn!(event = "rate_limited", by = limiter.name());
            let seconds = whole_seconds(retry_after_ms);
            let mut response = refuse(&ApiError::from(Code::RateLimited).after(seconds));
            response.headers_mut().extend(headers(limiter, seconds));
            Err(response)
        }
    }
}

/// The refusal of a server function that has a limit of its own.
pub fn limited<K: Hash + Eq + Clone + Display>(limiter: &Limiter<K>, retry_after_ms: u64) -> ApiError {
    let (seconds, options): (_, ResponseOptions) = (whole_seconds(retry_after_ms), expect_context());
    for (name, value) in headers(limiter, seconds) {
        options.insert_header(name, value);
    }
    ApiError::from(Code::RateLimited).after(seconds)
}

/// Seconds to wait, of milliseconds.
pub fn whole_seconds(ms: u64) -> u32 {
    u32::try_from(ms.div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

/// What a refusal tells of its limit.
fn headers<K: Hash + Eq + Clone + Display>(
    limiter: &Limiter<K>,
    seconds: u32,
) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let (policy, rest) = limiter.headers(seconds);
    let named = [("ratelimit-policy", policy), ("ratelimit", rest)];
    named.into_iter().filter_map(|(name, value)| Some((HeaderName::from_static(name), value.try_into().ok()?)))
}

impl Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(ip) => ip.fmt(f),
            Self::Session(id) => id.fmt(f),
        }
    }
}

fn who(state: &AppState, request: &Request) -> Counted {
    let call = Described::of(request.extensions());
    let caller = request.extensions().get::<BearerVerdict>().and_then(|verdict| verdict.0.as_ref().ok());
    let session = match (call.caller, caller) {
        _ if call.tries_secret => None,
        (Caller::Cookie, _) => match cookies::refresh(&state.settings.http, request.headers()) {
            RefreshCookie::One(text) => state.sessions.genuine(&text).map(|token| token.session),
            _ => None,
        },
        (_, Some(caller)) => Some(caller.session),
        (_, None) if call.realm == Realm::Lab => {
            state.lab.as_ref().and_then(|lab| lab.session(request.headers(), state.clock.now()))
        }
        (_, None) => None,
    };
    session.map_or_else(|| Counted::Address(address(request)), Counted::Session)
}

/// The address that counts.
fn address(request: &Request) -> IpAddr {
    let client = request.extensions().get::<ClientAddress>();
    subnet(client.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |ClientAddress(ip)| *ip))
}
