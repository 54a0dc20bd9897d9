//! The CSRF token: a MAC of the session's id (OWASP's signed, session-bound token).
//!
//! Bound to the session and not to a generation: a form that was rendered before a rotation still
//! posts after it. Another session's token is no use, and none can be made without the key.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// The key that makes tokens genuine.
pub struct CsrfKey(hmac::Key);

impl CsrfKey {
    /// A key of 256 bits.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The session's token.
    pub fn token(&self, session: Uuid) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, session.as_bytes()))
    }

    /// Whether `text` is the session's token. Compares in constant time.
    pub fn verify(&self, session: Uuid, text: &str) -> bool {
        URL_SAFE_NO_PAD.decode(text).is_ok_and(|mac| hmac::verify(&self.0, session.as_bytes(), &mac).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sessions_own_token_will_do() {
        let key = CsrfKey::new(&[1; 32]);
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(key.verify(mine, &key.token(mine)));
        assert!(!key.verify(other, &key.token(mine)));
        assert!(!key.verify(mine, &CsrfKey::new(&[2; 32]).token(mine)));
        assert!(!key.verify(mine, "") && !key.verify(mine, "AAAA"));
    }
}
