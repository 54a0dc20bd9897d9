//! The time, as a value that is passed in, so that tests move it instead of sleeping.

use std::{
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// A wall clock, which can be set, and a monotonic clock, which cannot.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> i64 + Send + Sync>,
    monotonic: Arc<dyn Fn() -> i64 + Send + Sync>,
}

impl Clock {
    /// The machine's clocks.
    pub fn system() -> Self {
        let begun = Instant::now();
        Self::new(
            || {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            },
            move || i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX),
        )
    }

    /// A clock that reads its times from these functions.
    pub fn new(
        now: impl Fn() -> i64 + Send + Sync + 'static,
        monotonic: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), monotonic: Arc::new(monotonic) }
    }

    /// Returns milliseconds since 1970, for everything that is signed, stored or shown.
    pub fn now(&self) -> i64 {
        (self.now)()
    }

    /// Returns milliseconds since an arbitrary start. Setting the wall clock does not affect it.
    pub fn monotonic(&self) -> i64 {
        (self.monotonic)()
    }
}
