//! An answer with an access token, read, and as the server wrote it. Other tabs are handed what the server wrote: to
//! write it anew would take code that everybody loads, five kilobytes for one number alone.

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

/// What another tab is told of it.
#[derive(Serialize, Deserialize)]
pub struct Handed {
    /// What the server wrote.
    text: String,
    /// As it is by now.
    expires_in: u64,
    /// As it is by now.
    server_time: u64,
}

impl Answer {
    /// Of a text of the server's and what is read in it.
    pub fn new(text: String, read: TokenAnswer) -> Self {
        Self { read, text }
    }

    /// Reads a text of the server's.
    ///
    /// # Errors
    /// It is another's.
    pub fn of(text: String) -> Result<Self, NotOurs> {
        Ok(Self { read: json::from_str(&text)?, text })
    }

    /// For another tab, which learns of it at once.
    pub fn as_it_is(&self) -> Handed {
        self.handed(self.server_time, self.expires_in)
    }

    /// For another tab, which learns of it at this moment of the server's clock, so many seconds before its end.
    pub fn handed(&self, server_time: u64, expires_in: u64) -> Handed {
        Handed { text: self.text.clone(), expires_in, server_time }
    }

    /// The same without a token that is good for anything, here or in another tab.
    #[must_use]
    pub fn spoiled(&self) -> Self {
        Self { read: TokenAnswer { access_token: Secret::default(), ..self.read.clone() }, text: String::new() }
    }
}

impl Handed {
    /// The answer.
    ///
    /// # Errors
    /// It is another's.
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
