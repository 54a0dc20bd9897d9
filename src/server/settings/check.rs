//! How a setting is read from its text.

use super::{Database, SettingError};
use crate::server::{auth::root_secret::RootSecret, gcra::Limit};
use ipnet::IpNet;
use std::{fs::File, io::Read, net::IpAddr, time::Duration};
use url::{Host, Url};

/// What an address to listen on is.
pub(super) const ADDRESS: &str = "an address and a port, like 127.0.0.1:3000";
/// What an origin is.
pub(super) const ORIGIN: &str = "an origin without a path, like https://example.com (http only for localhost)";
/// What Redis's address is.
pub(super) const REDIS: &str = "redis://<host>, or rediss://<host> with TLS";

/// What a root secret is.
const SECRET: &str = "at least 32 bytes in base64 or hex";
const SECRET_FILE: &str = "a readable file that holds at least 32 bytes in base64 or hex";
/// The most that is read of a secret's file.
const SECRET_FILE_BYTES: u64 = 64 * 1024;

/// Checks settings, and collects what is wrong.
#[derive(Default)]
pub(super) struct Check {
    pub(super) errors: Vec<SettingError>,
}

impl Check {
    /// The value that `text` is, if it is acceptable.
    pub(super) fn parse<T>(
        &mut self,
        variable: &'static str,
        text: &str,
        accepts: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(text.trim());
        if value.is_none() {
            self.errors.push(SettingError { variable, got: Some(text.to_owned()), accepts });
        }
        value
    }

    /// Refuses a setting.
    pub(super) fn refuse(&mut self, variable: &'static str, got: Option<String>, accepts: &'static str) {
        self.errors.push(SettingError { variable, got, accepts });
    }

    /// Whether a setting was refused whose name begins so.
    pub(super) fn refused(&self, variable: &str) -> bool {
        self.errors.iter().any(|error| error.variable.starts_with(variable))
    }

    /// The same for a value that must not be repeated.
    pub(super) fn secret<T>(
        &mut self,
        variable: &'static str,
        text: &str,
        accepts: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.parse(variable, text, accepts, parse);
        if value.is_none()
            && let Some(error) = self.errors.last_mut()
        {
            error.got = None;
        }
        value
    }

    /// A limit, or none where it is turned off.
    pub(super) fn limit(&mut self, variable: &'static str, text: &str) -> Option<Limit> {
        let limit = |text: &str| if text == "off" { Some(None) } else { Limit::parse(text).map(Some) };
        self.parse(variable, text, "a number and a time, like 100/1m, or off", limit).flatten()
    }

    /// A root secret, from the first of these two variables that is set.
    pub(super) fn root_secret(
        &mut self,
        (variable, text): (&'static str, Option<String>),
        (file_variable, file): (&'static str, Option<String>),
    ) -> Option<String> {
        let valid = |text: &str| RootSecret::parse(text).map(|_| text.to_owned());
        if let Some(text) = text {
            return self.secret(variable, &text, SECRET, valid);
        }
        let (file, read) = (file?, |file: &str| valid(read_small(file)?.trim()));
        // The secret itself, in the wrong variable, is not repeated either.
        if RootSecret::parse(&file).is_some() {
            self.secret(file_variable, &file, SECRET_FILE, read)
        } else {
            self.parse(file_variable, &file, SECRET_FILE, read)
        }
    }
}

fn read_small(file: &str) -> Option<String> {
    let mut text = String::new();
    File::open(file).ok()?.take(SECRET_FILE_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

pub(super) fn localhost(port: u16) -> String {
    format!("http://localhost:{port}")
}

pub(super) fn milliseconds(text: &str) -> Option<i64> {
    const CENTURY: Duration = Duration::from_hours(100 * 365 * 24);
    let duration = humantime::parse_duration(text).ok()?;
    i64::try_from(duration.min(CENTURY).as_millis()).ok()
}

/// None at all, or at least a millisecond: what is meant as little must not become none.
pub(super) fn parse_grace(text: &str) -> Option<i64> {
    let none = humantime::parse_duration(text).ok()?.is_zero();
    milliseconds(text).filter(|ms| none || *ms > 0)
}

/// A variable that is set to nothing is not set.
pub(super) fn not_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

pub(super) fn on_or_off(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

pub(super) fn parse_origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let loopback = match url.host()? {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(ip) => IpAddr::V4(ip).is_loopback(),
        Host::Ipv6(ip) => IpAddr::V6(ip).is_loopback(),
    };
    let nobody = url.username().is_empty() && url.password().is_none();
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && nobody;
    let safe = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    (bare && safe).then(|| url.origin().ascii_serialization())
}

/// Networks, or single addresses.
pub(super) fn parse_networks(text: &str) -> Option<Vec<IpNet>> {
    let network = |text: &str| text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(network).collect()
}

pub(super) fn parse_database(text: &str) -> Option<Database> {
    if let Some(file) = text.strip_prefix("sqlite://") {
        let path = file.split('?').next().filter(|path| !path.is_empty())?;
        return std::path::absolute(path).ok().map(Database::Sqlite);
    }
    let url = Url::parse(text).ok()?;
    matches!(url.scheme(), "postgres" | "postgresql").then(|| Database::Postgres(text.to_owned()))
}

pub(super) fn parse_redis(url: &str) -> Option<redis::Client> {
    redis::Client::open(url).ok()
}
