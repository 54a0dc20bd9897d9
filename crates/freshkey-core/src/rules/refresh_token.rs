//! The refresh token: `base64url(session id ‖ generation ‖ MAC)`.
//!
//! A function of the session's row and nothing else, so the successor of a generation is always the same string. The
//! losers of a race get the identical cookie, and a crash that rolled back the last commit is healed by the token
//! itself. The MAC is checked first at every use, so a forged token never reaches the database.

use super::mac::MacKey;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

const BODY: usize = 16 + 4;
const MAC: usize = 32;
/// The length of an encoded token, in characters.
const ENCODED: usize = ((BODY + MAC) * 8).div_ceil(6);

/// A genuine refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefreshToken {
    /// The session that it belongs to.
    pub session: Uuid,
    /// Its place in the session's chain of tokens.
    pub generation: u32,
}

/// The key that signs and verifies refresh tokens.
pub struct RefreshTokenKey(MacKey);

impl RefreshTokenKey {
    /// Creates a refresh token key. Tokens are made with the present MAC key, and verified with the previous one,
    /// too.
    pub fn new(key: MacKey) -> Self {
        Self(key)
    }

    /// Encodes the token. Each token has exactly one string.
    pub fn encode(&self, token: RefreshToken) -> String {
        let body = body(token);
        let mac = self.0.sign(&body);
        URL_SAFE_NO_PAD.encode([body.as_slice(), mac.as_ref()].concat())
    }

    /// Decodes `text`, if it is a genuine token. Compares in constant time.
    pub fn decode(&self, text: &str) -> Option<RefreshToken> {
        if text.len() != ENCODED {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, mac) = bytes.split_at_checked(BODY)?;
        if !self.0.verify(body, mac) {
            return None;
        }
        let (session, generation) = body.split_at_checked(16)?;
        Some(RefreshToken {
            session: Uuid::from_slice(session).ok()?,
            generation: u32::from_be_bytes(generation.try_into().ok()?),
        })
    }
}

fn body(token: RefreshToken) -> [u8; BODY] {
    let mut body = [0; BODY];
    body[..16].copy_from_slice(token.session.as_bytes());
    body[16..].copy_from_slice(&token.generation.to_be_bytes());
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> RefreshTokenKey {
        RefreshTokenKey::new(MacKey::new(&[7; 32], None))
    }

    fn key_after(previous: [u8; 32]) -> RefreshTokenKey {
        RefreshTokenKey::new(MacKey::new(&[8; 32], Some(&previous)))
    }

    proptest! {
        #[test]
        fn comes_back_as_it_went(session: u128, generation: u32) {
            let token = RefreshToken { session: Uuid::from_u128(session), generation };
            let text = key().encode(token);
            prop_assert_eq!(text.len(), ENCODED);
            prop_assert_eq!(key().decode(&text), Some(token));
            prop_assert_eq!(key_after([7; 32]).decode(&text), Some(token), "the previous key's is good");
            prop_assert_eq!(key_after([9; 32]).decode(&text), None);
            prop_assert_eq!(key().decode(&key_after([7; 32]).encode(token)), None, "the present key makes new ones");
        }

        #[test]
        fn any_other_character_anywhere_is_forged(session: u128, generation: u32, at in 0..ENCODED, with in "[A-Za-z0-9_=+/ -]") {
            let text = key().encode(RefreshToken { session: Uuid::from_u128(session), generation });
            let mut other = text.clone();
            other.replace_range(at..=at, &with);
            prop_assume!(other != text);
            prop_assert_eq!(key().decode(&other), None);
        }

        #[test]
        fn nothing_else_is_genuine(text in ".{0,200}") {
            prop_assert_eq!(key().decode(&text), None);
        }
    }
}
