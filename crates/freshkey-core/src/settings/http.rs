//! How people reach us, and what our cookies are called there.

use freshkey_types::paths;
use http::HeaderValue;
use url::Url;

/// The public origin and what follows from it.
#[derive(Clone, Debug)]
pub struct Http {
    /// `scheme://host[:port]`.
    pub origin: String,
    /// `Strict-Transport-Security`, where it is sent.
    pub hsts: Option<HeaderValue>,
}

impl Http {
    /// The origin, checked before. Only an https origin sends `hsts` (RFC 6797, section 7.2).
    pub fn new(origin: String, hsts: Option<HeaderValue>) -> Self {
        let hsts = hsts.filter(|_| origin.starts_with("https:"));
        Self { origin, hsts }
    }

    /// What the access tokens of the lab say as audience.
    pub fn lab_audience(&self) -> String {
        format!("{}{}", self.origin, paths::LAB)
    }

    /// Whether an audience is the lab's, in whatever spelling; at `any_port`, of an origin whose port is
    /// not known yet.
    pub(super) fn is_lab_audience(&self, audience: &str, any_port: bool) -> bool {
        let (Ok(url), Ok(lab)) = (Url::parse(audience), Url::parse(&self.lab_audience())) else { return false };
        let same_port = any_port || url.port_or_known_default() == lab.port_or_known_default();
        let same_place = (url.scheme(), url.host()) == (lab.scheme(), lab.host());
        same_place && same_port && url.path().trim_end_matches('/') == lab.path()
    }

    /// Whether people reach us by https.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// The cookie's name here. On https the prefix pins it to this host and to https (RFC 6265bis,
    /// section 4.1.3.2).
    pub fn cookie(&self, name: CookieName) -> &'static str {
        match (name, self.is_https()) {
            (CookieName::Refresh, false) => "refresh",
            (CookieName::Refresh, true) => "__Host-refresh",
            (CookieName::Form, false) => "form",
            (CookieName::Form, true) => "__Host-form",
            (CookieName::FormRest, false) => "form-rest",
            (CookieName::FormRest, true) => "__Host-form-rest",
            (CookieName::LookAgain, false) => "look-again",
            (CookieName::LookAgain, true) => "__Host-look-again",
            (CookieName::Device, false) => "device",
            (CookieName::Device, true) => "__Host-device",
            (CookieName::Trust, false) => "trust",
            (CookieName::Trust, true) => "__Host-trust",
            (CookieName::Pending, false) => "pending",
            (CookieName::Pending, true) => "__Host-pending",
            (CookieName::Link, false) => "link",
            (CookieName::Link, true) => "__Host-link",
            (CookieName::SignedIn, false) => "signed-in",
            (CookieName::SignedIn, true) => "__Host-signed-in",
        }
    }
}

/// The cookies that we set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieName {
    /// The refresh token.
    Refresh,
    /// What was typed into a form that failed.
    Form,
    /// The rest of it, where one cookie is too small.
    FormRest,
    /// The browser was asked to come again.
    LookAgain,
    /// Somebody has signed in from this browser before.
    Device,
    /// Accounts do not ask this browser for the second step.
    Trust,
    /// The browser has begun a flow of several calls.
    Pending,
    /// The token of a link that was opened.
    Link,
    /// The refresh cookie is there, also where it does not come along: on the first page from
    /// another site. The fact and no proof.
    SignedIn,
}
