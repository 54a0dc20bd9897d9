//! What a proxy or a CDN does wrong, and how doctor calls it.

use super::proxy::{Answer, Fault};
use axum::http::{HeaderName, HeaderValue, header::SET_COOKIE};
use std::sync::atomic::{AtomicUsize, Ordering};

const POLICY: &str = "content-security-policy";
const CACHE: &str = "cache-control";

pub const FAULTS: &[(&str, Fault)] = &[
    // How it is reached.
    ("hsts-missing", Fault::answer(|_, answer| remove(answer, "strict-transport-security"))),
    ("hsts-short", Fault::answer(|_, answer| set(answer, "strict-transport-security", "max-age=300"))),
    ("connection-closed", Fault::answer(|_, answer| set(answer, "connection", "close"))),
    ("clock-differs", Fault::answer(|_, answer| set(answer, "date", "Sat, 01 Aug 2026 10:00:00 GMT"))),
    // What arrives of a request, and of a refusal.
    ("not-ready", Fault::answer(|path, answer| status(path == "/readyz", answer, 503))),
    (
        "cross-site-accepted",
        Fault::request(|headers| {
            headers.remove("origin");
            headers.remove("sec-fetch-site");
        }),
    ),
    ("authorization-stripped", Fault::request(|headers| drop(headers.remove("authorization")))),
    ("cookie-stripped", Fault::request(|headers| drop(headers.remove("cookie")))),
    (
        "answer-replaced",
        Fault::answer(|_, answer| {
            if answer.status() == 401 {
                *answer.body_mut() = "<h1>401 Authorization Required</h1>".into();
            }
        }),
    ),
    ("challenge-stripped", Fault::answer(|_, answer| remove(answer, "www-authenticate"))),
    // The cookie's flags.
    ("cookie-missing", Fault::answer(|_, answer| remove(answer, "set-cookie"))),
    ("cookie-name", Fault::answer(|_, answer| cookies(answer, "__Host-", ""))),
    ("cookie-not-secure", Fault::answer(|_, answer| cookies(answer, "; Secure", ""))),
    ("cookie-readable", Fault::answer(|_, answer| cookies(answer, "HttpOnly; ", ""))),
    ("cookie-cross-site", Fault::answer(|_, answer| cookies(answer, "SameSite=Strict", "SameSite=None"))),
    ("cookie-scope", Fault::answer(|_, answer| cookies(answer, "Path=/", "Path=/app/"))),
    // The security headers.
    ("header-missing", Fault::answer(|_, answer| remove(answer, "x-content-type-options"))),
    ("header-changed", Fault::answer(|_, answer| set(answer, "referrer-policy", "no-referrer"))),
    (
        "header-doubled",
        Fault::answer(|_, answer| {
            answer.headers_mut().append("x-content-type-options", HeaderValue::from_static("nosniff"));
        }),
    ),
    ("csp-without-wasm", Fault::answer(|_, answer| edit(answer, POLICY, " 'wasm-unsafe-eval'", ""))),
    ("csp-widened", Fault::answer(|_, answer| edit(answer, POLICY, "script-src", "script-src 'unsafe-inline'"))),
    ("csp-nonce", Fault::answer(|_, answer| edit(answer, POLICY, "'nonce-", "'nonce-other"))),
    ("cors-opened", Fault::answer(|_, answer| set(answer, "access-control-allow-origin", "*"))),
    ("version-told", Fault::answer(|_, answer| set(answer, "server", "nginx/1.22.1"))),
    // Caches and files.
    ("answer-from-cache", Fault { cached: Some("/api/openapi.json"), ..Fault::NONE }),
    ("answer-may-be-kept", Fault::answer(|path, answer| set_on(path == "/login", answer, CACHE, "max-age=600"))),
    ("file-missing", Fault::answer(|path, answer| status(path.ends_with("wasm"), answer, 404))),
    ("file-not-kept", Fault::answer(|path, answer| set_on(path.starts_with("/pkg/"), answer, CACHE, "no-cache"))),
    (
        "file-type",
        Fault::answer(|path, answer| {
            set_on(path.ends_with("wasm"), answer, "content-type", "application/octet-stream");
        }),
    ),
    ("file-uncompressed", Fault::request(|headers| drop(headers.remove("accept-encoding")))),
    ("keys-unreachable", Fault::answer(|path, answer| status(path.ends_with("/jwks.json"), answer, 404))),
    (
        "keys-kept-too-long",
        Fault::answer(|path, answer| set_on(path.ends_with("/jwks.json"), answer, CACHE, "public, max-age=86400")),
    ),
    (
        "keys-differ",
        Fault::answer(|path, answer| {
            // Two instances take turns, whatever they are asked.
            static ASKED: AtomicUsize = AtomicUsize::new(0);
            if ASKED.fetch_add(1, Ordering::Relaxed) % 2 == 1 && path.ends_with("/jwks.json") {
                *answer.body_mut() = r#"{"keys":[]}"#.into();
            }
        }),
    ),
    ("keys-without-cors", Fault::answer(|_, answer| remove(answer, "access-control-allow-origin"))),
    // What is exposed.
    (
        "metrics-exposed",
        Fault::answer(|path, answer| {
            if path == "/metrics" {
                status(true, answer, 200);
                *answer.body_mut() = "freshkey_events_total{event=\"session_ended\"} 1".into();
            }
        }),
    ),
    (
        "repository-exposed",
        Fault::answer(|path, answer| {
            if path == "/.git/HEAD" {
                status(true, answer, 200);
                *answer.body_mut() = "ref: refs/heads/main".into();
            }
        }),
    ),
    ("development-server", Fault::answer(|_, answer| edit(answer, POLICY, "connect-src", "connect-src ws:"))),
];

