//! A keyed digest of an address: names an account in the log, in Redis and among the counts, also one
//! that does not exist, and tells nobody without the key which.

use super::mac::MacKey;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The key of the digests.
pub struct AccountDigestKey(MacKey);

/// A digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccountDigest(pub [u8; 32]);

impl AccountDigestKey {
    /// Digests by this key.
    pub fn new(key: MacKey) -> Self {
        Self(key)
    }

    /// The digest of an address, as it is compared.
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
