//! The time, as a value that is passed in, so that tests move it instead of sleeping.

use freshkey_types::Millis;
use std::{
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// A wall clock, which can be set, and a monotonic clock, which cannot.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Millis + Send + Sync>,
    monotonic: Arc<dyn Fn() -> Millis + Send + Sync>,
}

impl Clock {
    /// The machine's clocks.
    pub fn system() -> Self {
        let begun = Instant::now();
        Self::new(
            || {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Millis::try_from(since).unwrap_or(Millis::MAX)
            },
            move || Millis::try_from(begun.elapsed()).unwrap_or(Millis::MAX),
        )
    }

    /// A clock that reads its times from these functions.
    pub fn new(
        now: impl Fn() -> Millis + Send + Sync + 'static,
        monotonic: impl Fn() -> Millis + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), monotonic: Arc::new(monotonic) }
    }

    /// Returns the time since 1970, for everything that is signed, stored or shown.
    pub fn now(&self) -> Millis {
        (self.now)()
    }

    /// Returns the time since an arbitrary start. Setting the wall clock does not affect it.
    pub fn monotonic(&self) -> Millis {
        (self.monotonic)()
    }
}
