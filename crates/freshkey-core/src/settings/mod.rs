//! The operator's settings, checked before the server listens. All errors are reported at once. A new setting needs a
//! field in `args`, its check below or in a group's file (`http`, `mail`, …), and a line in `common`: in its list if all
//! instances must share it, else in its test's `OWN`. `make reference` (`FRESHKEY_WRITE_DOCS`) adds it to docs/reference.

mod account;
mod app;
mod args;
mod check;
mod common;
mod database;
mod http;
mod lifetimes;
mod mail;
mod passkeys;
mod realms;
mod shown;
mod timeouts;

pub use account::Account;
pub use app::{AppSettings, parse_switch};
pub use args::ServeArgs;
pub use common::Common;
pub use database::Database;
pub use http::{CookieName, Http};
pub use mail::{Mail, MailTimes, MailWay, Mailbox, Smtp, SmtpTls};
pub use timeouts::Timeouts;

use crate::{
    gcra::Limit,
    rules::{
        jws::Algorithm,
        password::{self, PasswordContext},
        session::Lifetimes,
    },
};
use check::{
    ADDRESS, Check, HSTS, METRICS_ADDRESS, NETWORKS, ORIGIN, REDIS, collide, localhost, not_empty, parse_hsts,
    parse_networks, parse_origin, parse_redis,
};
use database::DATABASE;
use freshkey_types::Strength;
use ipnet::IpNet;
use shown::any_scheme;
use std::{borrow::Cow, fmt, net::SocketAddr, path::PathBuf};

/// Checked settings.
pub struct Settings {
    /// The address to listen on.
    pub addr: SocketAddr,
    /// The folder with the web files.
    pub site_root: PathBuf,
    /// The public origin.
    pub http: Http,
    /// Where data is stored.
    pub data: Data,
    /// What access tokens contain.
    pub tokens: Tokens,
    /// The lifetimes of sessions and tokens.
    pub sessions: Lifetimes,
    /// The rules for a new password.
    pub passwords: Passwords,
    /// How users prove who they are by email.
    pub account: Account,
    /// The domain that passkeys are for; `None` if there are no passkeys.
    pub rp_id: Option<String>,
    /// The proxies that are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The file with the places of IP addresses.
    pub places_file: Option<PathBuf>,
    /// The rate limits.
    pub limits: Limits,
    /// The email settings.
    pub mail: Mail,
    /// The Redis in which instances share their limits.
    pub redis: Option<redis::Client>,
    /// The settings of the app, and of the parts mounted in it.
    pub app: AppSettings,
    /// The address of the metrics.
    pub metrics_addr: Option<SocketAddr>,
    /// How long to wait for clients.
    pub timeouts: Timeouts,
    /// The settings that all instances of a deployment share.
    pub common: Common,
    /// The app's name. Passwords must not be made from it.
    pub site_name: &'static str,
    /// Whether the origin is the default one, which follows the port.
    default_origin: bool,
}

/// Where data is stored.
pub struct Data {
    /// The data folder.
    pub folder: PathBuf,
    /// The database.
    pub database: Database,
    /// The operator's root secret. If `None`, one is generated in the folder.
    pub secret: Option<String>,
    /// The previous root secret.
    pub previous_secret: Option<String>,
}

/// What access tokens contain.
#[derive(Debug)]
pub struct Tokens {
    /// `iss`; if `None`, the origin.
    pub issuer: Option<String>,
    /// `aud`; if `None`, the origin.
    pub audience: Option<String>,
    /// The algorithm that signs them.
    pub algorithm: Algorithm,
}

/// The rules for a new password.
#[derive(Debug)]
pub struct Passwords {
    /// The minimum number of characters.
    pub min_chars: usize,
}

/// The rate limits. `None` means no limit.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests from an IP address.
    pub address: Option<Limit>,
    /// Requests of a session.
    pub session: Option<Limit>,
    /// Failed logins to an account.
    pub login: Option<Limit>,
    /// Emails to an address.
    pub mail: Option<Limit>,
}

