//! How the site is reached: TLS, plain http, HSTS, connections, and the clock.

use super::{Answer, Seen, together};
use crate::app::types::{Millis, Seconds};
use crate::server::cli::doctor::finding::{Finding, Rule, Severity};
use std::time::Duration;

pub(super) const RULES: &[&Rule] = &[
    &NO_HTTPS,
    &CERTIFICATE_REFUSED,
    &CERTIFICATE_EXPIRES,
    &HTTP_NOT_LED,
    &HSTS_MISSING,
    &HSTS_SHORT,
    &CONNECTION_CLOSED,
    &CLOCK_DIFFERS,
];

static NO_HTTPS: Rule = Rule {
    id: "no-https",
    severity: Severity::High,
    what: "Users reach the site without TLS.",
    why: "Anybody on the network path can read passwords and cookies.",
    change: "Let the proxy serve https (deploy/nginx.conf, deploy/Caddyfile) and set FRESHKEY_ORIGIN to the https address.",
};
pub(super) static CERTIFICATE_REFUSED: Rule = Rule {
    id: "certificate-refused",
    severity: Severity::High,
    what: "The certificate is not accepted.",
    why: "Browsers show a warning instead of the site, and with HSTS no way past it.",
    change: "Renew the certificate for this host, and give the proxy the whole chain (nginx: ssl_certificate fullchain.pem). \
             For an authority of your own, set SSL_CERT_FILE for this command.",
};
static CERTIFICATE_EXPIRES: Rule = Rule {
    id: "certificate-expires",
    severity: Severity::Medium,
    what: "The certificate expires within two weeks.",
    why: "Automatic renewal, a month before the end, has stopped working; soon nobody will reach the site.",
    change: "Find out why it was not renewed (certbot renew --dry-run; systemctl list-timers) and reload the proxy.",
};
static HTTP_NOT_LED: Rule = Rule {
    id: "http-not-redirected",
    severity: Severity::High,
    what: "Plain http does not redirect to https.",
    why: "Users who type the address send and receive everything unencrypted.",
    change: "nginx, in the server of port 80: return 308 https://$host$request_uri;",
};
static HSTS_MISSING: Rule = Rule {
    id: "hsts-missing",
    severity: Severity::Medium,
    what: "Answers lack Strict-Transport-Security.",
    why: "An attacker on the network path can redirect the first request of each visit to plain http.",
    change: "Remove FRESHKEY_HSTS=off; in the proxy, remove what hides the header (nginx: proxy_hide_header).",
};
static HSTS_SHORT: Rule = Rule {
    id: "hsts-short",
    severity: Severity::Low,
    what: "Strict-Transport-Security lasts less than a year.",
    why: "Users who visit less often are unprotected again.",
    change: "FRESHKEY_HSTS=max-age=63072000 once all works, and no header of the proxy's own (nginx: add_header).",
};
static CONNECTION_CLOSED: Rule = Rule {
    id: "connection-closed",
    severity: Severity::Low,
    what: "The connection is closed after an answer.",
    why: "Each call sets up TCP and TLS again, and under load the ports run out.",
    change: "nginx: keepalive_timeout 65s; in place of 0.",
};
static CLOCK_DIFFERS: Rule = Rule {
    id: "clock-differs",
    severity: Severity::Medium,
    what: "The site's clock and this machine's differ by more than 30 seconds.",
    why: "From a minute on, other services refuse new access tokens; codes of authenticator apps fail as well.",
    change: "timedatectl set-ntp true, on the site's machines or on this one.",
};

/// The allowed difference between two clocks.
const CLOCKS: Duration = Duration::from_secs(30);
const YEAR: Seconds = Millis::from_days(365).whole_seconds();

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let found = [
        (!seen.is_https() && !seen.is_loopback()).then(|| NO_HTTPS.seen(seen.site.as_str())),
        seen.expires.then(|| CERTIFICATE_EXPIRES.seen("it is not accepted any more as of two weeks from now")),
        seen.plain.as_ref().and_then(led),
        clock(seen),
        seen.home
            .iter()
            .find(|answer| answer.says("connection", "close"))
            .map(|answer| CONNECTION_CLOSED.seen(format!("Connection: close, on {}", answer.path))),
    ];
    found.into_iter().flatten().collect()
}

/// Checks Strict-Transport-Security: on every answer, and long enough. Doubled headers are checked with the others.
pub(super) fn hsts(seen: &Seen) -> Vec<Finding> {
    if !seen.is_https() {
        return Vec::new();
    }
    let (mut missing, mut short) = (Vec::new(), Vec::new());
    for answer in seen.all() {
        match answer.header("strict-transport-security") {
            None => missing.push(answer.path.clone()),
            Some(value) if max_age(value).is_none_or(|age| age < YEAR) => {
                short.push(format!("{value}, on {}", answer.path));
            }
            Some(_) => {}
        }
    }
    together(&HSTS_MISSING, missing).into_iter().chain(together(&HSTS_SHORT, short)).collect()
}

/// Returns the `max-age` of a header, if it has one.
pub(super) fn max_age(value: &str) -> Option<Seconds> {
    let mut directives = value.split([';', ',']).filter_map(|directive| directive.trim().split_once('='));
    let (_, seconds) = directives.find(|(name, _)| name.trim().eq_ignore_ascii_case("max-age"))?;
    self::seconds(seconds.trim().trim_matches('"'))
}

/// Reads a number of seconds, which is not negative.
pub(super) fn seconds(text: &str) -> Option<Seconds> {
    text.parse::<u64>().ok().map(|seconds| Seconds(i64::try_from(seconds).unwrap_or(i64::MAX)))
}

fn led(plain: &Answer) -> Option<Finding> {
    let location = plain.header("location").unwrap_or_default();
    let led = plain.status.is_redirection() && location.starts_with("https://");
    (!led).then(|| HTTP_NOT_LED.seen(format!("{} on plain http, and leads to {location:?}", plain.told())))
}

fn clock(seen: &Seen) -> Option<Finding> {
    let (began, took) = seen.asked;
    let theirs = httpdate::parse_http_date(seen.ready.header("date")?).ok()?;
    // The answer was made somewhere in between; the header counts whole seconds.
    let (earliest, latest) = (began - CLOCKS - Duration::from_secs(1), began + took + CLOCKS);
    let differs = theirs < earliest || theirs > latest;
    let apart = theirs.duration_since(began).unwrap_or_else(|error| error.duration()).as_secs();
    differs.then(|| CLOCK_DIFFERS.seen(format!("they are {apart} seconds apart")))
}
