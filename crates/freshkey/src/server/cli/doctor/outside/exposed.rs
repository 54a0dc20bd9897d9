//! What the public must not reach.

use super::Seen;
use crate::server::cli::doctor::{
    client::Answer,
    finding::{Finding, Rule, Severity},
};
use http::StatusCode;

pub(super) const RULES: &[&Rule] = &[&METRICS_EXPOSED, &MAILBOX_EXPOSED, &REPOSITORY_EXPOSED, &DEVELOPMENT_SERVER];

static METRICS_EXPOSED: Rule = Rule {
    id: "metrics-exposed",
    severity: Severity::Medium,
    what: "The metrics are public.",
    why: "Anybody can see how many users sign in, fail to, and are signed out.",
    change: "Let the proxy forward nothing to FRESHKEY_METRICS_ADDR; listen on 127.0.0.1 or an internal network.",
};
static MAILBOX_EXPOSED: Rule = Rule {
    id: "mailbox-exposed",
    severity: Severity::High,
    what: "The development mailbox is public.",
    why: "Anybody can read the codes and links meant for users, and no email is sent.",
    change: "FRESHKEY_MAIL=smtps://user@mail.example.com, in place of dev",
};
static REPOSITORY_EXPOSED: Rule = Rule {
    id: "repository-exposed",
    severity: Severity::High,
    what: "The proxy serves files of a checkout (/.git).",
    why: "Settings and secrets may be among them.",
    change: "nginx: no root that is a checkout; forward every path to the server.",
};
static DEVELOPMENT_SERVER: Rule = Rule {
    id: "development-server",
    severity: Severity::High,
    what: "This is the server of `cargo leptos watch`.",
    why: "It is unoptimised, reloads pages, and lets them open sockets to anywhere.",
    change: "make build, and start target/release/freshkey without LEPTOS_WATCH",
};

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    // A developer's own machine may serve what is for developers.
    let developer = !seen.is_https() && seen.is_loopback();
    let there = |answer: &Answer| answer.status == StatusCode::OK;
    let metrics = there(&seen.metrics) && seen.metrics.body.contains("freshkey_");
    let mailbox = !developer && there(&seen.mailbox) && seen.mailbox.json().is_some_and(|emails| emails.is_array());
    let repository = there(&seen.repository) && seen.repository.body.starts_with("ref: ");
    let policy = seen.home[0].header("content-security-policy").unwrap_or_default();
    let development = !developer && policy.split([' ', ';']).any(|source| source == "ws:");
    let found = [
        metrics.then(|| METRICS_EXPOSED.seen(seen.metrics.told())),
        mailbox.then(|| MAILBOX_EXPOSED.seen(seen.mailbox.told())),
        repository.then(|| REPOSITORY_EXPOSED.seen(seen.repository.told())),
        development.then(|| DEVELOPMENT_SERVER.seen("connect-src ws:, on /")),
    ];
    found.into_iter().flatten().collect()
}
