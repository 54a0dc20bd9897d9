//! The security headers of every answer, and the nonce of every page.

use super::is_api;
use crate::server::state::AppState;
use aws_lc_rs::rand;
use axum::extract::Request;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
        X_CONTENT_TYPE_OPTIONS,
    },
};
use leptos::nonce::Nonce;

/// The headers that are the same on every answer.
pub const FIXED: [(HeaderName, HeaderValue); 5] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Not no-referrer: with it a form post without scripts would carry `Origin: null`.
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];
/// The policy of answers that are not pages: they may load nothing, and nothing may frame them.
const NO_PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
);

/// What the request asks for.
pub enum Kind {
    /// A server function.
    Call,
    /// A page or a file. A page's scripts carry this nonce.
    Page {
        /// 128 random bits.
        nonce: String,
        /// The path is below that of the web files.
        file: bool,
    },
}

impl Kind {
    /// Returns what the request asks for, and stores the nonce for a page.
    pub fn of(request: &mut Request) -> Self {
        if is_api(request) {
            return Self::Call;
        }
        let file = request.uri().path().starts_with("/pkg/");
        let nonce = fresh_nonce();
        request.extensions_mut().insert(Nonce::from_value(nonce.clone()));
        Self::Page { nonce, file }
    }
}

/// Adds the headers.
pub fn add(state: &AppState, kind: &Kind, ok: bool, headers: &mut HeaderMap) {
    headers.reserve(FIXED.len() + 8);
    headers.extend(FIXED);
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let policy = match kind {
        Kind::Page { nonce, .. } if is_page => state.app.page_policy(nonce).unwrap_or(NO_PAGE),
        _ => NO_PAGE,
    };
    // The developer's mailbox sets a stricter policy itself.
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    if let Some(hsts) = &state.settings.http.hsts {
        headers.insert(STRICT_TRANSPORT_SECURITY, hsts.clone());
    }
    if ok && !is_page && !matches!(kind, Kind::Call) {
        // Files are also served compressed, and a cache in between must not mix them up.
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
    match kind {
        Kind::Call => {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        // A file with a hash in its name never changes; in development it may.
        Kind::Page { file: true, .. } if ok => {
            let policy = if state.web_files.hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(policy));
        }
        Kind::Page { .. } => {}
    }
}

fn fresh_nonce() -> String {
    let mut bytes = [0; 16];
    // If this fails, the policy names a nonce that no script has, and the page stays plain HTML.
    let _ = rand::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
