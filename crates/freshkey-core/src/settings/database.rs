//! Which database.

use sqlx::postgres::PgConnectOptions;
use std::{
    fmt,
    path::{self, Path, PathBuf},
    str::FromStr,
};
use url::Url;

/// The database.
#[derive(Clone)] // no Debug: a password may be in the URL
pub enum Database {
    /// The embedded one's file.
    Sqlite(PathBuf),
    /// The URL of a Postgres.
    Postgres(String),
}

/// What the database's URL is.
pub(super) const DATABASE: &str = "sqlite://<path>, or postgres://<address>/<database> with options that it knows \
    (sslmode, sslrootcert, sslcert, sslkey, host, hostaddr, port, dbname, user, password, application_name, options, \
    statement-cache-capacity)";
/// The options that the driver knows; it passes over any other without a word.
const OPTIONS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// The database that a URL names.
pub(super) fn parse(text: &str) -> Option<Database> {
    if let Some(file) = text.strip_prefix("sqlite://") {
        // The one option that says what is done anyway.
        let path = file.strip_suffix("?mode=rwc").unwrap_or(file);
        let plain = !path.is_empty() && !path.contains('?');
        return path::absolute(path).ok().filter(|_| plain).map(Database::Sqlite);
    }
    let url = Url::parse(text).ok()?;
    let known = |name: &str| {
        let bracketed = name.starts_with("options[") && name.ends_with(']');
        OPTIONS.contains(&name) || bracketed
    };
    // A password with `/`, `?` or `#` that is not percent-encoded ends up behind the host.
    let whole = url.fragment().is_none() && !url.path().contains('@');
    let good = matches!(url.scheme(), "postgres" | "postgresql")
        && whole
        && url.query_pairs().all(|(name, _)| known(&name))
        && PgConnectOptions::from_str(url.as_str()).is_ok();
    good.then(|| Database::Postgres(url.into()))
}

impl Database {
    /// Whether it is this file, however either is written.
    pub(super) fn is_file(&self, other: &Path) -> bool {
        let resolved = |file: &Path| {
            let (folder, name) = (file.parent()?.canonicalize().ok()?, file.file_name()?);
            let file = folder.join(name);
            Some(file.canonicalize().unwrap_or(file))
        };
        matches!(self, Self::Sqlite(file) if file == other || (resolved(file).is_some() && resolved(file) == resolved(other)))
    }
}

/// Without a password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "{}", file.display()),
            Self::Postgres(url) => match Url::parse(url) {
                Ok(url) => write!(f, "postgres://{}{}", url.host_str().unwrap_or_default(), url.path()),
                Err(_) => f.write_str("postgres"),
            },
        }
    }
}
