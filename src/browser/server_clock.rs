//! The server's clock, as far as this page knows it: what `sent_at` is counted on.

use crate::app::types::TokenAnswer;
use std::cell::Cell;

thread_local! {
    /// How far the server's clock is ahead of this machine's, in milliseconds.
    static AHEAD: Cell<Option<f64>> = const { Cell::new(None) };
}

/// Learns from an answer.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
pub fn learn(answer: &TokenAnswer) {
    AHEAD.set(Some(answer.server_time as f64 - js_sys::Date::now()));
}

/// Forgets: this machine's clock was moved.
pub fn forget() {
    AHEAD.set(None);
}

/// Milliseconds since 1970 on the server's clock, if it is known.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a moment after 1970")]
pub fn now() -> Option<u64> {
    AHEAD.get().map(|ahead| (js_sys::Date::now() + ahead) as u64)
}