/// What a line in nginx does to many answers at once, and the one finding that names it.
pub const LINES: &[(&str, Fault)] = &[
    // expires 1h;
    ("answer-may-be-kept", Fault::answer(|_, answer| set(answer, CACHE, "max-age=3600"))),
    // A location / that is a folder of files, and no /api.
    ("answer-replaced", Fault::answer(|path, answer| page_of_nginx(path.starts_with("/api/"), answer, 404))),
    // proxy_intercept_errors on;
    (
        "answer-replaced",
        Fault::answer(|_, answer| {
            let status = answer.status().as_u16();
            page_of_nginx(status >= 400, answer, status);
        }),
    ),
];

/// A page that nginx makes by itself.
fn page_of_nginx(here: bool, answer: &mut Answer, status: u16) {
    if here {
        *answer = Answer::new("<h1>404 Not Found</h1>".into());
        *answer.status_mut() = status.try_into().unwrap();
        set(answer, "content-type", "text/html");
    }
}

fn remove(answer: &mut Answer, name: &str) {
    answer.headers_mut().remove(name);
}

fn set(answer: &mut Answer, name: &'static str, value: &'static str) {
    answer.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
}

fn set_on(here: bool, answer: &mut Answer, name: &'static str, value: &'static str) {
    if here {
        set(answer, name, value);
    }
}

fn status(here: bool, answer: &mut Answer, status: u16) {
    if here {
        *answer.status_mut() = status.try_into().unwrap();
    }
}

fn edit(answer: &mut Answer, name: &str, from: &str, to: &str) {
    if let Some(value) = answer.headers_mut().get_mut(name) {
        *value = value.to_str().unwrap().replace(from, to).try_into().unwrap();
    }
}

/// Rewrites each cookie.
fn cookies(answer: &mut Answer, from: &str, to: &str) {
    let values = answer.headers().get_all(SET_COOKIE).iter();
    let values: Vec<_> = values.map(|value| value.to_str().unwrap().replace(from, to)).collect();
    answer.headers_mut().remove(SET_COOKIE);
    for value in values {
        answer.headers_mut().append(SET_COOKIE, value.try_into().unwrap());
    }
}
