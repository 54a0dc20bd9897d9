//! Settings that are accepted, but wrong for a deployment.

use crate::server::{
    cli::doctor::finding::{Finding, Rule, Severity},
    settings::Settings,
};
use rustix::process::{Resource, getrlimit};
use std::net::IpAddr;

pub(super) const RULES: &[&Rule] =
    &[&ORIGIN_NOT_SET, &PROXY_NOT_TRUSTED, &LIMIT_OFF, &DESCRIPTORS_FEW, &METRICS_LISTEN_EVERYWHERE];

static ORIGIN_NOT_SET: Rule = Rule {
    id: "origin-not-set",
    severity: Severity::High,
    what: "The server assumes that users reach it at localhost.",
    why: "Behind TLS every sign-in is refused (403 CROSS_ORIGIN), cookies are not Secure, and emails link to localhost.",
    change: "FRESHKEY_ORIGIN=https://app.example.com",
};
pub(super) static PROXY_NOT_TRUSTED: Rule = Rule {
    id: "proxy-not-trusted",
    severity: Severity::High,
    what: "The proxy in front of the server is not trusted.",
    why: "All visitors share one rate limit (100 calls a minute), and the list of sessions shows the proxy's address.",
    change: "FRESHKEY_TRUSTED_PROXIES=<the proxy's address, as 127.0.0.1/32>; never an address that is not yours",
};
static LIMIT_OFF: Rule = Rule {
    id: "limit-off",
    severity: Severity::High,
    what: "A limit on guessing passwords is off.",
    why: "Passwords can be guessed as fast as the server hashes.",
    change: "Remove FRESHKEY_RATE_LIMIT=off and FRESHKEY_LOGIN_RATE_LIMIT=off.",
};
static DESCRIPTORS_FEW: Rule = Rule {
    id: "descriptors-few",
    severity: Severity::Medium,
    what: "The process may open too few files.",
    why: "Half of them are for connections: with more users at once, the connection that was silent longest is closed.",
    change: "systemd: LimitNOFILE=65536; in a container: --ulimit nofile=65536; in a shell: ulimit -n",
};
static METRICS_LISTEN_EVERYWHERE: Rule = Rule {
    id: "metrics-listen-everywhere",
    severity: Severity::Medium,
    what: "The metrics are served on every address of the machine.",
    why: "Without a firewall, anybody can see how many users sign in, fail to, and are signed out.",
    change: "FRESHKEY_METRICS_ADDR=127.0.0.1:9100, or an address of an internal network",
};

/// How many files a process should be able to open.
const DESCRIPTORS: u64 = 4096;

pub(super) fn check(settings: &Settings) -> Vec<Finding> {
    let Settings { http, trusted_proxies, limits, metrics_addr, .. } = settings;
    let off = [("FRESHKEY_RATE_LIMIT", limits.address), ("FRESHKEY_LOGIN_RATE_LIMIT", limits.login)];
    let off: Vec<_> = off.into_iter().filter(|(_, limit)| limit.is_none()).map(|(name, _)| name).collect();
    let everywhere = metrics_addr.map(|address| address.ip()).filter(IpAddr::is_unspecified);
    // The server raises its limit to the maximum.
    let descriptors = getrlimit(Resource::Nofile).maximum.filter(|most| *most < DESCRIPTORS);
    let found = [
        (!http.is_https()).then(|| ORIGIN_NOT_SET.seen(format!("the origin is {}", http.origin))),
        (http.is_https() && trusted_proxies.is_empty())
            .then(|| PROXY_NOT_TRUSTED.seen("they come by https, and FRESHKEY_TRUSTED_PROXIES is not set")),
        (!off.is_empty()).then(|| LIMIT_OFF.seen(format!("{} is off", off.join(" and ")))),
        descriptors.map(|most| DESCRIPTORS_FEW.seen(format!("{most} at the most"))),
        everywhere.map(|ip| METRICS_LISTEN_EVERYWHERE.seen(format!("FRESHKEY_METRICS_ADDR is {ip}"))),
    ];
    found.into_iter().flatten().collect()
}
