//! The generic cell rate algorithm: one number per key, the moment at which its allowance would be
//! whole again.

mod counts;
pub mod shared;

use counts::Counts;
use shared::Shared;
use std::{fmt::Display, hash::Hash, sync::Arc};

/// So many in such a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub count: u32,
    /// In how many milliseconds.
    pub period_ms: i64,
}

/// Whether one more is within the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Allowed,
    /// It is not, for so long.
    Refused {
        /// Milliseconds.
        retry_after_ms: u64,
    },
}

/// A limit and what was counted: in Redis, for all instances; without one, or while it can't be
/// reached, here.
pub struct Limiter<K> {
    name: &'static str,
    limit: Limit,
    here: Counts<K>,
    shared: Option<Arc<Shared>>,
}

impl Limit {
    /// The limit that `text` says: `100/1m`.
    pub fn parse(text: &str) -> Option<Self> {
        let (count, period) = text.split_once('/')?;
        let period_ms = i64::try_from(humantime::parse_duration(period.trim()).ok()?.as_millis()).ok()?;
        let count = count.trim().parse().ok().filter(|count| *count > 0)?;
        let limit = Self { count, period_ms };
        let possible = (1..=365 * 24 * 60 * 60 * 1000).contains(&period_ms);
        // The interval is counted in whole microseconds.
        (possible && i64::from(count) <= limit.period()).then_some(limit)
    }

    /// So many times as many.
    #[must_use]
    pub const fn times(self, factor: u32) -> Self {
        Self { count: self.count.saturating_mul(factor), ..self }
    }

    /// One's share of the period, in microseconds.
    fn interval(self) -> i64 {
        (self.period() / i64::from(self.count)).max(1)
    }

    /// In microseconds.
    fn period(self) -> i64 {
        self.period_ms * 1000
    }

    /// A moment that is further away than the whole period is from before the clock was set back.
    fn at_most(self, whole_at: i64, now: i64) -> i64 {
        whole_at.min(now.saturating_add(self.period()))
    }

    /// The decision at `now`, in microseconds: the moment to remember, or how much too early it is.
    fn decide(self, whole_at: i64, now: i64) -> Result<i64, i64> {
        let then = self.at_most(whole_at, now).max(now) + self.interval();
        let over = then - now - self.period();
        if over > 0 { Err(over) } else { Ok(then) }
    }
}

impl<K: Hash + Eq + Clone + Display> Limiter<K> {
    /// Nothing was counted yet.
    pub fn new(name: &'static str, limit: Limit, shared: Option<Arc<Shared>>) -> Self {
        Self { name, limit, here: Counts::new(), shared }
    }

    /// Counts one more of `key`; what is refused does not count. `now_ms` is of the monotonic clock.
    pub async fn count(&self, key: &K, now_ms: i64) -> Verdict {
        let now = now_ms.saturating_mul(1000);
        let shared = match &self.shared {
            // Boxed: a call that Redis has no part in need not carry it.
            Some(shared) => Box::pin(self.count_shared(shared, key, now)).await,
            None => None,
        };
        let decided = shared.unwrap_or_else(|| self.here.count(self.limit, key, now));
        match decided {
            Ok(_) => Verdict::Allowed,
            Err(over) => Verdict::Refused { retry_after_ms: over.unsigned_abs().div_ceil(1000) },
        }
    }

    /// Redis decides by its own clock. What it says is noted here, so that nobody has a new
    /// allowance when it can't be reached.
    async fn count_shared(&self, shared: &Shared, key: &K, now: i64) -> Option<Result<i64, i64>> {
        let decided = shared.count(self.limit, &self.shared_key(key)).await?;
        let ahead = decided.unwrap_or_else(|over| over + self.limit.period() - self.limit.interval());
        self.here.note(key, now.saturating_add(ahead), now);
        Some(decided)
    }

    /// Takes back what was counted last.
    pub async fn give_back(&self, key: &K) {
        self.here.give_back(self.limit, key);
        if let Some(shared) = &self.shared {
            shared.give_back(self.limit, &self.shared_key(key)).await;
        }
    }

    /// Forgets what was counted.
    pub async fn reset(&self, key: &K) {
        self.here.reset(key);
        if let Some(shared) = &self.shared {
            shared.reset(&self.shared_key(key)).await;
        }
    }

    fn shared_key(&self, key: &K) -> String {
        format!("{}{}:{key}", shared::KEYS, self.name)
    }

    /// The limit's name, in its headers and in the log.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// `RateLimit-Policy` and `RateLimit` of a refusal (draft-ietf-httpapi-ratelimit-headers).
    pub fn headers(&self, retry_after: u32) -> (String, String) {
        let (name, count, window) = (self.name, self.limit.count, self.limit.period_ms.max(1000) / 1000);
        (format!("\"{name}\";q={count};w={window}"), format!("\"{name}\";r=0;t={retry_after}"))
    }
}

#[cfg(test)]
mod tests;
