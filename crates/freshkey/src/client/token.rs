//! The access token, and what tabs tell each other.

use super::Now;
use crate::app::types::{EndReason, TokenAnswer};
use serde::{Deserialize, Serialize};

/// An access token and what came with it.
#[derive(Debug)]
pub struct Token {
    /// The answer that it came in.
    pub answer: TokenAnswer,
    /// When it runs out, on the monotonic clock.
    pub(super) expires_at: f64,
}

impl Token {
    #[expect(clippy::cast_precision_loss, reason = "seconds of a token's life")]
    pub(super) fn new(answer: TokenAnswer, now: &Now) -> Self {
        let expires_at = now.clock + answer.expires_in as f64 * 1000.0;
        Self { answer, expires_at }
    }

    /// How long it lives in all, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "seconds of a token's life")]
    pub(super) fn life_ms(&self) -> f64 {
        self.answer.expires_in as f64 * 1000.0
    }

    /// Milliseconds until it runs out; negative after.
    pub(super) fn remaining_ms(&self, now: &Now) -> f64 {
        self.expires_at - now.clock
    }

    /// What its session is called here.
    pub(super) fn session(&self) -> &str {
        self.answer.csrf_token.reveal()
    }

    /// The answer as it would be now: what another tab is told.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a token's life")]
    pub(super) fn answer_at(&self, server_time: u64, now: &Now) -> TokenAnswer {
        let expires_in = (self.remaining_ms(now) / 1000.0).max(0.0) as u64;
        TokenAnswer { expires_in, server_time, ..self.answer.clone() }
    }

    pub(super) fn is(&self, answer: &TokenAnswer) -> bool {
        self.answer.access_token.reveal() == answer.access_token.reveal()
    }
}

/// What tabs tell each other. A session is named by its CSRF token, where the tab knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum TabMessage {
    /// Who has an access token?
    Ask,
    /// Here is one, of the session that is.
    Refreshed(TokenAnswer),
    /// Here is one, of a new session.
    SignedIn(TokenAnswer),
    /// The user signed out of this session.
    SignedOut(Option<String>),
    /// This session is over, and why.
    Over(Option<String>, Option<EndReason>),
}
