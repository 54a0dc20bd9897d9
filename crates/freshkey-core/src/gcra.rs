//! The generic cell rate algorithm. It stores one number per key: the time at which the key's full allowance is back.

mod counts;
pub mod shared;

use counts::Counts;
use freshkey_types::{Millis, Seconds};
use shared::Shared;
use std::{
    fmt::Display,
    hash::Hash,
    ops::{Add, Sub},
    sync::Arc,
};

/// A rate limit: a count per period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many are allowed per period.
    pub count: u32,
    /// The period.
    pub period: Millis,
}

/// Whether one more is within the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is within the limit.
    Allowed,
    /// The limit is used up.
    Refused {
        /// How long to wait.
        retry_after: Millis,
    },
}

/// Microseconds: the interval of a limit of many may be less than a millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Micros(i64);

impl Micros {
    const ZERO: Self = Self(0);

    fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Add for Micros {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Micros {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// A limit and its counts. The counts are in Redis, shared by all instances. Without Redis, or while Redis can't be
/// reached, they are in memory.
pub struct Limiter<K> {
    name: &'static str,
    limit: Limit,
    here: Counts<K>,
    shared: Option<Arc<Shared>>,
}

impl Limit {
    /// Parses a limit such as `100/1m`.
    pub fn parse(text: &str) -> Option<Self> {
        let (count, period) = text.split_once('/')?;
        let period = Millis::try_from(humantime::parse_duration(period.trim()).ok()?).ok()?;
        let count = count.trim().parse().ok().filter(|count| *count > 0)?;
        let limit = Self { count, period };
        let possible = (Millis(1)..=Millis::from_days(365)).contains(&period);
        // The interval is counted in whole microseconds.
        (possible && i64::from(count) <= limit.period().0).then_some(limit)
    }

    /// Returns this limit with its count multiplied by `factor`.
    #[must_use]
    pub const fn times(self, factor: u32) -> Self {
        Self { count: self.count.saturating_mul(factor), ..self }
    }

    /// The period divided by the count.
    fn interval(self) -> Micros {
        Micros((self.period().0 / i64::from(self.count)).max(1))
    }

    fn period(self) -> Micros {
        Micros(self.period.0 * 1000)
    }

    /// Caps `whole_at` at one period from now. A later time dates from before the clock was set back.
    fn at_most(self, whole_at: Micros, now: Micros) -> Micros {
        whole_at.min(now.saturating_add(self.period()))
    }

    /// Decides at `now`. `Ok` is the time to store, `Err` how much too early `now` is.
    fn decide(self, whole_at: Micros, now: Micros) -> Result<Micros, Micros> {
        let then = self.at_most(whole_at, now).max(now) + self.interval();
        let over = then - now - self.period();
        if over > Micros::ZERO { Err(over) } else { Ok(then) }
    }
}

impl<K: Hash + Eq + Clone + Display> Limiter<K> {
    /// Creates a limiter without counts.
    pub fn new(name: &'static str, limit: Limit, shared: Option<Arc<Shared>>) -> Self {
        Self { name, limit, here: Counts::new(), shared }
    }

    /// Counts one more for `key`; a refused one does not count. `now` is from the monotonic clock.
    pub async fn count(&self, key: &K, now: Millis) -> Verdict {
        let now = Micros(now.0.saturating_mul(1000));
        let shared = match &self.shared {
            // Boxed, so that calls without Redis stay small.
            Some(shared) => Box::pin(self.count_shared(shared, key, now)).await,
            None => None,
        };
        let decided = shared.unwrap_or_else(|| self.here.count(self.limit, key, now));
        match decided {
            Ok(_) => Verdict::Allowed,
            Err(over) => Verdict::Refused { retry_after: Millis((over.0 + 999) / 1000) },
        }
    }

    /// Lets Redis decide by its own clock. The result is also noted in memory, so that no key gets a new allowance
    /// when Redis can't be reached.
    async fn count_shared(&self, shared: &Shared, key: &K, now: Micros) -> Option<Result<Micros, Micros>> {
        let decided = shared.count(self.limit, &self.shared_key(key)).await?;
        let ahead = decided.unwrap_or_else(|over| over + self.limit.period() - self.limit.interval());
        self.here.note(key, now.saturating_add(ahead), now);
        Some(decided)
    }

    /// Takes back the last count.
    pub async fn give_back(&self, key: &K) {
        self.here.give_back(self.limit, key);
        if let Some(shared) = &self.shared {
            shared.give_back(self.limit, &self.shared_key(key)).await;
        }
    }

    /// Forgets the counts of `key`.
    pub async fn reset(&self, key: &K) {
        self.here.reset(key);
        if let Some(shared) = &self.shared {
            shared.reset(&self.shared_key(key)).await;
        }
    }

    fn shared_key(&self, key: &K) -> String {
        format!("{}{}:{key}", shared::KEYS, self.name)
    }

    /// The limit's name, used in its headers and in the log.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The `RateLimit-Policy` and `RateLimit` headers of a refusal (draft-ietf-httpapi-ratelimit-headers).
    pub fn headers(&self, retry_after: Seconds) -> (String, String) {
        let (name, count, window) =
            (self.name, self.limit.count, self.limit.period.max(Millis::from_secs(1)).whole_seconds());
        (format!("\"{name}\";q={count};w={window}"), format!("\"{name}\";r=0;t={retry_after}"))
    }
}

#[cfg(test)]
mod tests;
