//! The flags of a cookie as they arrive. Signing out without a session clears the refresh cookie, with the flags that
//! set it.

use super::Seen;
use crate::server::cli::doctor::finding::{Finding, Rule, Severity};
use cookie::{Cookie, SameSite};
use http::header::SET_COOKIE;

pub(super) const RULES: &[&Rule] =
    &[&COOKIE_MISSING, &COOKIE_NAME, &COOKIE_NOT_SECURE, &COOKIE_READABLE, &COOKIE_CROSS_SITE, &COOKIE_SCOPE];

const CHANGE: &str =
    "Let the proxy leave cookies unchanged (nginx: no proxy_cookie_flags, proxy_cookie_path, proxy_cookie_domain).";

static COOKIE_MISSING: Rule = Rule {
    id: "cookie-missing",
    severity: Severity::High,
    what: "No Set-Cookie arrives.",
    why: "Nobody stays signed in.",
    change: "Let Set-Cookie through (nginx: no proxy_hide_header or proxy_ignore_headers Set-Cookie; in the CDN, no cache \
             for /api).",
};
static COOKIE_NAME: Rule = Rule {
    id: "cookie-name",
    severity: Severity::High,
    what: "The refresh cookie's name lacks the prefix __Host-.",
    why: "A sibling subdomain, or an attacker on plain http, can plant a session. The server, which looks for the cookie \
          by name, may not find it.",
    change: CHANGE,
};
static COOKIE_NOT_SECURE: Rule = Rule {
    id: "cookie-not-secure",
    severity: Severity::High,
    what: "The refresh cookie is not Secure.",
    why: "Browsers would send it over plain http; with the prefix __Host- they refuse it, and nobody stays signed in.",
    change: CHANGE,
};
static COOKIE_READABLE: Rule = Rule {
    id: "cookie-readable",
    severity: Severity::High,
    what: "The refresh cookie is not HttpOnly.",
    why: "A script injected into a page can steal the session.",
    change: CHANGE,
};
static COOKIE_CROSS_SITE: Rule = Rule {
    id: "cookie-cross-site",
    severity: Severity::High,
    what: "The refresh cookie is not SameSite=Strict.",
    why: "Browsers send it with requests from other sites.",
    change: CHANGE,
};
static COOKIE_SCOPE: Rule = Rule {
    id: "cookie-scope",
    severity: Severity::High,
    what: "The refresh cookie has a Path other than /, or a Domain.",
    why: "It does not reach every page, or reaches subdomains; with the prefix __Host-, browsers refuse it either way.",
    change: CHANGE,
};

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let values = seen.sign_out.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies: Vec<_> = values.filter_map(|value| Cookie::parse(value).ok()).collect();
    let Some(cookie) = cookies.iter().find(|cookie| cookie.name().ends_with("refresh")) else {
        return vec![COOKIE_MISSING.seen(format!("{} without it", seen.sign_out.told()))];
    };
    // The cookie's value is never shown.
    let named = |what: &str| format!("{}: {what}", cookie.name());
    let prefixed = cookie.name() == "__Host-refresh";
    let found = [
        (seen.is_https() && !prefixed).then(|| COOKIE_NAME.seen(named("its name on https"))),
        (seen.is_https() && cookie.secure() != Some(true)).then(|| COOKIE_NOT_SECURE.seen(named("no Secure"))),
        (cookie.http_only() != Some(true)).then(|| COOKIE_READABLE.seen(named("no HttpOnly"))),
        (cookie.same_site() != Some(SameSite::Strict)).then(|| {
            let same_site = cookie.same_site().map_or("none".to_owned(), |same_site| same_site.to_string());
            COOKIE_CROSS_SITE.seen(named(&format!("its SameSite is {same_site}")))
        }),
        (cookie.path() != Some("/") || cookie.domain().is_some()).then(|| {
            let (path, domain) = (cookie.path().unwrap_or("none"), cookie.domain().unwrap_or("none"));
            COOKIE_SCOPE.seen(named(&format!("its Path is {path}, its Domain {domain}")))
        }),
    ];
    found.into_iter().flatten().collect()
}
