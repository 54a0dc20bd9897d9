//! The trust token: shows that the user chose, in this browser, to skip the second step from now on.
//!
//! The threat: two browsers behind one address send the same user agent, and without a device token they count as one
//! device. Trust in one would be trust in the other. The choice: a value that only the browser has in which the user
//! ticked the box.
//!
//! `base64url(entry …)`, with one entry per account: 16 bytes that identify the account, and the value. The database
//! keeps a digest of the entry. An entry needs no MAC: nobody knows the value of another browser. Each tick makes a
//! new value, so one that an attacker planted in the browser is never trusted.

use super::mac::MacKey;
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const PART: usize = 16;
const ENTRY: usize = 2 * PART;
/// The most accounts in one token. The latest to trust the browser are kept.
const ACCOUNTS: usize = 10;

/// Shows that an account trusts a browser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Trust([u8; ENTRY]);

impl Trust {
    /// Returns the digest that the database keeps.
    pub fn digest(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &self.0))
    }
}

/// The key from which the values are made.
pub struct TrustKey(MacKey);

impl TrustKey {
    /// Creates a trust key from a MAC key.
    pub fn new(key: MacKey) -> Self {
        Self(key)
    }

    /// Returns the value by which the user's account trusts the browser that finished this step. It depends only on
    /// the user and the step, so that repeating the finishing call returns it again.
    pub fn of_step(&self, user: &str, step: &str) -> Trust {
        let (account, value) = (self.0.sign(&account(user)), self.0.sign(&value(step)));
        let mut entry = [0; ENTRY];
        entry[..PART].copy_from_slice(&account.as_ref()[..PART]);
        entry[PART..].copy_from_slice(&value.as_ref()[..PART]);
        Trust(entry)
    }

    /// Issues the token for a browser that sent `tokens` and is now trusted by the user's account. The entries of
    /// other accounts stay.
    pub fn issue<'t>(&self, tokens: impl IntoIterator<Item = &'t str>, user: &str, trust: Trust) -> String {
        let others = tokens.into_iter().flat_map(entries).filter(|entry| !self.is_of(*entry, user));
        let entries = [trust].into_iter().chain(others).take(ACCOUNTS);
        URL_SAFE_NO_PAD.encode(entries.flat_map(|Trust(entry)| entry).collect::<Vec<_>>())
    }

    /// Returns the account's entries in the tokens. Whether the account trusts them is decided by the database.
    pub fn find<'t>(&self, tokens: impl IntoIterator<Item = &'t str>, user: &str) -> Vec<Trust> {
        tokens.into_iter().flat_map(entries).filter(|entry| self.is_of(*entry, user)).take(ACCOUNTS).collect()
    }

    fn is_of(&self, Trust(entry): Trust, user: &str) -> bool {
        self.0.signatures(&account(user)).any(|mac| mac.as_ref()[..PART] == entry[..PART])
    }
}

fn account(user: &str) -> Vec<u8> {
    [b"account ", user.as_bytes()].concat()
}

fn value(step: &str) -> Vec<u8> {
    [b"value ", step.as_bytes()].concat()
}

fn entries(token: &str) -> Vec<Trust> {
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    bytes.as_chunks().0.iter().copied().map(Trust).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> TrustKey {
        TrustKey::new(MacKey::new(&[byte; 32], None))
    }

    fn digests(trust: &[Trust]) -> Vec<String> {
        trust.iter().map(Trust::digest).collect()
    }

    #[test]
    fn a_token_shows_the_trust_of_each_account_and_each_step_makes_another() {
        let key = key(1);
        let (adas, bobs) = (key.of_step("ada", "1"), key.of_step("bob", "2"));
        let token = key.issue([], "ada", adas);
        assert_eq!(digests(&key.find([token.as_str()], "ada")), [adas.digest()]);
        assert!(key.find([token.as_str()], "bob").is_empty());
        let both = key.issue([token.as_str()], "bob", bobs);
        assert_eq!(digests(&key.find([both.as_str()], "ada")), [adas.digest()], "the trust of others stays");
        let again = key.of_step("ada", "3");
        assert_ne!(again.digest(), adas.digest());
        let renewed = key.issue([both.as_str()], "ada", again);
        assert_eq!(
            digests(&key.find([renewed.as_str()], "ada")),
            [again.digest()],
            "it takes the place of the old one"
        );
        assert_eq!(digests(&key.find([renewed.as_str()], "bob")), [bobs.digest()]);
        assert_eq!(key.of_step("ada", "1").digest(), adas.digest(), "a repeat");
        assert_ne!(self::key(2).of_step("ada", "1").digest(), adas.digest());
    }

    #[test]
    fn what_the_secret_of_before_made_stays() {
        let trust = key(1).of_step("ada", "1");
        let token = key(1).issue([], "ada", trust);
        let changed = TrustKey::new(MacKey::new(&[2; 32], Some(&[1; 32])));
        assert_eq!(digests(&changed.find([token.as_str()], "ada")), [trust.digest()]);
        let token = changed.issue([token.as_str()], "ada", changed.of_step("ada", "2"));
        assert_eq!(changed.find([token.as_str()], "ada").len(), 1);
    }

    #[test]
    fn a_token_does_not_grow_and_no_text_breaks_it() {
        let key = key(1);
        let mut token = String::new();
        for n in 0..100 {
            let (user, step) = (format!("user {n}"), n.to_string());
            token = key.issue([token.as_str()], &user, key.of_step(&user, &step));
        }
        assert!(token.len() <= 430, "{}", token.len());
        assert_eq!(key.find([token.as_str()], "user 99").len(), 1);
        assert!(key.find([token.as_str()], "user 0").is_empty());
        for odd in ["", "A", "AAAA", "ä", &token[..50]] {
            assert!(key.find([odd], "ada").is_empty(), "{odd}");
        }
    }
}
