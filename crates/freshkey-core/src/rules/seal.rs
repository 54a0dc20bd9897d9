//! Encryption of what the database stores (AES-256-GCM, NIST SP 800-38D). A sealed text can be read only with the
//! root secret, and only in the place it was sealed for.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    error::Unspecified,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A key to seal with, and its predecessor, which can still open what it sealed.
pub struct SealKey {
    present: RandomizedNonceKey,
    previous: Option<RandomizedNonceKey>,
}

impl SealKey {
    /// Creates a key that seals with `present`, and also opens with `previous`.
    ///
    /// # Errors
    /// The library does not accept the key.
    pub fn new(present: &[u8; 32], previous: Option<&[u8; 32]>) -> Result<Self, Unspecified> {
        let key = |key: &[u8; 32]| RandomizedNonceKey::new(&AES_256_GCM, key);
        Ok(Self { present: key(present)?, previous: previous.map(key).transpose()? })
    }

    /// Seals a text for the place named by `place`.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn seal(&self, place: &str, text: Vec<u8>) -> Result<String, Unspecified> {
        let mut text = text;
        let nonce = self.present.seal_in_place_append_tag(Aad::from(place), &mut text)?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_ref().as_slice(), &text].concat()))
    }

    /// Opens a text that was sealed for that place. Returns `None` if it was not.
    pub fn open(&self, place: &str, sealed: &str) -> Option<Vec<u8>> {
        open(&self.present, place, sealed).or_else(|| open(self.previous.as_ref()?, place, sealed))
    }

    /// Opens a text that the previous key sealed. Returns `None` if the present key sealed it, or neither did.
    pub fn open_previous(&self, place: &str, sealed: &str) -> Option<Vec<u8>> {
        if open(&self.present, place, sealed).is_some() {
            return None;
        }
        open(self.previous.as_ref()?, place, sealed)
    }
}

fn open(key: &RandomizedNonceKey, place: &str, sealed: &str) -> Option<Vec<u8>> {
    let mut bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    key.open_in_place(nonce, Aad::from(place), text).ok().map(|text| text.to_vec())
}
