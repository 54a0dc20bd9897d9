//! Factors: what a user proves besides the password. Their secrets are in `services/factors.rs`, the second step in the
//! server's `steps/second_factor.rs`.

use super::visible;
use serde::{Deserialize, Serialize};

/// The longest name of a factor, in characters.
pub const NAME_CHARS: usize = 60;

/// The kind of a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// An authenticator app (RFC 6238).
    Totp,
    /// A passkey (`WebAuthn`).
    Passkey,
}

impl FactorKind {
    /// Returns the name used in the database.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
        }
    }

    /// Returns the kind with this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Totp, Self::Passkey].into_iter().find(|kind| kind.text() == text)
    }

    /// Returns how many of this kind an account may have.
    pub const fn most(self) -> usize {
        match self {
            Self::Totp => 5,
            Self::Passkey => 20,
        }
    }
}

/// Returns a sentence about what is wrong with a name, or `None` if it is fine.
pub fn name_flaw(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        Some("Enter a name.")
    } else if name.chars().count() > NAME_CHARS {
        Some("Use at most 60 characters.")
    } else if name.chars().any(char::is_control) {
        Some("Use one line of text.")
    } else if name.chars().any(visible::steers) {
        Some("Remove the invisible characters that change the direction of writing or the line.")
    } else if !visible::shows(name) {
        Some("Use at least one character that can be seen.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_sixty_characters() {
        for good in ["My phone", &"ä".repeat(60), "👩\u{200d}💻"] {
            assert_eq!(name_flaw(good), None, "{good}");
        }
        for bad in ["", "  ", &"a".repeat(61), "two\nlines", "a\u{0}", "a\u{2028}b", "a\u{202e}b", "\u{200b}"] {
            assert!(name_flaw(bad).is_some(), "{bad:?}");
        }
    }
}
