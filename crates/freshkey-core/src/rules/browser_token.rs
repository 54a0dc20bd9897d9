//! The browser token. It identifies the browser that began a flow of several calls. It proves nothing else, and is
//! the same for all flows of that browser.
//!
//! `base64url(id ‖ MAC)`. The database keeps only a digest of the id, so a copy of the database can't finish
//! anybody's flow.

use super::mac::MacKey;
use aws_lc_rs::{digest, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const ID: usize = 16;

/// A browser that has begun a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Browser([u8; ID]);

impl Browser {
    /// Returns the digest of the id, to store in the database.
    pub fn digest(self) -> String {
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &self.0))
    }
}

/// The key that signs and verifies browser tokens.
pub struct BrowserKey(MacKey);

impl BrowserKey {
    /// Creates a browser key from a MAC key.
    pub fn new(key: MacKey) -> Self {
        Self(key)
    }

    /// Returns a new browser with a random id, or `None` if the system has no randomness.
    pub fn new_browser() -> Option<Browser> {
        let mut id = [0; ID];
        rand::fill(&mut id).ok()?;
        Some(Browser(id))
    }

    /// Returns the browser's token.
    pub fn token(&self, browser: Browser) -> String {
        URL_SAFE_NO_PAD.encode([browser.0.as_slice(), self.0.sign(&browser.0).as_ref()].concat())
    }

    /// Returns the browser of the first genuine token. A token that an attacker planted beside it can't hide it.
    pub fn find<'t>(&self, tokens: impl IntoIterator<Item = &'t str>) -> Option<Browser> {
        tokens.into_iter().find_map(|text| {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
            let (id, mac) = bytes.split_first_chunk::<ID>()?;
            self.0.verify(id, mac).then_some(Browser(*id))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_genuine_token_names_a_browser_and_no_planted_one_hides_it() {
        let key = BrowserKey::new(MacKey::new(&[1; 32], None));
        let browser = BrowserKey::new_browser().expect("randomness");
        let token = key.token(browser);
        assert_eq!(key.find(["", "AAAA", &token]), Some(browser));
        let other = BrowserKey::new(MacKey::new(&[2; 32], None));
        assert_eq!(other.find([token.as_str()]), None);
        let changed = BrowserKey::new(MacKey::new(&[2; 32], Some(&[1; 32])));
        assert_eq!(changed.find([token.as_str()]), Some(browser), "what the secret of before signed stays good");
        assert_ne!(BrowserKey::new_browser().map(Browser::digest), Some(browser.digest()));
    }
}
