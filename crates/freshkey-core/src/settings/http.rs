//! The public origin, and the names of the cookies.

use http::HeaderValue;

/// The public origin and what follows from it.
#[derive(Clone, Debug)]
pub struct Http {
    /// `scheme://host[:port]`.
    pub origin: String,
    /// The `Strict-Transport-Security` header, if it is sent.
    pub hsts: Option<HeaderValue>,
}

impl Http {
    /// Takes a checked origin. `hsts` is sent only by an https origin (RFC 6797, section 7.2).
    pub fn new(origin: String, hsts: Option<HeaderValue>) -> Self {
        let hsts = hsts.filter(|_| origin.starts_with("https:"));
        Self { origin, hsts }
    }

    /// Whether the public origin uses https.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// Returns the cookie's name. On https, the prefix binds it to this host and to https (RFC 6265bis, section
    /// 4.1.3.2).
    pub fn cookie(&self, name: CookieName) -> &'static str {
        match (name, self.is_https()) {
            (CookieName::Refresh, false) => "refresh",
            (CookieName::Refresh, true) => "__Host-refresh",
            (CookieName::Form, false) => "form",
            (CookieName::Form, true) => "__Host-form",
            (CookieName::FormRest, false) => "form-rest",
            (CookieName::FormRest, true) => "__Host-form-rest",
            (CookieName::ReplayCheck, false) => "look-again",
            (CookieName::ReplayCheck, true) => "__Host-look-again",
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

/// The cookies of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieName {
    /// The refresh token.
    Refresh,
    /// The values of a form that failed.
    Form,
    /// The rest of those values, if they are too large for one cookie.
    FormRest,
    /// The browser was asked to load the page again.
    ReplayCheck,
    /// Shows which accounts were signed in to from this browser before.
    Device,
    /// Lets this browser skip the second step of its accounts.
    Trust,
    /// Identifies a browser that has begun a flow of several calls.
    Pending,
    /// The token of a link that was opened.
    Link,
    /// Says that there is a refresh cookie, even if it is not sent: on the first page after a link from another site.
    /// It proves nothing.
    SignedIn,
}
