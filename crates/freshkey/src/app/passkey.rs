//! Passkeys, as a page speaks of them.

use super::error::{ApiError, Code};

/// Why no passkey was given or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotGiven {
    /// The person closed the browser's question, or nobody answered it.
    Refused,
    /// Another question took its place.
    Stopped,
    /// The time was over in which an answer would have been good.
    Late,
    /// The device has one of the account already.
    There,
    /// The browser can't.
    Unable,
}

impl NotGiven {
    /// What the person is told, if anything.
    pub const fn sentence(self) -> Option<&'static str> {
        match self {
            Self::Refused => Some("No passkey was used. Try again, or take another way."),
            Self::There => Some("This device keeps a passkey of this account already."),
            Self::Unable => Some("Your browser can't use passkeys here. Take another way."),
            Self::Stopped | Self::Late => None,
        }
    }

    /// The same, as a call would say it.
    pub fn error(self) -> Option<ApiError> {
        Some(ApiError { message: self.sentence()?.into(), ..Code::InvalidPasskey.into() })
    }
}
