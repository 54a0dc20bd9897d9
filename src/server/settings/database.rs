//! Which database.

use std::{fmt, path::PathBuf};
use url::Url;

/// The database.
#[derive(Clone)] // no Debug: a password may be in the URL
pub enum Database {
    /// The embedded one's file.
    Sqlite(PathBuf),
    /// The URL of a Postgres.
    Postgres(String),
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
