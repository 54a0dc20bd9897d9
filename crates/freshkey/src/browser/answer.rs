//! An answer with an access token, both parsed and as the server wrote it. Other tabs get the server's text: to
//! serialise it again would add code that every user downloads, 5 KB for a single number.

use super::json::{self, NotOurs};
use crate::app::types::{Secret, TokenAnswer};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Deref};

/// The answer.
#[derive(Clone)]
pub struct Answer {
    read: TokenAnswer,
    text: String,
}

/// What another tab is sent.
#[derive(Serialize, Deserialize)]
pub struct Handed {
    /// The server's text.
    text: String,
    /// `expires_in` as of now.
    expires_in: u64,
    /// `server_time` as of now.
    server_time: u64,
}

impl Answer {
    /// Combines the server's text with what was parsed from it.
    pub fn new(text: String, read: TokenAnswer) -> Self {
        Self { read, text }
    }

    /// Parses the server's text.
    ///
    /// # Errors
    /// The text is not Freshkey's.
    pub fn of(text: String) -> Result<Self, NotOurs> {
        Ok(Self { read: json::from_str(&text)?, text })
    }

    /// Returns the message for another tab that gets it at once.
    pub fn as_it_is(&self) -> Handed {
        self.handed(self.server_time, self.expires_in)
    }

    /// Returns the message for another tab that gets it at `server_time`, with `expires_in` seconds left.
    pub fn handed(&self, server_time: u64, expires_in: u64) -> Handed {
        Handed { text: self.text.clone(), expires_in, server_time }
    }

    /// Returns the same answer without a usable token, for this tab and for others.
    #[must_use]
    pub fn spoiled(&self) -> Self {
        Self { read: TokenAnswer { access_token: Secret::default(), ..self.read.clone() }, text: String::new() }
    }
}

impl Handed {
    /// Parses the answer.
    ///
    /// # Errors
    /// The text is not Freshkey's.
    pub fn answer(self) -> Result<Answer, NotOurs> {
        let Self { text, expires_in, server_time } = self;
        let read: TokenAnswer = json::from_str(&text)?;
        Ok(Answer { read: TokenAnswer { expires_in, server_time, ..read }, text })
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
