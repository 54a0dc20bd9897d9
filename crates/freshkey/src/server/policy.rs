//! The Content-Security-Policy of the pages: what they may load, and from where.

use http::HeaderValue;
use std::collections::BTreeMap;

/// A kind of resource that a page loads: a directive of the policy (CSP Level 3, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// `script-src`
    Script,
    /// `style-src`
    Style,
    /// `img-src`
    Image,
    /// `font-src`
    Font,
    /// `connect-src`: fetches, event streams, sockets.
    Connect,
    /// `frame-src`
    Frame,
}

/// The origins that pages may load from, besides Freshkey's own.
#[derive(Clone, Debug, Default)]
pub(super) struct Allowed(BTreeMap<Source, String>);

impl Allowed {
    /// Allows one more origin.
    ///
    /// # Panics
    /// `origin` is not an origin: it would mean something else in the policy.
    pub(super) fn add(&mut self, source: Source, origin: &str) {
        let is_origin = origin.split_once("://").is_some_and(|(scheme, host)| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-.:*[]".contains(c);
            matches!(scheme, "https" | "http" | "wss" | "ws") && !host.is_empty() && host.chars().all(plain)
        });
        assert!(is_origin, "{origin:?} is no origin like https://cdn.example.com");
        let origins = self.0.entry(source).or_default();
        origins.push(' ');
        origins.push_str(origin);
    }

    fn of(&self, source: Source) -> &str {
        self.0.get(&source).map(String::as_str).unwrap_or_default()
    }

    /// Returns the policy of a page whose scripts carry this nonce; none if it does not fit in a header.
    pub(super) fn policy(&self, nonce: &str) -> Option<HeaderValue> {
        // `cargo leptos watch` tells the page to reload over a socket of its own.
        let reload = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws:" } else { "" };
        let [script, style, image, font, connect] =
            [Source::Script, Source::Style, Source::Image, Source::Font, Source::Connect].map(|source| self.of(source));
        let frame = match self.of(Source::Frame) {
            "" => String::new(),
            frames => format!(" frame-src{frames};"),
        };
        let policy = format!(
            "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'{script}; style-src 'self'{style}; \
             img-src 'self' data:{image}; font-src 'self'{font}; connect-src 'self'{reload}{connect};{frame} \
             manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
        );
        policy.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allowed_stands_in_its_directive() {
        let mut allowed = Allowed::default();
        allowed.add(Source::Script, "https://js.pay.example");
        allowed.add(Source::Frame, "https://js.pay.example");
        allowed.add(Source::Frame, "https://hooks.pay.example");
        let policy = allowed.policy("n").expect("a header");
        let policy = policy.to_str().expect("text");
        assert!(policy.contains("'wasm-unsafe-eval' https://js.pay.example; style-src 'self';"), "{policy}");
        assert!(
            policy.contains("; frame-src https://js.pay.example https://hooks.pay.example; manifest-src"),
            "{policy}"
        );
        assert!(!Allowed::default().policy("n").expect("a header").to_str().expect("text").contains("frame-src"));
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for bad in ["'unsafe-inline'", "https://a b", "https://a;script-src *", "*", "https://", "data:"] {
            let added = std::panic::catch_unwind(|| Allowed::default().add(Source::Script, bad));
            assert!(added.is_err(), "{bad}");
        }
    }
}
