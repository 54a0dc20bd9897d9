//! The access token that the client holds.

use super::{answer::Answer, moment::Moment};
use crate::app::types::{Millis, Seconds};

/// An access token and the answer that brought it.
#[derive(Debug)]
pub struct Token {
    /// The answer that brought the token.
    pub answer: Answer,
    /// When it expires, in milliseconds on the monotonic clock, so that a wrong wall clock does no harm.
    expires_at_ms: f64,
}

impl Token {
    /// The token of an answer that has just arrived.
    pub fn new(answer: Answer, now: &Moment) -> Self {
        let mut token = Self { answer, expires_at_ms: now.monotonic_ms };
        token.expires_at_ms += token.life_ms();
        token
    }

    /// The token's whole lifetime in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "seconds of a token's life")]
    pub fn life_ms(&self) -> f64 {
        self.answer.expires_in.0 as f64 * 1000.0
    }

    /// Milliseconds until it expires; negative afterwards.
    pub fn remaining_ms(&self, now: &Moment) -> f64 {
        self.expires_at_ms - now.monotonic_ms
    }

    /// Returns the answer with the times of now, for another tab.
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a token's life")]
    pub fn as_of(&self, server_time: Millis, now: &Moment) -> Answer {
        let left = Seconds((self.remaining_ms(now) / 1000.0).max(0.0) as i64);
        self.answer.as_of(server_time, left)
    }

    /// Whether it is the same access token, even if it came by another way.
    pub fn is_same(&self, other: &Self) -> bool {
        self.answer.access_token == other.answer.access_token
    }

    /// Returns a token that the server refuses, as if this one had expired. Its recorded expiry stays, so that the
    /// client does not renew it ahead of the next calls.
    #[must_use]
    pub fn spoiled(&self) -> Self {
        Self { answer: self.answer.spoiled(), expires_at_ms: self.expires_at_ms }
    }
}
