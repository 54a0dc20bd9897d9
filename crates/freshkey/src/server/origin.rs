//! Refuses requests from other sites. Fetch Metadata comes first, `Origin` for browsers without it (OWASP's CSRF sheet;
//! the order of Go's `CrossOriginProtection`, but the whole origin is compared, and an empty, unknown or repeated value
//! is refused).

use super::settings::Http;
use crate::app::error::Code;
use axum::extract::Request;
use http::{HeaderMap, HeaderName, Method, header::ORIGIN};
use std::sync::atomic::{AtomicBool, Ordering};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Refuses an unsafe request that another site made, before its body is read.
///
/// # Errors
/// [`Code::CrossOrigin`].
pub fn check(http: &Http, foreign: &ForeignOrigin, request: &Request) -> Result<(), Code> {
    if !is_unsafe(request.method()) {
        return Ok(());
    }
    let (headers, expected) = (request.headers(), http.origin.as_str());
    if !is_same_origin(headers, expected) {
        let (path, origin) = (request.uri().path(), named(headers));
        tracing::warn!(event = "cross_origin_refused", path, origin, expected);
        return Err(Code::CrossOrigin);
    }
    foreign.notice(headers, expected);
    Ok(())
}

/// Whether the method may change something (RFC 9110, section 9.2.1).
pub fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a browser reached a page of ours by another origin than the settings name. Logged once: sign-in may look
/// fine there, but cookies and redirects are made for the configured origin.
#[derive(Debug, Default)]
pub struct ForeignOrigin(AtomicBool);

impl ForeignOrigin {
    fn notice(&self, headers: &HeaderMap, expected: &str) {
        let differs = matches!(single(headers, &ORIGIN), Header::One(origin) if origin != expected);
        if differs && !self.0.swap(true, Ordering::Relaxed) {
            let origin = named(headers);
            tracing::warn!(event = "origin_differs", origin, expected, "FRESHKEY_ORIGIN names another origin");
        }
    }
}

/// Returns the beginning of the request's origin for the log, if it is text.
fn named(headers: &HeaderMap) -> Option<&str> {
    const LONGEST: usize = 255;
    match single(headers, &ORIGIN) {
        // It is ASCII, so any index is between two characters.
        Header::One(origin) => Some(&origin[..origin.len().min(LONGEST)]),
        Header::None | Header::Unclear => None,
    }
}

/// Whether the request comes from our own pages, or from no page at all.
pub fn is_same_origin(headers: &HeaderMap, origin: &str) -> bool {
    match (single(headers, &SEC_FETCH_SITE), single(headers, &ORIGIN)) {
        (Header::Unclear, _) | (_, Header::Unclear) => false,
        (Header::One(site), _) => matches!(site, "same-origin" | "none"),
        (Header::None, Header::One(from)) => from == origin,
        (Header::None, Header::None) => true,
    }
}

/// Whether the browser followed a link on another site. (If our own page led here, the header says `same-origin`.)
pub fn is_led_here_by_another_site(headers: &HeaderMap) -> bool {
    matches!(single(headers, &SEC_FETCH_SITE), Header::One("cross-site" | "same-site"))
        && matches!(single(headers, &SEC_FETCH_MODE), Header::One("navigate"))
}

enum Header<'a> {
    None,
    One(&'a str),
    Unclear,
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Header<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next().map(|value| value.to_str()), values.next()) {
        (None, _) => Header::None,
        (Some(Ok(value)), None) if !value.is_empty() => Header::One(value),
        _ => Header::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn passes(headers: &[(HeaderName, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.clone(), HeaderValue::from_static(value));
        }
        is_same_origin(&map, "https://example.com")
    }

    #[test]
    fn our_own_pages_and_programs_pass() {
        assert!(passes(&[]));
        assert!(passes(&[(SEC_FETCH_SITE, "same-origin")]));
        assert!(passes(&[(SEC_FETCH_SITE, "none")]));
        assert!(passes(&[(ORIGIN, "https://example.com")]));
        assert!(passes(&[(SEC_FETCH_SITE, "same-origin"), (ORIGIN, "null")]), "Fetch Metadata goes first");
    }

    #[test]
    fn everything_else_is_refused() {
        for site in ["cross-site", "same-site", "", "Same-Origin", "same-origin, none"] {
            assert!(!passes(&[(SEC_FETCH_SITE, site)]), "{site}");
        }
        for origin in [
            "https://evil.example",
            "http://example.com",
            "https://example.com:8443",
            "null",
            "",
            "https://example.com.evil",
        ] {
            assert!(!passes(&[(ORIGIN, origin)]), "{origin}");
        }
        assert!(!passes(&[(SEC_FETCH_SITE, "same-origin"), (SEC_FETCH_SITE, "same-origin")]));
        assert!(!passes(&[(ORIGIN, "https://example.com"), (ORIGIN, "https://example.com")]));
        assert!(!passes(&[(SEC_FETCH_SITE, "same-origin"), (ORIGIN, "a"), (ORIGIN, "b")]));
    }
}
