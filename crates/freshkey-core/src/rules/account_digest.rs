//! A keyed digest of an email address. It stands for an account in the log, in Redis and in the counts, even if the
//! account does not exist. Without the key, nobody can tell which address it is.

use super::mac::MacKey;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The key that makes the digests.
pub struct AccountDigestKey(MacKey);

/// The keyed digest of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccountDigest(pub [u8; 32]);

impl AccountDigestKey {
    /// Creates a digest key from a MAC key.
    pub fn new(key: MacKey) -> Self {
        Self(key)
    }

    /// Returns the digest of an address, as it is compared.
    pub fn digest(&self, email_key: &str) -> AccountDigest {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.0.sign(email_key.as_bytes()).as_ref());
        AccountDigest(digest)
    }
}

impl std::fmt::Display for AccountDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}
