//! The device token: shows that somebody has signed in to an account from this browser before
//! (OWASP's device cookie). It is no proof of anything else: all it gives is a count of failed
//! logins of its own, so that guessing from elsewhere can't lock the owner out.

use aws_lc_rs::{hmac, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const NONCE: usize = 16;

/// A device, as one account knows it.
pub type Device = [u8; NONCE];

/// The key that makes tokens genuine.
pub struct DeviceKey(hmac::Key);

impl DeviceKey {
    /// A key of 256 bits.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// A token for a device that has just signed in to `account`; none without randomness.
    pub fn issue(&self, account: &str) -> Option<String> {
        let mut device = [0; NONCE];
        rand::fill(&mut device).ok()?;
        let mac = hmac::sign(&self.0, &message(&device, account));
        Some(URL_SAFE_NO_PAD.encode([device.as_slice(), mac.as_ref()].concat()))
    }

    /// The device, if `text` is a token of it for `account`. Compares in constant time.
    pub fn verify(&self, text: &str, account: &str) -> Option<Device> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (device, mac) = bytes.split_first_chunk::<NONCE>()?;
        hmac::verify(&self.0, &message(device, account), mac).ok()?;
        Some(*device)
    }
}

fn message(device: &Device, account: &str) -> Vec<u8> {
    [device.as_slice(), account.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_account() {
        let key = DeviceKey::new(&[1; 32]);
        let (one, two) =
            (key.issue("ada@example.com").expect("a token"), key.issue("ada@example.com").expect("a token"));
        assert!(key.verify(&one, "ada@example.com").is_some());
        assert_ne!(key.verify(&one, "ada@example.com"), key.verify(&two, "ada@example.com"));
        assert_eq!(key.verify(&one, "bob@example.com"), None);
        assert_eq!(DeviceKey::new(&[2; 32]).verify(&one, "ada@example.com"), None);
        assert_eq!(key.verify("AAAA", "ada@example.com"), None);
    }
}
