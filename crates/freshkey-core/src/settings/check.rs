//! Parsing and checking settings.

use super::{SettingError, shown::shown};
use crate::{gcra::Limit, root_secret::RootSecret};
use freshkey_types::Millis;
use http::HeaderValue;
use ipnet::{IpNet, Ipv4Net};
use std::{
    borrow::Cow,
    fs::File,
    io::Read,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use url::{Host, Url};

/// The accepted values for an address to listen on.
pub(super) const ADDRESS: &str = "an address and a port, like 127.0.0.1:3000";
/// The accepted values for an origin.
pub(super) const ORIGIN: &str = "an origin without a path, like https://example.com (http only for localhost)";
/// The accepted values for the networks of proxies.
pub(super) const NETWORKS: &str = "networks like 10.0.0.0/8, separated by commas, that are not everybody";
/// The accepted values for an issuer or an audience.
pub(super) const NAME: &str = "a text of 1 to 255 characters on one line, like https://example.com";
/// The accepted values for the lifetime of access tokens. The maximum is there because browsers' timers run no longer
/// than this, and tokens used elsewhere can't be revoked.
pub(super) const ACCESS_TTL: &str = "a duration from 1s to 1d, like 15m";
/// The accepted values for the lifetime of sessions.
pub(super) const SESSION_TTL: &str = "a duration from 1s to 100y, like 30d";
/// The accepted values for the grace period. A browser waits half of it.
pub(super) const GRACE: &str = "a duration up to 1h, like 20s, or 0s";
/// The accepted values for the address of the metrics.
pub(super) const METRICS_ADDRESS: &str = "an address and a port that is not the site's, like 127.0.0.1:9100";
/// The accepted values for the header `Strict-Transport-Security`.
pub(super) const HSTS: &str = "max-age=<seconds>, with includeSubDomains and preload if wanted, or off";
/// The accepted values for the address of Redis.
pub(super) const REDIS: &str = "redis://<host>, or rediss://<host> with TLS";

/// The accepted values for a root secret.
const SECRET: &str = "at least 32 bytes in base64 or hex";
const SECRET_FILE: &str = "a readable file that holds at least 32 bytes in base64 or hex";
/// The longest issuer or audience, in characters.
const LONGEST_NAME: usize = 255;
/// The most bytes read from a secret's file.
const SECRET_FILE_BYTES: u64 = 64 * 1024;

/// Checks settings and collects the errors.
#[derive(Default)]
pub(super) struct Check {
    pub(super) errors: Vec<SettingError>,
}

impl Check {
    /// Parses a setting. An unacceptable value is an error.
    pub(super) fn parse<T>(
        &mut self,
        variable: &'static str,
        text: &str,
        accepts: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(text.trim());
        if value.is_none() {
            self.refuse(variable, Some(shown(text)), accepts);
        }
        value
    }

    /// Parses an issuer or an audience, if it is set.
    pub(super) fn name(&mut self, variable: &'static str, text: Option<String>) -> Option<String> {
        self.parse(variable, &not_empty(text)?, NAME, parse_name)
    }

    /// Records an error for a setting.
    pub(super) fn refuse(
        &mut self,
        variable: &'static str,
        got: Option<String>,
        accepts: impl Into<Cow<'static, str>>,
    ) {
        self.errors.push(SettingError { variable, got, accepts: accepts.into() });
    }

    /// Returns whether a setting whose name begins like this was refused.
    pub(super) fn refused(&self, variable: &str) -> bool {
        self.errors.iter().any(|error| error.variable.starts_with(variable))
    }

    /// Parses a URL that may contain a password. An error repeats only what `shown` returns.
    pub(super) fn url<T>(
        &mut self,
        variable: &'static str,
        text: &str,
        accepts: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        shown: impl Fn(&str) -> Option<String>,
    ) -> Option<T> {
        let value = parse(text.trim());
        if value.is_none() {
            self.refuse(variable, shown(text.trim()), accepts);
        }
        value
    }

    /// Parses a value that an error must not repeat.
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

    /// Parses a limit, or `None` if it is turned off.
    pub(super) fn limit(&mut self, variable: &'static str, text: &str) -> Option<Limit> {
        let limit = |text: &str| if text == "off" { Some(None) } else { Limit::parse(text).map(Some) };
        self.parse(variable, text, "a number and a time, like 100/1m, or off", limit).flatten()
    }

    /// Reads a root secret from the first of these two variables that is set.
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
        // The file's name may be the secret itself, set in the wrong variable. Then it is not repeated, either.
        let is_path = (file.starts_with('/') || file.contains('.')) && RootSecret::parse(&file).is_none();
        if is_path {
            self.parse(file_variable, &file, SECRET_FILE, read)
        } else {
            self.secret(file_variable, &file, SECRET_FILE, read)
        }
    }
}

