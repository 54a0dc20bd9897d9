//! The CSRF token: a MAC of the session's id (OWASP's signed, session-bound token).
//!
//! It is bound to the session and not to a generation, so a form rendered before a rotation can still be submitted
//! after it. The token of another session does not work, and without the key nobody can make one.

use super::mac::MacKey;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// The key that signs and verifies CSRF tokens.
pub struct CsrfKey(MacKey);

impl CsrfKey {
    /// Creates a CSRF key. Tokens are made with the present MAC key, and verified with the previous one, too.
    pub fn new(key: MacKey) -> Self {
        Self(key)
    }

    /// Returns the session's token.
    pub fn token(&self, session: Uuid) -> String {
        URL_SAFE_NO_PAD.encode(self.0.sign(session.as_bytes()))
    }

    /// Returns whether `text` is the session's token. Compares in constant time.
    pub fn verify(&self, session: Uuid, text: &str) -> bool {
        URL_SAFE_NO_PAD.decode(text).is_ok_and(|mac| self.0.verify(session.as_bytes(), &mac))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sessions_own_token_will_do() {
        let key_of = |byte| CsrfKey::new(MacKey::new(&[byte; 32], None));
        let key = key_of(1);
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(key.verify(mine, &key.token(mine)));
        assert!(!key.verify(other, &key.token(mine)));
        assert!(!key.verify(mine, &key_of(2).token(mine)));
        let changed = CsrfKey::new(MacKey::new(&[2; 32], Some(&[1; 32])));
        assert!(changed.verify(mine, &key.token(mine)) && changed.verify(mine, &changed.token(mine)));
        assert!(!changed.verify(other, &key.token(mine)));
        assert!(!key.verify(mine, "") && !key.verify(mine, "AAAA"));
    }
}
