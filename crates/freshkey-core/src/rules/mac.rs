//! A MAC key and its predecessor, so that what the previous root secret signed stays valid.

use aws_lc_rs::hmac;

/// An HMAC-SHA-256 key.
pub struct MacKey {
    present: Box<hmac::Key>,
    previous: Option<Box<hmac::Key>>,
}

impl MacKey {
    /// Creates a key that signs with `present`, and also verifies with `previous`.
    pub fn new(present: &[u8; 32], previous: Option<&[u8; 32]>) -> Self {
        let key = |key: &[u8; 32]| Box::new(hmac::Key::new(hmac::HMAC_SHA256, key));
        Self { present: key(present), previous: previous.map(key) }
    }

    /// Returns the MAC of a message.
    pub fn sign(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.present, message)
    }

    /// Returns all MACs that [`MacKey::verify`] accepts, for callers that compare only part of a MAC.
    pub fn signatures(&self, message: &[u8]) -> impl Iterator<Item = hmac::Tag> {
        let keys = [Some(&self.present), self.previous.as_ref()];
        keys.into_iter().flatten().map(|key| hmac::sign(key, message)).collect::<Vec<_>>().into_iter()
    }

    /// Returns whether `mac` is a MAC of the message. Compares in constant time.
    pub fn verify(&self, message: &[u8], mac: &[u8]) -> bool {
        let signed = |key: &hmac::Key| hmac::verify(key, message, mac).is_ok();
        signed(&self.present) || self.previous.as_deref().is_some_and(signed)
    }
}
