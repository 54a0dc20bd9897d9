//! The challenge that a passkey signs: `until ‖ random ‖ MAC`. It is made for one browser or one user and not stored,
//! so a page that offers passkeys costs no database write. An answered challenge is remembered until it expires.

use super::CredentialError;
use crate::rules::mac::MacKey;
use aws_lc_rs::{constant_time, rand};
use freshkey_types::Millis;

const UNTIL: usize = 6;
const RANDOM: usize = 10;
const MAC: usize = 16;

/// A challenge.
pub type Challenge = [u8; UNTIL + RANDOM + MAC];

/// Whom a challenge is for. An answer from anyone else is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound<'a> {
    /// Any user's passkey, for a sign-in in this browser.
    SignIn {
        /// The digest of the browser's id.
        browser: &'a str,
    },
    /// A passkey of this user, as the second step of a sign-in in this browser.
    Step {
        /// The digest of the browser's id.
        browser: &'a str,
        /// The user's id.
        user: &'a str,
    },
    /// A passkey of this user, who is signed in.
    User {
        /// The user's id.
        user: &'a str,
    },
    /// A new passkey of this user, during a sign-in in this browser.
    NewInStep {
        /// The digest of the browser's id.
        browser: &'a str,
        /// The user's id.
        user: &'a str,
    },
    /// A new passkey of this user, who is signed in.
    New {
        /// The user's id.
        user: &'a str,
    },
}

impl Bound<'_> {
    /// Returns a text that differs for every value: digests and ids contain no NUL.
    fn text(self) -> String {
        match self {
            Self::SignIn { browser } => format!("sign-in\0{browser}"),
            Self::Step { browser, user } => format!("step\0{browser}\0{user}"),
            Self::User { user } => format!("user\0{user}"),
            Self::NewInStep { browser, user } => format!("new-in-step\0{browser}\0{user}"),
            Self::New { user } => format!("new\0{user}"),
        }
    }
}

/// The key that signs and verifies challenges.
pub struct ChallengeKey(MacKey);

impl ChallengeKey {
    /// Creates a challenge key from a MAC key.
    pub fn new(key: MacKey) -> Self {
        Self(key)
    }

    /// Returns a challenge that is valid until `until`, or `None` if the system has no randomness.
    pub fn issue(&self, bound: Bound<'_>, until: Millis) -> Option<Challenge> {
        let mut challenge = [0; UNTIL + RANDOM + MAC];
        let (head, mac) = challenge.split_at_mut(UNTIL + RANDOM);
        head[..UNTIL].copy_from_slice(until.0.to_be_bytes().get(8 - UNTIL..)?);
        rand::fill(&mut head[UNTIL..]).ok()?;
        let whole = self.0.sign(&message(head, bound));
        mac.copy_from_slice(whole.as_ref().get(..MAC)?);
        Some(challenge)
    }

    /// Verifies a challenge and returns when it expires.
    ///
    /// # Errors
    /// [`CredentialError::Challenge`]: it is not ours, is for somebody else, or has expired.
    pub fn verify(&self, challenge: &[u8], bound: Bound<'_>, now: Millis) -> Result<Millis, CredentialError> {
        let (head, mac) = challenge.split_at_checked(UNTIL + RANDOM).ok_or(CredentialError::Challenge)?;
        let message = message(head, bound);
        let is_ours = |whole: aws_lc_rs::hmac::Tag| {
            whole.as_ref().get(..MAC).is_some_and(|ours| constant_time::verify_slices_are_equal(ours, mac).is_ok())
        };
        let mut until = [0; 8];
        until[8 - UNTIL..].copy_from_slice(&head[..UNTIL]);
        let until = Millis(i64::from_be_bytes(until));
        if self.0.signatures(&message).any(is_ours) && now < until {
            Ok(until)
        } else {
            Err(CredentialError::Challenge)
        }
    }
}

fn message(head: &[u8], bound: Bound<'_>) -> Vec<u8> {
    [head, bound.text().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPIRES: Millis = Millis(1_795_474_112_345);

    fn key(byte: u8, previous: Option<u8>) -> ChallengeKey {
        ChallengeKey::new(MacKey::new(&[byte; 32], previous.map(|byte| [byte; 32]).as_ref()))
    }

    #[test]
    fn a_challenge_is_for_one_purpose_browser_and_user_and_no_longer_than_said() {
        let (key, browser, user) = (key(1, None), "b", "u");
        let every = [
            Bound::SignIn { browser },
            Bound::SignIn { browser: "other" },
            Bound::Step { browser, user },
            Bound::Step { browser, user: "other" },
            Bound::User { user },
            Bound::NewInStep { browser, user },
            Bound::New { user },
            Bound::New { user: "other" },
        ];
        for bound in every {
            let challenge = key.issue(bound, EXPIRES).expect("randomness");
            assert_eq!(challenge.len(), 32);
            for other in every {
                let verdict = key.verify(&challenge, other, EXPIRES - Millis(1));
                assert_eq!(
                    verdict,
                    if other == bound { Ok(EXPIRES) } else { Err(CredentialError::Challenge) },
                    "{bound:?} {other:?}"
                );
            }
            assert_eq!(key.verify(&challenge, bound, EXPIRES), Err(CredentialError::Challenge));
            assert_ne!(key.issue(bound, EXPIRES), Some(challenge), "each is another one");
        }
    }

    #[test]
    fn not_one_bit_of_it_can_be_another_and_it_is_whole() {
        let (key, bound) = (key(1, None), Bound::SignIn { browser: "b" });
        let challenge = key.issue(bound, EXPIRES).expect("randomness");
        for bit in 0..challenge.len() * 8 {
            let mut forged = challenge;
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.verify(&forged, bound, Millis::ZERO), Err(CredentialError::Challenge), "bit {bit}");
        }
        for length in [0, 5, 15, 16, 31] {
            assert_eq!(key.verify(&challenge[..length], bound, Millis::ZERO), Err(CredentialError::Challenge));
        }
        assert_eq!(
            key.verify(&[challenge.as_slice(), &[0]].concat(), bound, Millis::ZERO),
            Err(CredentialError::Challenge)
        );
    }

    #[test]
    fn the_root_secret_of_before_still_counts() {
        let bound = Bound::SignIn { browser: "b" };
        let challenge = key(1, None).issue(bound, EXPIRES).expect("randomness");
        assert_eq!(key(2, Some(1)).verify(&challenge, bound, Millis::ZERO), Ok(EXPIRES));
        assert_eq!(key(2, None).verify(&challenge, bound, Millis::ZERO), Err(CredentialError::Challenge));
    }
}
