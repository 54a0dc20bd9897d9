//! An answer with an access token, both parsed and as the server wrote it. Other tabs get the server's text: to
//! serialise it again would add code that every user downloads, 5 KB for a single number.

use crate::app::types::{Millis, Seconds, Secret, TokenAnswer};
use std::{fmt, ops::Deref};

/// The answer.
#[derive(Clone)]
pub struct Answer {
    read: TokenAnswer,
    text: String,
    issued_at: Millis,
}

impl Answer {
    /// Combines the server's text with what was parsed from it.
    pub fn new(text: String, read: TokenAnswer) -> Self {
        Self { issued_at: read.server_time, read, text }
    }

    /// When the server wrote it, on the server's clock.
    pub fn issued_at(&self) -> Millis {
        self.issued_at
    }

    /// The server's text. Its times are those of the day it was written; the parsed ones may be newer.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the same answer with the times of now, for another tab: the server's clock, and how long until the
    /// token expires.
    #[must_use]
    pub fn as_of(&self, server_time: Millis, expires_in: Seconds) -> Self {
        let read = TokenAnswer { server_time, expires_in, ..self.read.clone() };
        Self { read, text: self.text.clone(), issued_at: self.issued_at }
    }

    /// Returns the same answer without a usable token, for this tab and for others.
    #[must_use]
    pub fn spoiled(&self) -> Self {
        let read = TokenAnswer { access_token: Secret::default(), ..self.read.clone() };
        Self { read, text: String::new(), issued_at: self.issued_at }
    }
}

impl Deref for Answer {
    type Target = TokenAnswer;

    fn deref(&self) -> &TokenAnswer {
        &self.read
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read.fmt(f)
    }
}
