//! A simulated browser: one cookie jar, several tabs, a network that loses and delays, a clock that
//! is wrong, a server that crashes. Nobody honest is ever signed out, and a thief is found out.
//!
//! The table of figures in [`figures`] is the reason for rules 3 and `sent_at`; [`thief`] says what
//! they cost; [`honest`] lets chance look for what the figures missed; and [`real`] does it all over
//! HTTP.

mod browser;
mod figures;
mod honest;
mod real;
mod server;
mod thief;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const GRACE: i64 = 20 * SECOND;
/// How long an access token is good for.
const ACCESS: i64 = 15 * MINUTE;

/// Chance, the same in every run (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` up to, and without, `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % (high - low).unsigned_abs()).unwrap()
    }

    /// True once in so many.
    pub fn once_in(&mut self, many: u64) -> bool {
        many > 0 && self.next().is_multiple_of(many)
    }
}
