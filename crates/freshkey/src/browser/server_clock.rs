//! The server's clock, as far as this page knows it; `sent_at` uses it.

use crate::app::types::TokenAnswer;
use std::cell::Cell;

thread_local! {
    /// How far the server's clock is ahead of this machine's, in milliseconds.
    static AHEAD: Cell<Option<f64>> = const { Cell::new(None) };
}

/// Takes the server's time from an answer.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
pub fn learn(answer: &TokenAnswer) {
    AHEAD.set(Some(answer.server_time as f64 - js_sys::Date::now()));
}

/// Takes the server's time from the `Date` of an answer, in whole seconds, because this machine's clock was changed
/// or the request was late. The next request must still say when it was sent, or it could be late unnoticed.
pub fn correct(date: Option<&str>) {
    let date = date.map(js_sys::Date::parse).filter(|date| date.is_finite());
    AHEAD.set(date.map(|date| date - js_sys::Date::now()));
}

/// Milliseconds since 1970 on the server's clock, if it is known.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a moment after 1970")]
pub fn now() -> Option<u64> {
    AHEAD.get().map(|ahead| (js_sys::Date::now() + ahead) as u64)
}
