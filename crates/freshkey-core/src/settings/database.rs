//! The database setting.

use super::shown::any_scheme;
use sqlx::postgres::PgConnectOptions;
use std::{
    fmt,
    path::{self, Path, PathBuf},
    str::FromStr,
};
use url::Url;

/// The location of the database.
#[derive(Clone)] // no Debug: the URL may contain a password
pub enum Database {
    /// The file of the embedded SQLite database.
    Sqlite(PathBuf),
    /// The URL of a Postgres database.
    Postgres(String),
}

/// The accepted values for the database's URL.
pub(super) const DATABASE: &str = "sqlite://<path>, or postgres://<address>/<database> with options that it knows \
    (sslmode, sslrootcert, sslcert, sslkey, host, hostaddr, port, dbname, user, password, application_name, options, \
    statement-cache-capacity)";
/// The options that the driver knows. It silently ignores any other.
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

/// Returns the part of a refused URL that may be shown: the scheme and the wrong options. Everything else may be a
/// user or a password, with characters that should have been percent-encoded.
pub(super) fn shown(text: &str) -> Option<String> {
    let scheme = any_scheme(text)?;
    let query = text.split_once('?').map(|(_, query)| query).filter(|query| !query.contains(['@', '#', '?']));
    let pairs = query.into_iter().flat_map(|query| query.split('&')).filter_map(|pair| pair.split_once('='));
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.[]".contains(&byte));
    let is_wrong = |name: &str, value: &str| match scheme {
        "sqlite" => (name, value) != ("mode", "rwc"),
        "postgres" | "postgresql" => {
            !is_known(name) || PgConnectOptions::from_str(&format!("postgres://host/db?{name}={value}")).is_err()
        }
        _ => false,
    };
    let wrong = pairs.filter(|(name, value)| is_name(name) && is_wrong(name, value));
    let wrong: Vec<_> = wrong.map(|(name, _)| format!("{name}=…")).collect();
    let options = if wrong.is_empty() { String::new() } else { format!("?{}", wrong.join("&")) };
    Some(format!("{scheme}://…{options}"))
}

/// Returns whether the driver knows an option with this name.
fn is_known(name: &str) -> bool {
    let bracketed = name.starts_with("options[") && name.ends_with(']');
    OPTIONS.contains(&name) || bracketed
}

/// Parses a database URL.
pub(super) fn parse(text: &str) -> Option<Database> {
    if let Some(file) = text.strip_prefix("sqlite://") {
        // The only accepted option is the default.
        let path = file.strip_suffix("?mode=rwc").unwrap_or(file);
        let plain = !path.is_empty() && !path.contains('?');
        return path::absolute(path).ok().filter(|_| plain).map(Database::Sqlite);
    }
    let url = Url::parse(text).ok()?;
    // A password with a `/`, `?` or `#` that is not percent-encoded ends up after the host.
    let whole = url.fragment().is_none() && !url.path().contains('@');
    let good = matches!(url.scheme(), "postgres" | "postgresql")
        && whole
        && url.query_pairs().all(|(name, _)| is_known(&name))
        && PgConnectOptions::from_str(url.as_str()).is_ok();
    good.then(|| Database::Postgres(url.into()))
}

impl Database {
    /// Returns whether the database is this file, however either path is written.
    pub(super) fn is_file(&self, other: &Path) -> bool {
        let resolved = |file: &Path| {
            let (folder, name) = (file.parent()?.canonicalize().ok()?, file.file_name()?);
            let file = folder.join(name);
            Some(file.canonicalize().unwrap_or(file))
        };
        matches!(self, Self::Sqlite(file) if file == other || (resolved(file).is_some() && resolved(file) == resolved(other)))
    }
}

/// The location, without user and password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "{}", file.display()),
            // Parsed by the driver, because options and the environment may name another host, or a socket.
            Self::Postgres(url) => match PgConnectOptions::from_str(url) {
                Ok(options) => {
                    let name = options.get_database().unwrap_or_default();
                    match (options.get_socket(), options.get_host()) {
                        (Some(folder), _) => write!(f, "postgres:///{name}?host={}", folder.display()),
                        (None, ip) if ip.contains(':') && !ip.starts_with('[') => {
                            write!(f, "postgres://[{ip}]:{}/{name}", options.get_port())
                        }
                        (None, host) => write!(f, "postgres://{host}:{}/{name}", options.get_port()),
                    }
                }
                Err(_) => f.write_str("postgres"),
            },
        }
    }
}
