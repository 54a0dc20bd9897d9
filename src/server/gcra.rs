//! The generic cell rate algorithm: one number per key, the moment at which its allowance would be
//! whole again.

use quick_cache::sync::Cache;
use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// Keys that are remembered; one that is evicted, which are those that are seldom seen, starts anew.
const KEYS: usize = 100_000;

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

/// A limit and what was counted. Bounded, whatever number of keys there is.
pub struct Limiter<K> {
    limit: Limit,
    whole_at: Cache<K, Arc<AtomicI64>>,
}

impl Limit {
    /// The limit that `text` says: `100/1m`.
    pub fn parse(text: &str) -> Option<Self> {
        let (count, period) = text.split_once('/')?;
        let period_ms = i64::try_from(humantime::parse_duration(period.trim()).ok()?.as_millis()).ok()?;
        let count = count.trim().parse().ok().filter(|count| *count > 0)?;
        // The interval is counted in microseconds.
        (1..=365 * 24 * 60 * 60 * 1000).contains(&period_ms).then_some(Self { count, period_ms })
    }

    /// One's share of the period, in microseconds.
    fn interval(self) -> i64 {
        (self.period_ms * 1000 / i64::from(self.count)).max(1)
    }

    /// The decision at `now`, in microseconds, and the moment to remember.
    fn decide(self, whole_at: i64, now: i64) -> Result<i64, i64> {
        let period = self.period_ms * 1000;
        let then = whole_at.max(now) + self.interval();
        let over = then - now - period;
        if over > 0 { Err(over) } else { Ok(then) }
    }
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// Nothing was counted yet.
    pub fn new(limit: Limit) -> Self {
        Self { limit, whole_at: Cache::new(KEYS) }
    }

    /// Counts one more of `key`; what is refused does not count.
    pub fn count(&self, key: &K, now_ms: i64) -> Verdict {
        let now = now_ms.saturating_mul(1000);
        let cell = match self.whole_at.get(key) {
            Some(cell) => cell,
            None => self
                .whole_at
                .get_or_insert_with(key, || Ok::<_, std::convert::Infallible>(Arc::new(AtomicI64::new(now))))
                .unwrap_or_default(),
        };
        let decided =
            cell.fetch_update(Ordering::AcqRel, Ordering::Acquire, |whole_at| self.limit.decide(whole_at, now).ok());
        match decided {
            Ok(_) => Verdict::Allowed,
            Err(whole_at) => {
                let over = self.limit.decide(whole_at, now).err().unwrap_or(0);
                Verdict::Refused { retry_after_ms: over.unsigned_abs().div_ceil(1000) }
            }
        }
    }

    /// Takes back what was counted last.
    pub fn give_back(&self, key: &K) {
        if let Some(cell) = self.whole_at.get(key) {
            cell.fetch_sub(self.limit.interval(), Ordering::AcqRel);
        }
    }

    /// Forgets what was counted.
    pub fn reset(&self, key: &K) {
        self.whole_at.remove(key);
    }

    /// `RateLimit-Policy` and `RateLimit` of a refusal (draft-ietf-httpapi-ratelimit-headers).
    pub fn headers(&self, name: &str, retry_after: u32) -> (String, String) {
        let (count, window) = (self.limit.count, self.limit.period_ms.max(1000) / 1000);
        (format!("\"{name}\";q={count};w={window}"), format!("\"{name}\";r=0;t={retry_after}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_limit_is_a_number_and_a_time() {
        assert_eq!(Limit::parse("100/1m"), Some(Limit { count: 100, period_ms: 60_000 }));
        for bad in ["", "100", "0/1m", "-1/1m", "100/0s", "100/soon", "off", "1/100y"] {
            assert_eq!(Limit::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        /// The whole allowance at once, and not one more; then one more each interval.
        #[test]
        fn a_burst_and_then_evenly(count in 1..500_u32, period_ms in 1000..100_000_i64, start in 0..10_000_000_000_i64) {
            let limiter = Limiter::new(Limit { count, period_ms });
            for _ in 0..count {
                prop_assert_eq!(limiter.count(&1, start), Verdict::Allowed);
            }
            let Verdict::Refused { retry_after_ms } = limiter.count(&1, start) else {
                return Err(TestCaseError::fail("one too many"));
            };
            prop_assert!(retry_after_ms <= 1 + (period_ms / i64::from(count)).unsigned_abs());
            prop_assert_eq!(limiter.count(&2, start), Verdict::Allowed, "another key has its own");
            let later = start + i64::try_from(retry_after_ms).unwrap();
            prop_assert_eq!(limiter.count(&1, later), Verdict::Allowed);
        }

        /// In no window is more than twice the allowance used.
        #[test]
        fn never_more_than_twice_the_allowance(steps in prop::collection::vec(0..50_i64, 1..400)) {
            let limit = Limit { count: 20, period_ms: 1000 };
            let (limiter, mut now, mut allowed) = (Limiter::new(limit), 0, Vec::new());
            for step in steps {
                now += step;
                if limiter.count(&(), now) == Verdict::Allowed {
                    allowed.push(now);
                }
            }
            for start in &allowed {
                let within = allowed.iter().filter(|at| (*start..*start + 1000).contains(*at)).count();
                prop_assert!(within <= 40);
            }
        }
    }
}
