//! How good a new password is, as judged by the server.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How hard an accepted password is to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Not among the first guesses.
    Good,
    /// Also long.
    Strong,
}

impl Strength {
    /// The name in answers and in style sheets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Strong => "strong",
        }
    }

    /// The word for users.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "Good",
            Self::Strong => "Strong",
        }
    }
}

/// The server's verdict on a new password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasswordVerdict {
    /// How strong it is; null if it would be refused.
    pub strength: Option<Strength>,
    /// The same in words: how strong it is, or why it would be refused.
    pub message: String,
}

impl From<Result<Strength, String>> for PasswordVerdict {
    fn from(judged: Result<Strength, String>) -> Self {
        match judged {
            Ok(strength) => Self { strength: Some(strength), message: strength.word().to_owned() },
            Err(message) => Self { strength: None, message },
        }
    }
}
