//! How often something may be done.
//!
//! The operator sets these limits: every call counts for its session or its address
//! ([`guard::rate_limit`](super::guard::rate_limit)), a failed sign-in or second step for its account
//! ([`attempts`](super::attempts)), an email requested without a sign-in for its recipient and the client
//! ([`steps`](super::steps)). Any other limit is a [`LimitedAction`], the library's or the app's.

use super::{
    auth::{account_digest::AccountDigest, device_token::DeviceId},
    gcra::{Limit, Limiter, shared::Shared},
    settings,
};
use crate::app::{
    error::{ApiError, Code},
    types::{Millis, Seconds},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderName, HeaderValue};
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use std::{
    collections::HashMap,
    fmt::{self, Display},
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// An action with a limit. A client may use the whole allowance at once; it refills evenly.
///
/// ```
/// use freshkey::server::limits::LimitedAction;
/// use std::time::Duration;
///
/// const EXPORT: LimitedAction = LimitedAction::new("export", 5, Duration::from_mins(1));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LimitedAction {
    pub(super) name: &'static str,
    /// The limit.
    pub limit: Limit,
    pub(super) message: Option<&'static str>,
}

impl LimitedAction {
    /// Creates the action of this name, allowed `count` times per `period`.
    pub const fn new(name: &'static str, count: u32, period: Duration) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a period is shorter than the age of the earth")]
        let period = Millis(period.as_millis() as i64);
        Self { name, limit: Limit { count, period }, message: None }
    }

    /// Sets the message of a refusal, which is otherwise "Too many requests, please try again later."
    #[must_use]
    pub const fn saying(self, message: &'static str) -> Self {
        Self { message: Some(message), ..self }
    }
}

/// What a call counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateLimitKey {
    /// An address; for IPv6 the /64, which belongs to one household.
    Address(IpAddr),
    /// A session.
    Session(Uuid),
}

impl Display for RateLimitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(ip) => ip.fmt(f),
            Self::Session(id) => id.fmt(f),
        }
    }
}

/// Whom failures count for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoginLimitKey {
    /// An account, whichever client tries; it may not even exist.
    Account(AccountDigest),
    /// A device that has signed in to the account before.
    Device(DeviceId, AccountDigest),
    /// A session that is asked for the password, on a device that is not known.
    Session(Uuid),
}

impl Display for LoginLimitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(f, "account:{account}"),
            Self::Device(device, account) => write!(f, "device:{}:{account}", URL_SAFE_NO_PAD.encode(device)),
            Self::Session(session) => write!(f, "session:{}", session.simple()),
        }
    }
}

/// The rate limiters; none where there is no limit.
pub struct Limits {
    /// Calls by address.
    pub address: Option<Limiter<RateLimitKey>>,
    /// Calls by session.
    pub session: Option<Limiter<RateLimitKey>>,
    /// Failed logins.
    pub login: Option<Limiter<LoginLimitKey>>,
    /// Wrong second steps.
    pub second_factor: Option<Limiter<LoginLimitKey>>,
    /// Emails by address, requested by clients that are not signed in.
    pub mail: Option<Limiter<String>>,
    /// The same emails, by the client's address.
    pub mail_source: Option<Limiter<String>>,
    /// The limited actions, from their first use on.
    actions: Mutex<HashMap<&'static str, Arc<Limiter<String>>>>,
    shared: Option<Arc<Shared>>,
}

impl Limits {
    /// Creates the limiters. They start empty; shared ones start with the counts of the other instances.
    pub fn new(limits: settings::Limits, shared: Option<Arc<Shared>>) -> Self {
        Self {
            address: limits.address.map(|limit| Limiter::new("address", limit, shared.clone())),
            session: limits.session.map(|limit| Limiter::new("session", limit, shared.clone())),
            login: limits.login.map(|limit| Limiter::new("login", limit, shared.clone())),
            second_factor: limits.login.map(|limit| Limiter::new("second_factor", limit, shared.clone())),
            mail: limits.mail.map(|limit| Limiter::new("mail", limit, shared.clone())),
            mail_source: limits.mail.map(|limit| Limiter::new("mail_source", limit.times(4), shared.clone())),
            actions: Mutex::default(),
            shared,
        }
    }

    pub(super) fn of(&self, action: &LimitedAction) -> Arc<Limiter<String>> {
        let mut actions = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Limiter::new(action.name, action.limit, self.shared.clone()));
        Arc::clone(actions.entry(action.name).or_insert_with(new))
    }
}

/// Returns the refusal of a server function that has its own limit.
pub fn limited<K: Hash + Eq + Clone + Display>(limiter: &Limiter<K>, retry_after: Millis) -> ApiError {
    let (wait, options): (_, ResponseOptions) = (seconds_to_wait(retry_after), expect_context());
    for (name, value) in headers(limiter, wait) {
        options.insert_header(name, value);
    }
    ApiError::from(Code::RateLimited).after(wait)
}

/// Returns how long a client should wait, in whole seconds, at least one.
pub fn seconds_to_wait(wait: Millis) -> Seconds {
    Seconds(wait.div_ceil(Millis::from_secs(1)).clamp(1, u32::MAX.into()))
}

/// Returns the headers that tell a refused client about the limit.
pub fn headers<K: Hash + Eq + Clone + Display>(
    limiter: &Limiter<K>,
    wait: Seconds,
) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let (policy, rest) = limiter.headers(wait);
    let named = [("ratelimit-policy", policy), ("ratelimit", rest)];
    named.into_iter().filter_map(|(name, value)| Some((HeaderName::from_static(name), value.try_into().ok()?)))
}
