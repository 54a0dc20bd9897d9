//! The device token: shows which accounts were signed in to from this browser before (OWASP's device cookie). It
//! proves nothing else. A known device gets its own count of failed logins, so that guessing from elsewhere can't
//! lock the owner out.
//!
//! `base64url(MAC ‖ device ‖ entry …)`, with one entry per account: a MAC of the device, the account and the time of
//! its last password change, so that changing the password voids the entry. The outer MAC prevents adding entries of
//! another device, or made-up ones.

use super::{mac::MacKey, session::Device};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use freshkey_types::Millis;

const MAC: usize = 32;
const ID: usize = 16;
/// The most accounts in one token. The latest sign-ins are kept.
const ACCOUNTS: usize = 10;

/// The id of a device: a browser on a machine.
pub type DeviceId = [u8; ID];

/// An account that a device may be known to.
#[derive(Clone, Copy, Debug)]
pub struct KnownTo<'a> {
    /// The user's id.
    pub user: &'a str,
    /// When the password was last changed.
    pub password_changed_at: Millis,
}

type Mac = [u8; MAC];

/// The key that signs and verifies device tokens.
pub struct DeviceKey(MacKey);

impl DeviceKey {
    /// Creates a device key from a MAC key.
    pub fn new(key: MacKey) -> Self {
        Self(key)
    }

    /// Issues the token for a browser that has just signed in to `account` and sent `tokens`. The device keeps its
    /// id. Without a genuine token, the device id is derived from what the device says about itself, so that signing
    /// in repeatedly without a token does not earn more allowances than one.
    pub fn issue<'t>(
        &self,
        tokens: impl IntoIterator<Item = &'t str>,
        device: &Device,
        account: KnownTo<'_>,
    ) -> String {
        let came_with = tokens.into_iter().find_map(|text| self.read(text));
        let (id, entries) = came_with.unwrap_or_else(|| (self.id(device), Vec::new()));
        let own = entry(&id, account);
        let others = entries.into_iter().filter(|mac| !self.0.verify(&own, mac)).take(ACCOUNTS - 1);
        let mut body = [id.as_slice(), self.0.sign(&own).as_ref()].concat();
        body.extend(others.flatten());
        let mac = self.0.sign(&message(b"token", &[&body]));
        URL_SAFE_NO_PAD.encode([mac.as_ref(), &body].concat())
    }

    /// Returns the device, if one of `tokens` shows that it is known to the account. Compares in constant time.
    pub fn verify<'t>(&self, tokens: impl IntoIterator<Item = &'t str>, account: KnownTo<'_>) -> Option<DeviceId> {
        let known = |(id, entries): (DeviceId, Vec<Mac>)| {
            let own = entry(&id, account);
            entries.iter().any(|mac| self.0.verify(&own, mac)).then_some(id)
        };
        tokens.into_iter().filter_map(|text| self.read(text)).find_map(known)
    }

    /// Returns the parts of a genuine token.
    fn read(&self, text: &str) -> Option<(DeviceId, Vec<Mac>)> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (mac, body) = bytes.split_first_chunk::<MAC>()?;
        if !self.0.verify(&message(b"token", &[body]), mac) {
            return None;
        }
        let (id, rest) = body.split_first_chunk::<ID>()?;
        let (entries, []) = rest.as_chunks::<MAC>() else { return None };
        Some((*id, entries.to_vec()))
    }

    fn id(&self, device: &Device) -> DeviceId {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let mac = self.0.sign(&message(b"device", &[text(&device.ip).as_bytes(), text(&device.user_agent).as_bytes()]));
        let mut id = [0; ID];
        id.copy_from_slice(&mac.as_ref()[..ID]);
        id
    }
}

fn entry(id: &DeviceId, account: KnownTo<'_>) -> Vec<u8> {
    message(b"account", &[id, account.user.as_bytes(), &account.password_changed_at.0.to_be_bytes()])
}

/// Joins the parts, each prefixed with its length, so that no two lists make the same message.
fn message(purpose: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut message = Vec::new();
    for part in [&[purpose], parts].concat() {
        message.extend_from_slice(&part.len().to_be_bytes());
        message.extend_from_slice(part);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: KnownTo<'_> = KnownTo { user: "ada", password_changed_at: Millis::ZERO };
    const BOB: KnownTo<'_> = KnownTo { user: "bob", password_changed_at: Millis::ZERO };

    fn key(byte: u8) -> DeviceKey {
        DeviceKey::new(MacKey::new(&[byte; 32], None))
    }

    fn device(name: &str) -> Device {
        Device { ip: Some("192.0.2.1".to_owned()), user_agent: Some(name.to_owned()) }
    }

    #[test]
    fn a_token_is_for_the_accounts_that_signed_in() {
        let key = self::key(1);
        let adas = key.issue([], &device("one"), ADA);
        let id = key.verify([adas.as_str()], ADA);
        assert!(id.is_some());
        assert_eq!(key.verify([adas.as_str()], BOB), None);
        let both = key.issue([adas.as_str()], &device("another name by now"), BOB);
        assert_eq!((key.verify([both.as_str()], ADA), key.verify([both.as_str()], BOB)), (id, id));
        assert_eq!(self::key(2).verify([both.as_str()], ADA), None);
        let changed = KnownTo { password_changed_at: Millis(7), ..ADA };
        assert_eq!(key.verify([both.as_str()], changed), None, "void after a change of the password");
    }

    #[test]
    fn what_the_secret_of_before_signed_stays_good() {
        let old = self::key(1).issue([], &device("one"), ADA);
        let key = DeviceKey::new(MacKey::new(&[2; 32], Some(&[1; 32])));
        let id = key.verify([old.as_str()], ADA);
        assert!(id.is_some());
        let both = key.issue([old.as_str()], &device("one"), BOB);
        assert_eq!((key.verify([both.as_str()], ADA), key.verify([both.as_str()], BOB)), (id, id));
        let again = key.issue([both.as_str()], &device("one"), ADA);
        assert_eq!(self::key(2).verify([again.as_str()], ADA), id, "made with the present one");
    }

    #[test]
    fn a_device_is_one_however_often_it_signs_in() {
        let key = self::key(1);
        let first = key.issue([], &device("one"), ADA);
        assert_eq!(key.issue([], &device("one"), ADA), first);
        assert_eq!(key.issue([first.as_str()], &device("one"), ADA), first);
        assert_ne!(key.issue([], &device("two"), ADA), first);
    }

    #[test]
    fn what_was_planted_hides_nothing_and_a_token_does_not_grow() {
        let key = self::key(1);
        let real = key.issue([], &device("one"), ADA);
        assert!(key.verify(["x", real.as_str()], ADA).is_some());
        assert_eq!(key.issue(["x", real.as_str()], &device("two"), ADA), real);
        let mut token = real;
        for n in 0..100 {
            token = key.issue([token.as_str()], &device("one"), KnownTo { user: &n.to_string(), ..ADA });
        }
        assert!(token.len() <= 500, "{}", token.len());
        assert!(key.verify([token.as_str()], KnownTo { user: "99", ..ADA }).is_some());
        assert_eq!(key.verify([token.as_str()], ADA), None);
    }
}
