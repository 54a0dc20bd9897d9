//! What an app adds as a whole: realms, texts, parts from other crates.

use super::Freshkey;
use crate::{app::types::Millis, server::realm::Realm};

impl Freshkey {
    /// Mounts a part from another crate: `part` adds with this builder's methods what the part needs.
    #[must_use]
    pub fn mount(self, part: fn(Self) -> Self) -> Self {
        part(self)
    }

    /// Adds sessions without accounts, with calls that accept them.
    ///
    /// # Panics
    /// The realm's name has characters other than small letters, digits and `-`, or is that of the database of accounts
    /// or of another realm; or its sessions live less than a second.
    #[must_use]
    pub fn realm(mut self, realm: Realm) -> Self {
        let name = realm.name;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(!name.is_empty() && name.chars().all(plain), "{name:?} is no name of a realm");
        assert!(name != "freshkey" && !self.realm_names().contains(&name), "{name:?} is taken");
        assert!(realm.life >= Millis::from_secs(1), "the sessions of {name:?} must live for a second at least");
        self.realms.push(realm);
        self
    }

    /// Serves this plain text at this path.
    #[must_use]
    pub fn text(mut self, path: &'static str, text: &'static str) -> Self {
        self.texts.push((path, text));
        self
    }

    /// Returns the realms.
    pub(in crate::server) fn realms(&self) -> &[Realm] {
        &self.realms
    }

    /// Returns the names of the realms.
    pub(in crate::server) fn realm_names(&self) -> Vec<&'static str> {
        self.realms.iter().map(|realm| realm.name).collect()
    }

    /// Returns the paths of plain texts, each with its text.
    pub(in crate::server) fn texts(&self) -> &[(&'static str, &'static str)] {
        &self.texts
    }
}
