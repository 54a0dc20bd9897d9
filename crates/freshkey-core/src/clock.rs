//! The time, passed in: a test moves it instead of sleeping.

use std::{
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// A wall clock, which somebody may set, and a monotonic one, which nobody can.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> i64 + Send + Sync>,
    monotonic: Arc<dyn Fn() -> i64 + Send + Sync>,
}

impl Clock {
    /// The machine's.
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

    /// A clock that says what these do.
    pub fn new(
        now: impl Fn() -> i64 + Send + Sync + 'static,
        monotonic: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), monotonic: Arc::new(monotonic) }
    }

    /// Milliseconds since 1970: what is signed, stored or shown.
    pub fn now(&self) -> i64 {
        (self.now)()
    }

    /// Milliseconds since some moment: how much time has passed, also when the wall clock was set.
    pub fn monotonic(&self) -> i64 {
        (self.monotonic)()
    }
}
