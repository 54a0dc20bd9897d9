//! Why a passkey request fails, and what the page says.

use super::error::{ApiError, Code};

/// Why no passkey was given or created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotGiven {
    /// The user closed the browser's dialog, or it timed out.
    Refused,
    /// Another request replaced this one.
    Stopped,
    /// The options expired before an answer came.
    Late,
    /// The device already has a passkey of the account.
    There,
    /// The browser can't do it.
    Unable,
}

impl NotGiven {
    /// The message for the user, if any.
    pub const fn sentence(self) -> Option<&'static str> {
        match self {
            Self::Refused => Some("No passkey was used. Try again, or take another way."),
            Self::There => Some("This device keeps a passkey of this account already."),
            Self::Unable => Some("Your browser can't use passkeys here. Take another way."),
            Self::Stopped | Self::Late => None,
        }
    }

    /// The same as an error of a call.
    pub fn error(self) -> Option<ApiError> {
        Some(ApiError { message: self.sentence()?.into(), ..Code::InvalidPasskey.into() })
    }
}
