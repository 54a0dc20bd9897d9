//! The security headers: each of them present, once, as the server sent it.

use super::{Seen, together};
use crate::server::{
    cli::doctor::{
        client::Answer,
        finding::{Finding, Rule, Severity},
    },
    guard::headers::FIXED,
};
use http::{HeaderName, header::CONTENT_SECURITY_POLICY};

pub(super) const RULES: &[&Rule] = &[
    &HEADER_MISSING,
    &HEADER_CHANGED,
    &HEADER_DOUBLED,
    &CSP_WITHOUT_WASM,
    &CSP_WIDENED,
    &CSP_NONCE,
    &CORS_OPENED,
    &VERSION_TOLD,
];

static HEADER_MISSING: Rule = Rule {
    id: "header-missing",
    severity: Severity::High,
    what: "A header that the server sends does not arrive.",
    why: "Browsers do not apply its protection; without X-Request-Id, a user's report can't be found in the log.",
    change: "Remove what hides it (nginx: proxy_hide_header; Caddy: header_down -…).",
};
static HEADER_CHANGED: Rule = Rule {
    id: "header-changed",
    severity: Severity::Medium,
    what: "A security header does not have the value that the server sent.",
    why: "The values fit these pages: with Referrer-Policy: no-referrer, for example, forms without scripts are refused.",
    change: "Remove the proxy's own (nginx: add_header; Caddy: header): the server sends them all.",
};
static HEADER_DOUBLED: Rule = Rule {
    id: "header-doubled",
    severity: Severity::Medium,
    what: "A security header arrives twice.",
    why: "Browsers follow both values, or neither: pages may stop working, or be unprotected.",
    change: "Remove the proxy's own (nginx: add_header; Caddy: header): the server sends them all.",
};
static CSP_WITHOUT_WASM: Rule = Rule {
    id: "csp-without-wasm",
    severity: Severity::High,
    what: "The Content-Security-Policy of a page does not allow WebAssembly.",
    why: "The client does not start: pages work only as plain forms.",
    change: "Leave the policy to the server; its script-src has 'wasm-unsafe-eval'.",
};
static CSP_WIDENED: Rule = Rule {
    id: "csp-widened",
    severity: Severity::High,
    what: "The Content-Security-Policy of a page allows scripts that are not the server's.",
    why: "A script injected into a page runs, and acts as the user who views it.",
    change: "Leave the policy to the server. An app allows other sources by origin: Freshkey::allow.",
};
static CSP_NONCE: Rule = Rule {
    id: "csp-nonce",
    severity: Severity::High,
    what: "The nonce in the Content-Security-Policy differs from the one in the page.",
    why: "The script that starts the client is refused: pages work only as plain forms.",
    change: "Let no cache keep pages, and let nothing rewrite them or their headers.",
};
static CORS_OPENED: Rule = Rule {
    id: "cors-opened",
    severity: Severity::High,
    what: "Answers under /api have Access-Control-Allow-Origin.",
    why: "Other sites can read data meant for the user.",
    change: "Remove it from the proxy (nginx: add_header Access-Control-Allow-Origin …).",
};
static VERSION_TOLD: Rule = Rule {
    id: "version-told",
    severity: Severity::Low,
    what: "A header reveals the version of the proxy.",
    why: "Attackers who search for machines with a known vulnerability find this one.",
    change: "nginx: server_tokens off; others: remove Server and X-Powered-By.",
};

/// Script sources that allow any script.
const WIDE: [&str; 6] = ["'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:", "data:"];

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let mut found = present(seen);
    let pages = [&seen.home[0], &seen.login];
    found.extend(pages.iter().find_map(|page| policy(page)));
    let opened = |answer: &&Answer| answer.headers.contains_key("access-control-allow-origin");
    found.extend(seen.calls().find(opened).map(|answer| CORS_OPENED.seen(format!("on {}", answer.path))));
    found.extend(version(&seen.home[0]));
    found
}

