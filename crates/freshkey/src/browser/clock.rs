//! This machine's clocks.

use leptos::prelude::window;

/// Milliseconds on the monotonic clock; infinite if there is none.
pub fn monotonic_ms() -> f64 {
    window().performance().map_or(f64::INFINITY, |performance| performance.now())
}

/// Milliseconds since 1970. It may be wrong, and goes on while the machine sleeps.
pub fn wall_ms() -> f64 {
    js_sys::Date::now()
}

/// Returns `ms` to twice `ms`, at random.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand milliseconds")]
pub fn jittered(ms: u32) -> u32 {
    ms + (js_sys::Math::random() * f64::from(ms)) as u32
}
