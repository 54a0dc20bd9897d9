//! Realms: sessions beside those of accounts, each with a database and an audience of its own. Both follow from the
//! realm's name, so that no other realm can have them; here the operator's own database and audience are kept apart from
//! them.

use super::{Database, Http, Settings, check::Check, shown::shown};
use std::path::{Path, PathBuf};
use url::Url;

impl Settings {
    /// Returns the file of a realm's database: `<name>.db` in the data folder.
    pub fn realm_database(&self, realm: &str) -> PathBuf {
        database(&self.data.folder, realm)
    }

    /// Returns the audience of a realm's access tokens: `<origin>/<name>`.
    pub fn realm_audience(&self, realm: &str) -> String {
        audience(&self.http, realm)
    }
}

fn database(folder: &Path, realm: &str) -> PathBuf {
    folder.join(format!("{realm}.db"))
}

fn audience(http: &Http, realm: &str) -> String {
    format!("{}/{realm}", http.origin)
}

/// Refuses a realm's file as the database of accounts.
pub(super) fn refuse_database(check: &mut Check, realms: &[&str], folder: &Path, used: Option<&Database>) {
    for realm in realms {
        if used.is_some_and(|used| used.is_file(&database(folder, realm))) {
            let accepts = format!("another file than the {realm}'s, {realm}.db in the data folder");
            check.refuse("DATABASE_URL", None, accepts);
        }
    }
}

/// Refuses a realm's audience as that of accounts. With `any_port`, ignores the port, because the origin's port is not
/// known yet.
pub(super) fn refuse_audience(check: &mut Check, realms: &[&str], http: &Http, used: Option<&str>, any_port: bool) {
    for realm in realms {
        if let Some(used) = used.filter(|used| is_same(used, &audience(http, realm), any_port)) {
            let accepts = format!("an audience that is not the {realm}'s, which is <origin>/{realm}");
            check.refuse("FRESHKEY_AUDIENCE", Some(shown(used)), accepts);
        }
    }
}

/// Whether two audiences are the same in any spelling.
fn is_same(used: &str, of_realm: &str, any_port: bool) -> bool {
    let (Ok(used), Ok(of_realm)) = (Url::parse(used), Url::parse(of_realm)) else { return false };
    let same_port = any_port || used.port_or_known_default() == of_realm.port_or_known_default();
    let same_place = (used.scheme(), used.host()) == (of_realm.scheme(), of_realm.host());
    same_place && same_port && used.path().trim_end_matches('/') == of_realm.path()
}