/// An unacceptable setting.
#[derive(Debug, PartialEq, Eq)]
pub struct SettingError {
    variable: &'static str,
    /// The value that was given; `None` for secrets.
    got: Option<String>,
    accepts: Cow<'static, str>,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.got {
            Some(got) => write!(f, "{} is {got:?}; it accepts {}", self.variable, self.accepts),
            None => write!(f, "{} is not acceptable; it accepts {}", self.variable, self.accepts),
        }
    }
}

impl Settings {
    /// Checks the settings of a server with these [realms](Self::realm_database), whose databases and audiences nothing
    /// else may use.
    ///
    /// # Errors
    /// One error for each unacceptable setting.
    pub fn parse(args: ServeArgs, realms: &[&str]) -> Result<Self, Vec<SettingError>> {
        Self::checked(args, realms, true)
    }

    /// Checks the settings of a command that signs nothing. It needs no root secret, even on Postgres.
    ///
    /// # Errors
    /// See [`Settings::parse`].
    pub fn without_secret(args: ServeArgs, realms: &[&str]) -> Result<Self, Vec<SettingError>> {
        Self::checked(
            ServeArgs { secret: None, secret_file: None, secret_previous: None, secret_previous_file: None, ..args },
            realms,
            false,
        )
    }

    /// Checks a new password of a user with this address and name.
    ///
    /// # Errors
    /// It is refused, with a sentence for the user who chose it.
    pub fn check_password(&self, password: &str, email: Option<&str>, name: Option<&str>) -> Result<Strength, String> {
        let about = PasswordContext { email, name, origin: &self.http.origin, site: self.site_name };
        password::check_new(password, &about, self.passwords.min_chars)
    }