pub(super) fn read_small(file: &str) -> Option<String> {
    let mut text = String::new();
    File::open(file).ok()?.take(SECRET_FILE_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

pub(super) fn localhost(port: u16) -> String {
    format!("http://localhost:{port}")
}

/// Parses a lifetime of at least one second and at most `longest`.
pub(super) fn lifetime(longest: Duration) -> impl Fn(&str) -> Option<Millis> {
    move |text| {
        let duration = humantime::parse_duration(text).ok()?;
        let fits = (Duration::from_secs(1)..=longest).contains(&duration);
        Millis::try_from(duration).ok().filter(|_| fits)
    }
}

/// Parses a grace period: zero, or at least a millisecond. A tiny value must not become zero.
pub(super) fn parse_grace(text: &str) -> Option<Millis> {
    let duration =
        humantime::parse_duration(text).ok().filter(|grace_period| *grace_period <= Duration::from_hours(1))?;
    Millis::try_from(duration).ok().filter(|millis| duration.is_zero() || *millis > Millis::ZERO)
}

/// Parses an issuer or an audience. A longer one would make tokens that are refused unread.
pub(super) fn parse_name(text: &str) -> Option<String> {
    let fits = (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

/// Returns whether a server can't listen on both addresses.
pub(super) fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let same_ip = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && same_ip
}

/// Treats a variable that is set to nothing as not set.
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

/// Returns whether the host is this machine.
pub(super) fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost" || name.as_ref().ends_with(".localhost"),
        Host::Ipv4(ip) => IpAddr::V4(*ip).is_loopback(),
        Host::Ipv6(ip) => IpAddr::V6(*ip).is_loopback(),
    }
}

pub(super) fn parse_origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    // Browsers can't send such an origin.
    let reachable = !url.host_str()?.contains('*') && url.port() != Some(0);
    let loopback = is_loopback(&url.host()?);
    let nobody = url.username().is_empty() && url.password().is_none();
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && nobody;
    let safe = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    // It is also the default issuer and audience.
    (bare && safe && reachable)
        .then(|| url.origin().ascii_serialization())
        .filter(|origin| origin.len() <= LONGEST_NAME)
}

/// Parses a `Strict-Transport-Security` header: `max-age` once, the other directives at most once (RFC 6797, section
/// 6.1).
pub(super) fn parse_hsts(text: &str) -> Option<HeaderValue> {
    let mut seen = Vec::new();
    for directive in text.split(';').map(str::trim).filter(|directive| !directive.is_empty()) {
        let (name, value) = directive.split_once('=').map_or((directive, None), |(name, value)| (name, Some(value)));
        let name = name.trim_end().to_ascii_lowercase();
        let digits = |value: &str| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let fits = match (name.as_str(), value) {
            ("max-age", Some(value)) => digits(value.trim()),
            ("includesubdomains" | "preload", None) => true,
            _ => false,
        };
        if !fits || seen.contains(&name) {
            return None;
        }
        seen.push(name);
    }
    seen.iter().any(|name| name == "max-age").then(|| HeaderValue::from_str(text).ok()).flatten()
}

/// Parses networks or addresses of proxies. A list that covers every address is refused: every client would be a
/// trusted proxy and could choose its own address.
pub(super) fn parse_networks(text: &str) -> Option<Vec<IpNet>> {
    let network = |text: &str| {
        let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
        Some(canonical(network))
    };
    let networks: Vec<_> =
        text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(network).collect::<Option<_>>()?;
    let everybody = IpNet::aggregate(&networks).iter().any(|network| network.prefix_len() == 0);
    (!everybody).then_some(networks)
}

/// Converts an IPv4 network written as IPv6 to IPv4, as is done with the addresses of peers.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(mapped) = network else { return network };
    let plain = mapped.addr().to_ipv4_mapped().zip(mapped.prefix_len().checked_sub(96));
    plain.and_then(|(ip, length)| Ipv4Net::new(ip, length).ok()).map_or(network, IpNet::V4)
}

pub(super) fn parse_redis(url: &str) -> Option<redis::Client> {
    redis::Client::open(url).ok()
}
