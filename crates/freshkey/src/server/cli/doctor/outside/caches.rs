//! What caches in between may keep, what they must not, and how web files arrive.

use super::{
    KEYS, Seen, together,
    transport::{max_age, seconds},
};
use crate::app::types::{Millis, Seconds};
use crate::server::cli::doctor::{
    client::Answer,
    finding::{Finding, Rule, Severity},
};
use http::{StatusCode, header::CONTENT_ENCODING};
use std::collections::BTreeSet;

pub(super) const RULES: &[&Rule] = &[
    &ANSWER_FROM_CACHE,
    &ANSWER_MAY_BE_KEPT,
    &FILE_MISSING,
    &FILE_NOT_KEPT,
    &FILE_TYPE,
    &FILE_UNCOMPRESSED,
    &KEYS_UNREACHABLE,
    &KEYS_DIFFER,
    &KEYS_KEPT_TOO_LONG,
    &KEYS_WITHOUT_CORS,
];

static ANSWER_FROM_CACHE: Rule = Rule {
    id: "answer-from-cache",
    severity: Severity::High,
    what: "A cache answers for a page or a call.",
    why: "Users get answers meant for others, and browsers refuse a page's script because of its old nonce.",
    change: "Cache /pkg/ and nothing else (nginx: proxy_cache in location /pkg/ alone; CDN: respect Cache-Control).",
};
static ANSWER_MAY_BE_KEPT: Rule = Rule {
    id: "answer-may-be-kept",
    severity: Severity::High,
    what: "The Cache-Control of a page or a call lets caches keep the answer.",
    why: "A cache in between, or the browser after a sign-out, shows another user's data.",
    change: "Leave Cache-Control to the server (nginx: no expires, no add_header Cache-Control outside /pkg/).",
};
static FILE_MISSING: Rule = Rule {
    id: "file-missing",
    severity: Severity::High,
    what: "A web file that the page uses is missing.",
    why: "Without its script the client does not start; without its style sheet the page is bare.",
    change: "Let /pkg/ through to the server, and deploy target/site of the same build (LEPTOS_SITE_ROOT).",
};
static FILE_NOT_KEPT: Rule = Rule {
    id: "file-not-kept",
    severity: Severity::Low,
    what: "Caches may not keep a web file that has a hash in its name.",
    why: "Each visit downloads the client again.",
    change: "Leave Cache-Control of /pkg/ to the server: public, max-age=31536000, immutable.",
};
static FILE_TYPE: Rule = Rule {
    id: "file-type",
    severity: Severity::High,
    what: "A web file arrives with the wrong Content-Type.",
    why: "Browsers refuse scripts and WebAssembly with a wrong type (nosniff).",
    change: "nginx, where it serves /pkg/ by itself: types { application/wasm wasm; text/javascript js; text/css css; }",
};
static FILE_UNCOMPRESSED: Rule = Rule {
    id: "file-uncompressed",
    severity: Severity::Low,
    what: "A large web file arrives uncompressed.",
    why: "The first visit downloads three times as much.",
    change: "Let Accept-Encoding through (nginx: no proxy_set_header Accept-Encoding \"\"), and deploy what make build produces.",
};
static KEYS_UNREACHABLE: Rule = Rule {
    id: "keys-unreachable",
    severity: Severity::High,
    what: "The key set can't be fetched.",
    why: "Other services can't verify access tokens.",
    change: "Let /.well-known/jwks.json through to the server (certbot needs only /.well-known/acme-challenge/).",
};
static KEYS_DIFFER: Rule = Rule {
    id: "keys-differ",
    severity: Severity::High,
    what: "Instances have different keys.",
    why: "They have separate databases: a user who signs in at one is unknown to the other, and every second call fails.",
    change: "The same DATABASE_URL for all instances; with SQLite, one machine.",
};
static KEYS_KEPT_TOO_LONG: Rule = Rule {
    id: "keys-kept-too-long",
    severity: Severity::High,
    what: "Caches keep the key set for longer than five minutes.",
    why: "Meanwhile, other services accept a withdrawn key and refuse the tokens of a new one.",
    change: "Leave its Cache-Control to the server: public, max-age=300.",
};
static KEYS_WITHOUT_CORS: Rule = Rule {
    id: "keys-without-cors",
    severity: Severity::Low,
    what: "The key set has no Access-Control-Allow-Origin: *.",
    why: "Scripts in other sites' pages can't read it, although it is public.",
    change: "Let the header through (nginx: no proxy_hide_header Access-Control-Allow-Origin).",
};

