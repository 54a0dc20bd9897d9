//! Reads and writes all cookies in one place. Written by hand where reading must be strict: a second cookie of the same
//! name is an attack, not a fallback (RFC 6265bis, section 5.6).

use super::settings::{CookieName, Http};
use crate::app::types::Seconds;
use cookie::{Cookie, SameSite, time::Duration};
use http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;

/// The refresh cookie of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum RefreshCookie {
    /// There is no such cookie.
    None,
    /// Exactly one, with this value.
    One(String),
    /// More than one: an attacker has planted another.
    Several,
}

/// Reads the refresh cookie of a request.
pub fn refresh(http: &Http, headers: &HeaderMap) -> RefreshCookie {
    let mut values = values(headers, http.cookie(CookieName::Refresh));
    match (values.next(), values.next()) {
        (None, _) => RefreshCookie::None,
        (Some(value), None) => RefreshCookie::One(String::from_utf8_lossy(value).into_owned()),
        _ => RefreshCookie::Several,
    }
}

/// Returns the value of any other cookie: the first of that name.
pub fn value<'a>(http: &Http, headers: &'a HeaderMap, name: CookieName) -> Option<&'a str> {
    values(headers, http.cookie(name)).next().and_then(|value| str::from_utf8(value).ok())
}

/// Returns the values of all cookies of this name, for callers that can tell the genuine ones themselves: a planted
/// cookie can't hide the genuine one.
pub fn every<'a>(http: &Http, headers: &'a HeaderMap, name: CookieName) -> impl Iterator<Item = &'a str> {
    values(headers, http.cookie(name)).filter_map(|value| str::from_utf8(value).ok())
}

/// Returns the raw values of a cookie. Names are compared exactly: `__host-refresh` is another cookie, and
/// `=name=value` has no name. Values are bytes: a script may set a cookie that is not ASCII, and ours is in the same
/// header.
fn values<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
        .filter_map(move |pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

/// Sets the refresh cookie, and the cookie that says that it exists. Without `max_age` they last until the
/// browser closes.
pub fn set(http: &Http, token: &str, max_age: Option<Seconds>) -> [HeaderValue; 2] {
    both(http, token, "1", max_age)
}

/// Clears the refresh cookie, and the cookie that says that it exists.
pub fn clear(http: &Http) -> [HeaderValue; 2] {
    both(http, "", "", Some(Seconds::ZERO))
}

/// The browser does not send the refresh token when another site opens our page (SameSite=Strict). The other cookie
/// proves nothing, so it may be sent.
fn both(http: &Http, token: &str, fact: &str, max_age: Option<Seconds>) -> [HeaderValue; 2] {
    let mut signed_in = build(http, http.cookie(CookieName::SignedIn), fact, "/", max_age);
    signed_in.set_same_site(SameSite::Lax);
    [header(&build(http, http.cookie(CookieName::Refresh), token, "/", max_age)), header(&signed_in)]
}

/// Clears the refresh cookie, and every other cookie of its name that the refresh path can receive. On https there is
/// no other: browsers refuse a `__Host-` cookie for any path but `/`, and also a header that clears one.
pub fn clear_everywhere(http: &Http) -> impl Iterator<Item = HeaderValue> {
    let planted: &[&str] = if http.is_https() { &[] } else { &["/api", "/api/", "/api/refresh-token"] };
    let planted = planted
        .iter()
        .map(|path| header(&build(http, http.cookie(CookieName::Refresh), "", path, Some(Seconds::ZERO))));
    clear(http).into_iter().chain(planted)
}

/// Sets another cookie that scripts can't read, for `max_age`.
pub fn set_short(http: &Http, name: CookieName, value: &str, max_age: Seconds) -> HeaderValue {
    header(&build(http, http.cookie(name), value, "/", Some(max_age)))
}

/// The same for a cookie that the browser also sends when a link in webmail is followed.
pub fn set_lax(http: &Http, name: CookieName, value: &str, max_age: Seconds) -> HeaderValue {
    let mut cookie = build(http, http.cookie(name), value, "/", Some(max_age));
    cookie.set_same_site(SameSite::Lax);
    header(&cookie)
}

/// Sets cookies in the answer to the current call.
pub(crate) fn set_cookies(cookies: impl IntoIterator<Item = HeaderValue>) {
    let options: ResponseOptions = expect_context();
    for cookie in cookies {
        options.append_header(SET_COOKIE, cookie);
    }
}

fn build<'a>(http: &Http, name: &'a str, value: &'a str, path: &'a str, max_age: Option<Seconds>) -> Cookie<'a> {
    let mut cookie = Cookie::build((name, value)).path(path).http_only(true).same_site(SameSite::Strict);
    if http.is_https() {
        cookie = cookie.secure(true);
    }
    if let Some(Seconds(seconds)) = max_age {
        cookie = cookie.max_age(Duration::seconds(seconds));
    }
    cookie.build()
}

/// Makes a header value. Our names and values are base64url and fixed words, so this never fails.
fn header(cookie: &Cookie<'_>) -> HeaderValue {
    HeaderValue::try_from(cookie.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(origin: &str) -> Http {
        Http::new(origin.to_owned(), None)
    }

    fn request(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|value| (COOKIE, HeaderValue::from_bytes(value.as_bytes()).expect("a value"))).collect()
    }

    #[test]
    fn the_refresh_cookie_is_found_by_its_exact_name_and_only_alone() {
        let http = http("https://example.com");
        let read = |cookies: &[&str]| refresh(&http, &request(cookies));
        assert_eq!(read(&["a=b; __Host-refresh=token"]), RefreshCookie::One("token".to_owned()));
        for none in ["refresh=x", "__host-refresh=x", "=__Host-refresh=x", "__Host-refresh", "x__Host-refresh=x"] {
            assert_eq!(read(&[none]), RefreshCookie::None, "{none}");
        }
        assert_eq!(read(&["theme=dunkelgrün; __Host-refresh=token"]), RefreshCookie::One("token".to_owned()));
        assert_eq!(read(&["__Host-refresh=a; __Host-refresh=ä"]), RefreshCookie::Several);
        assert_eq!(read(&["__Host-refresh=a; __Host-refresh=a"]), RefreshCookie::Several);
        assert_eq!(read(&["__Host-refresh=a", "__Host-refresh=b"]), RefreshCookie::Several);
    }

    #[test]
    fn attributes_are_those_of_the_contract() {
        let both = |origin, age| set(&http(origin), "t", age).map(|value| value.to_str().expect("ascii").to_owned());
        let of = |origin, age| both(origin, age)[0].clone();
        assert_eq!(both("http://localhost:3000", None)[1], "signed-in=1; HttpOnly; SameSite=Lax; Path=/");
        assert_eq!(
            of("https://example.com", Some(Seconds(9))),
            "__Host-refresh=t; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=9"
        );
        assert_eq!(of("http://localhost:3000", None), "refresh=t; HttpOnly; SameSite=Strict; Path=/");
    }
}