/// Checks the headers that every answer has. A proxy may write some answers by itself; what those lack counts as well.
fn present(seen: &Seen) -> Vec<Finding> {
    let (mut missing, mut changed, mut doubled) = (Vec::new(), Vec::new(), Vec::new());
    let fixed = FIXED;
    let own = fixed.iter().map(|(name, value)| (name.clone(), value.to_str().ok()));
    let request_id = HeaderName::from_static("x-request-id");
    let hsts = HeaderName::from_static("strict-transport-security");
    let names = own.chain([(CONTENT_SECURITY_POLICY, None), (request_id, None), (hsts.clone(), None)]);
    for (name, expected) in names {
        let of = |paths: Vec<&str>| format!("{name}, on {}", some(paths));
        let on = |fault: &dyn Fn(&Answer) -> bool| {
            seen.all().filter(|answer| fault(answer)).map(|answer| answer.path.as_str()).collect::<Vec<_>>()
        };
        let count = |answer: &Answer| answer.headers.get_all(&name).iter().count();
        let lacking = on(&|answer| count(answer) == 0);
        // Only https has it, and it has a check of its own.
        if !lacking.is_empty() && name != hsts {
            missing.push(of(lacking));
        }
        let twice = on(&|answer| count(answer) > 1);
        if !twice.is_empty() {
            doubled.push(of(twice));
        }
        let other = on(&|answer| count(answer) == 1 && expected.is_some() && answer.header(name.as_str()) != expected);
        if !other.is_empty() {
            changed.push(of(other));
        }
    }
    let findings = [(&HEADER_MISSING, missing), (&HEADER_CHANGED, changed), (&HEADER_DOUBLED, doubled)];
    findings.into_iter().filter_map(|(rule, seen)| together(rule, seen)).collect()
}

/// Formats the first path, and how many more there are.
fn some(mut paths: Vec<&str>) -> String {
    paths.dedup();
    match paths.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, others @ ..] => format!("{first} and {} more", others.len()),
    }
}

/// Checks a page's policies: each of them must allow its scripts.
fn policy(page: &Answer) -> Option<Finding> {
    let policies = page.headers.get_all(CONTENT_SECURITY_POLICY).iter().filter_map(|value| value.to_str().ok());
    policies.flat_map(|text| text.split(',')).find_map(|policy| {
        let scripts: Vec<_> = directive(policy, "script-src").or_else(|| directive(policy, "default-src"))?.collect();
        let at = |rule: &'static Rule, what: &str| Some(rule.seen(format!("{what}, on {}", page.path)));
        if let Some(wide) = scripts.iter().find(|source| WIDE.contains(source)) {
            return at(&CSP_WIDENED, &format!("script-src {wide}"));
        }
        if !scripts.contains(&"'wasm-unsafe-eval'") {
            return at(&CSP_WITHOUT_WASM, "no 'wasm-unsafe-eval' in script-src");
        }
        let nonce = scripts.iter().find_map(|source| source.strip_prefix("'nonce-")?.strip_suffix('\''));
        match nonce {
            Some(nonce) if page.body.contains(nonce) => None,
            Some(_) => at(&CSP_NONCE, "the page has another nonce"),
            None => at(&CSP_NONCE, "the policy has no nonce"),
        }
    })
}

fn directive<'a>(policy: &'a str, name: &str) -> Option<impl Iterator<Item = &'a str>> {
    policy.split(';').find_map(|directive| {
        let mut words = directive.split_ascii_whitespace();
        words.next().is_some_and(|first| first.eq_ignore_ascii_case(name)).then_some(words)
    })
}

fn version(page: &Answer) -> Option<Finding> {
    let told = |name: &'static str| Some((name, page.header(name)?));
    let server = told("server").filter(|(_, value)| value.contains(|c: char| c.is_ascii_digit()));
    let (name, value) = server.or_else(|| told("x-powered-by"))?;
    Some(VERSION_TOLD.seen(format!("{name}: {value}")))
}