/// How long the key set may be kept: a new key is published that long before it signs.
const KEYS_KEPT: Seconds = Seconds(300);
/// How long a file should be kept at least.
const DAY: Seconds = Millis::from_days(1).whole_seconds();
/// The size from which compression pays, in bytes.
const LARGE: usize = 32 * 1024;

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let found = [
        from_cache(seen),
        together(&FILE_MISSING, each_file(seen, |file| (file.status != StatusCode::OK).then(|| file.told()))),
        together(&FILE_TYPE, each_file(seen, other_type)),
        together(&FILE_UNCOMPRESSED, each_file(seen, uncompressed)),
    ];
    let kept = together(&ANSWER_MAY_BE_KEPT, seen.calls().chain(pages(seen)).filter_map(may_be_kept).collect());
    // One line in the proxy's configuration may set the same header on every answer.
    let one_line = kept.is_some() && says_one_thing(seen);
    let not_kept = together(&FILE_NOT_KEPT, each_file(seen, not_kept)).filter(|_| !one_line);
    let keys = keys(&seen.keys).filter(|found| !one_line || found.rule.id != KEYS_KEPT_TOO_LONG.id);
    found.into_iter().chain([kept, not_kept, keys]).flatten().collect()
}

fn pages(seen: &Seen) -> impl Iterator<Item = &Answer> {
    seen.home.iter().chain([&seen.login]).filter(|page| page.status == StatusCode::OK)
}

/// Whether all answers have the same Cache-Control: the server sends several.
fn says_one_thing(seen: &Seen) -> bool {
    let all = seen.calls().chain(pages(seen)).chain(&seen.files).chain(&seen.keys);
    let values: BTreeSet<_> = all.map(|answer| answer.header("cache-control")).collect();
    values.len() == 1
}

/// Finds answers from a cache: the server gives each answer an id of its own.
fn from_cache(seen: &Seen) -> Option<Finding> {
    let same = [&seen.home, &seen.description].into_iter().find_map(|[first, second]| {
        let id = first.header("x-request-id")?;
        (second.header("x-request-id") == Some(id)).then(|| format!("{} has the same X-Request-Id twice", first.path))
    });
    let aged = |answer: &Answer| answer.headers.contains_key("age").then(|| format!("{} has an Age", answer.path));
    let seen = same.or_else(|| seen.calls().chain(pages(seen)).find_map(aged))?;
    Some(ANSWER_FROM_CACHE.seen(seen))
}

fn may_be_kept(answer: &Answer) -> Option<String> {
    let value = answer.header("cache-control").unwrap_or("none");
    let kept = !answer.says("cache-control", "no-store")
        && (answer.path.starts_with("/api/") || !answer.says("cache-control", "no-cache"));
    kept.then(|| format!("Cache-Control: {value}, on {}", answer.path))
}

fn each_file(seen: &Seen, fault: impl Fn(&Answer) -> Option<String>) -> Vec<String> {
    seen.files.iter().filter_map(fault).collect()
}

/// Checks only files that exist.
fn not_kept(file: &Answer) -> Option<String> {
    let hashed = file.path.rsplit('/').next()?.split('.').count() > 2;
    let value = file.header("cache-control").unwrap_or("none");
    let asked_again = ["no-cache", "no-store"].into_iter().any(|word| file.says("cache-control", word));
    let kept = !asked_again && max_age(value).is_some_and(|age| age >= DAY);
    (file.status == StatusCode::OK && hashed && !kept).then(|| format!("Cache-Control: {value}, on {}", file.path))
}

fn other_type(file: &Answer) -> Option<String> {
    let found = file.header("content-type").unwrap_or("none");
    let essence = found.split(';').next().unwrap_or_default().trim();
    let good = match file.path.rsplit('.').next() {
        Some("wasm") => essence == "application/wasm",
        Some("js") => matches!(essence, "text/javascript" | "application/javascript"),
        _ => essence == "text/css",
    };
    (file.status == StatusCode::OK && !good).then(|| format!("Content-Type: {found}, on {}", file.path))
}

fn uncompressed(file: &Answer) -> Option<String> {
    let plain = !file.headers.contains_key(CONTENT_ENCODING) && file.body.len() >= LARGE;
    (file.status == StatusCode::OK && plain).then(|| format!("{} bytes, at {}", file.body.len(), file.path))
}

fn keys(keys: &[Answer]) -> Option<Finding> {
    let found = keys.iter().find_map(key_set);
    let sets: Vec<_> = keys.iter().filter_map(Answer::json).collect();
    let differ = sets.iter().any(|set| Some(set) != sets.first());
    found.or_else(|| differ.then(|| KEYS_DIFFER.seen(format!("{KEYS} has now these keys, and now others"))))
}

/// Returns what is wrong with this answer by itself.
fn key_set(keys: &Answer) -> Option<Finding> {
    let set = keys.json().filter(|json| keys.status == StatusCode::OK && json.get("keys").is_some());
    if set.is_none() {
        return Some(KEYS_UNREACHABLE.seen(keys.told()));
    }
    let value = keys.header("cache-control").unwrap_or("none");
    let age = keys.header("age").and_then(seconds).unwrap_or_default();
    if max_age(value).is_none_or(|age| age > KEYS_KEPT) || age > KEYS_KEPT {
        return Some(KEYS_KEPT_TOO_LONG.seen(format!("Cache-Control: {value}, Age: {age}, on {KEYS}")));
    }
    let open = keys.header("access-control-allow-origin") == Some("*");
    (!open).then(|| KEYS_WITHOUT_CORS.seen(keys.told()))
}
