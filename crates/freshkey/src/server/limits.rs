//! What may be done how often.
//!
//! Three limits are the operator's: every call counts for its session or its address
//! ([`guard::rate_limit`](super::guard::rate_limit)), a failed sign-in for its account ([`login`](super::login)). What
//! else is limited is a [`LimitedAction`], ours or the app's.

use super::{
    attempts::Attempts,
    gcra::{Limit, Limiter, Verdict, shared::Shared},
    guard::rate_limit::{Counted, limited},
    settings,
    state::AppState,
};
use crate::app::error::ApiError;
use leptos::prelude::expect_context;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// An action that may be done so often. Its whole allowance may be used at once, and refills evenly.
///
/// ```
/// use freshkey::server::limits::LimitedAction;
/// use std::time::Duration;
///
/// const EXPORT: LimitedAction = LimitedAction::new("export", 5, Duration::from_mins(1));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LimitedAction {
    name: &'static str,
    /// How often.
    pub limit: Limit,
    message: Option<&'static str>,
}

impl LimitedAction {
    /// The action of this name, `count` times in such a `period`.
    pub const fn new(name: &'static str, count: u32, period: Duration) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a period is shorter than the age of the earth")]
        let period_ms = period.as_millis() as i64;
        Self { name, limit: Limit { count, period_ms }, message: None }
    }

    /// Sets the message of a refusal, which is otherwise "Too many requests, please try again later."
    #[must_use]
    pub const fn saying(self, message: &'static str) -> Self {
        Self { message: Some(message), ..self }
    }

    /// Counts one more for `key`, a user's id say, in the request that is being answered. With Redis, all instances
    /// count together.
    ///
    /// # Errors
    /// 429 where the allowance is used up, with what clients need to know of it.
    pub async fn count(&self, key: &str) -> Result<(), ApiError> {
        let state: AppState = expect_context();
        let limiter = state.limits.of(self);
        match limiter.count(&key.to_owned(), state.clock.monotonic()).await {
            Verdict::Allowed => Ok(()),
            Verdict::Refused { retry_after_ms } => {
                tracing::warn!(event = "rate_limited", by = self.name);
                let refused = limited(&limiter, retry_after_ms);
                Err(match self.message {
                    Some(message) => ApiError { message: message.into(), ..refused },
                    None => refused,
                })
            }
        }
    }

    /// Takes back what was counted last for `key`: it was not done.
    pub async fn give_back(&self, key: &str) {
        let state: AppState = expect_context();
        state.limits.of(self).give_back(&key.to_owned()).await;
    }
}

/// What was done how often; none where there is no limit.
pub struct Limits {
    /// By an address.
    pub address: Option<Limiter<Counted>>,
    /// By a session.
    pub session: Option<Limiter<Counted>>,
    /// Failed logins.
    pub login: Option<Limiter<Attempts>>,
    /// Second steps that were wrong.
    pub second_factor: Option<Limiter<Attempts>>,
    /// Emails to an address, that people ask for who are not signed in.
    pub mail: Option<Limiter<String>>,
    /// The same, by where the call comes from.
    pub mail_source: Option<Limiter<String>>,
    /// Limited actions, from their first time on.
    actions: Mutex<HashMap<&'static str, Arc<Limiter<String>>>>,
    shared: Option<Arc<Shared>>,
}

impl Limits {
    /// Nothing was done yet; or, where counts are shared, what other instances have seen.
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

    fn of(&self, action: &LimitedAction) -> Arc<Limiter<String>> {
        let mut actions = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Limiter::new(action.name, action.limit, self.shared.clone()));
        Arc::clone(actions.entry(action.name).or_insert_with(new))
    }
}