    fn checked(args: ServeArgs, realms: &[&str], signs: bool) -> Result<Self, Vec<SettingError>> {
        let mut check = Check::default();
        let common = Common::of(&args);
        let (account, mail_limit) = account::parse(&mut check, &args);
        let sessions = lifetimes::parse(&mut check, &args);
        let addr = check.parse("LEPTOS_SITE_ADDR", &args.site_addr, ADDRESS, |text| text.parse::<SocketAddr>().ok());
        let origin = args.origin.as_deref().map(|origin| check.parse("FRESHKEY_ORIGIN", origin, ORIGIN, parse_origin));
        let hsts = match args.hsts.trim() {
            "off" => None,
            text => check.parse("FRESHKEY_HSTS", text, HSTS, parse_hsts),
        };
        let folder = |text: &str| std::path::absolute(text).ok();
        let folder = check.parse("FRESHKEY_DATA_DIR", &args.data_dir, "a folder", folder).unwrap_or_default();
        let database = match not_empty(args.database_url) {
            None => Some(Database::Sqlite(folder.join("freshkey.db"))),
            Some(url) => check.url("DATABASE_URL", &url, DATABASE, database::parse, database::shown),
        };
        realms::refuse_database(&mut check, realms, &folder, database.as_ref());
        let required = signs && matches!(database, Some(Database::Postgres(_)));
        let secret = check.root_secret(("FRESHKEY_SECRET", args.secret), ("FRESHKEY_SECRET_FILE", args.secret_file));
        if required && secret.is_none() && !check.refused("FRESHKEY_SECRET") {
            // A generated secret would differ on each machine.
            check.refuse("FRESHKEY_SECRET", None, "at least 32 bytes in base64 or hex; Postgres requires it");
        }
        let previous_secret = check.root_secret(
            ("FRESHKEY_SECRET_PREVIOUS", not_empty(args.secret_previous)),
            ("FRESHKEY_SECRET_PREVIOUS_FILE", not_empty(args.secret_previous_file)),
        );
        let redis_scheme = |url: &str| any_scheme(url).map(|scheme| format!("{scheme}://…"));
        let redis = not_empty(args.redis_url);
        let redis = redis.and_then(|url| check.url("REDIS_URL", &url, REDIS, parse_redis, redis_scheme));
        let min_chars = check.parse("FRESHKEY_PASSWORD_MIN", &args.password_min, "a number from 8 to 64", |text| {
            text.parse().ok().filter(|n| (8..=64).contains(n))
        });
        let proxies = args.trusted_proxies.as_deref();
        let proxies = proxies.map(|text| check.parse("FRESHKEY_TRUSTED_PROXIES", text, NETWORKS, parse_networks));
        let algorithm = check
            .parse("FRESHKEY_ALGORITHM", &args.algorithm, "EdDSA, ES256 or HS256", Algorithm::parse)
            .unwrap_or(Algorithm::EdDsa);
        let metrics_addr = not_empty(args.metrics_addr).map(|metrics| {
            let apart = |metrics: &SocketAddr| addr.is_none_or(|addr| !collide(addr, *metrics));
            check.parse("FRESHKEY_METRICS_ADDR", &metrics, METRICS_ADDRESS, |text| text.parse().ok().filter(apart))
        });
        let limits = Limits {
            address: check.limit("FRESHKEY_RATE_LIMIT", &args.rate_limit),
            session: check.limit("FRESHKEY_SESSION_RATE_LIMIT", &args.session_rate_limit),
            login: check.limit("FRESHKEY_LOGIN_RATE_LIMIT", &args.login_rate_limit),
            mail: mail_limit,
        };

        let issuer = check.name("FRESHKEY_ISSUER", args.issuer);
        let audience = check.name("FRESHKEY_AUDIENCE", args.audience);
        let default_origin = args.origin.is_none();
        let origin = origin.flatten().unwrap_or_else(|| localhost(addr.map_or(0, |addr| addr.port())));
        let http = Http::new(origin, hsts);
        let rp_id = passkeys::parse(&mut check, not_empty(args.rp_id), &http.origin);
        let mail = mail::parse(
            &mut check,
            mail::Texts {
                mail: not_empty(args.mail),
                password_file: not_empty(args.mail_password_file),
                from: not_empty(args.mail_from),
                reply_to: not_empty(args.mail_reply_to),
                languages: args.languages,
            },
            &http,
        );
        let any_port = default_origin && addr.is_none_or(|addr| addr.port() == 0);
        realms::refuse_audience(&mut check, realms, &http, audience.as_deref(), any_port);
        let (Some(addr), Some(database), true) = (addr, database, check.errors.is_empty()) else {
            return Err(check.errors);
        };
        Ok(Self {
            addr,
            site_root: args.site_root.into(),
            http,
            data: Data { folder, database, secret, previous_secret },
            tokens: Tokens { issuer, audience, algorithm },
            sessions,
            passwords: Passwords { min_chars: min_chars.unwrap_or_default() },
            account,
            rp_id,
            trusted_proxies: proxies.flatten().unwrap_or_default(),
            places_file: not_empty(args.places_file).map(PathBuf::from),
            limits,
            mail,
            redis,
            app: AppSettings::default(),
            metrics_addr: metrics_addr.flatten(),
            timeouts: Timeouts::default(),
            common,
            site_name: "",
            default_origin,
        })
    }

    /// Records the port that the listener got.
    pub fn listening_on(&mut self, port: u16) {
        if self.default_origin {
            self.http = Http::new(localhost(port), None);
        }
    }

    /// The issuer of access tokens.
    pub fn issuer(&self) -> String {
        self.tokens.issuer.clone().unwrap_or_else(|| self.http.origin.clone())
    }

    /// The audience of access tokens.
    pub fn audience(&self) -> String {
        self.tokens.audience.clone().unwrap_or_else(|| self.http.origin.clone())
    }
}

#[cfg(test)]
mod tests;
