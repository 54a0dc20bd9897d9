//! The calls, by the OpenAPI document.

use freshkey::{Freshkey, server::openapi::document};
use serde_json::Value;
use starter::brand::BRAND;
use std::{collections::BTreeSet, fmt::Write};

const HEAD: &str = "\
# Calls

Every call of Freshkey's, as `GET /api/openapi.json` describes it: there the fields and the answers have their types, and an
app's own calls are as well. A body is JSON or an HTML form, of 64 KiB at most. Fields in parentheses may be missing. What a
refusal looks like, and what each code means, is told in [Errors](errors.md).
";

/// Who may call, in the order of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    Anybody,
    Cookie,
    Token,
    TokenAndCsrf,
    Recent,
}

const CALLERS: [(Caller, &str, &str); 5] = [
    (Caller::Anybody, "For everybody", ""),
    (
        Caller::Cookie,
        "With the refresh cookie",
        "The cookie comes from a sign-in. `POST /api/logout` takes an access token as well.",
    ),
    (
        Caller::Token,
        "With an access token",
        "`Authorization: Bearer …`, with the `access_token` of a sign-in or a refresh.",
    ),
    (
        Caller::TokenAndCsrf,
        "With an access token and the CSRF token",
        "The same, and `X-CSRF-Token` with the `csrf_token` that came along. A form has it in its field `_csrf`.",
    ),
    (
        Caller::Recent,
        "With a recent sign-in",
        "The same; and the sign-in, or the last `POST /api/step-up`, is at most `FRESHKEY_STEP_UP_TTL` old.",
    ),
];

struct Call {
    name: String,
    summary: String,
    caller: Caller,
    reads: String,
    answers: String,
    refuses: BTreeSet<String>,
}

impl Call {
    fn is_post(&self) -> bool {
        self.name.starts_with("POST")
    }
}

pub fn page() -> String {
    let document = document(&Freshkey::new(BRAND, || ()).mount(freshkey_lab::lab), "refresh", 8);
    let mut calls: Vec<Call> = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        calls.extend(methods.as_object().unwrap().iter().map(|(method, call)| describe(method, path, call)));
    }
    calls.sort_by(|one, other| one.name.split(' ').nth(1).cmp(&other.name.split(' ').nth(1)));
    let mut page = HEAD.to_owned();
    let _ = write!(page, "\nAny call may be refused with {}", taken(&mut calls, |_| true));
    let _ = writeln!(page, ", and a POST with {}.", taken(&mut calls, Call::is_post));
    for (caller, title, how) in CALLERS {
        let _ = write!(page, "\n## {title}\n\n");
        let codes = taken(&mut calls, |call| call.caller == caller);
        let all = if codes.is_empty() { codes } else { format!("Each may be refused with {codes}.") };
        let intro = [how, &all].join(" ");
        if !intro.trim().is_empty() {
            let _ = write!(page, "{}\n\n", intro.trim());
        }
        page.push_str("| call | what it does | reads | answers | may refuse with |\n|---|---|---|---|---|\n");
        for Call { name, summary, reads, answers, refuses, .. } in calls.iter().filter(|call| call.caller == caller) {
            let _ = writeln!(page, "| `{name}` | {summary} | {reads} | {answers} | {} |", code(refuses));
        }
    }
    page
}

/// The codes that each of these calls may be refused with, which is said once and not again beside each.
fn taken(calls: &mut [Call], which: impl Fn(&Call) -> bool) -> String {
    // Health and keys are no calls, and are not refused.
    let which = |call: &Call| call.name.contains(" /api/") && which(call);
    let mut sets = calls.iter().filter(|call| which(call)).map(|call| call.refuses.clone());
    let first = sets.next().unwrap();
    let common = sets.fold(first, |common, codes| &common & &codes);
    for call in calls.iter_mut().filter(|call| which(call)) {
        call.refuses = &call.refuses - &common;
    }
    code(&common)
}

fn code<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn describe(method: &str, path: &str, call: &Value) -> Call {
    let responses = call["responses"].as_object().unwrap();
    let refuses = responses.values().flat_map(|refusal| {
        let codes = &refusal["content"]["application/json"]["schema"]["allOf"][1]["properties"]["code"]["enum"];
        codes.as_array().into_iter().flatten().map(|code| code.as_str().unwrap().to_owned())
    });
    let done = || responses.iter().filter(|(status, _)| status.starts_with('2'));
    let statuses: Vec<_> = done().map(|(status, _)| status.as_str()).collect();
    Call {
        name: format!("{} {path}", method.to_uppercase()),
        summary: call["summary"].as_str().unwrap().to_owned(),
        caller: caller(call),
        reads: reads(call),
        answers: format!("{}{}", statuses.join(" or "), answered(done().next().unwrap().1)),
        refuses: refuses.collect(),
    }
}

/// The type of an answer, after a colon.
fn answered(answer: &Value) -> String {
    let schema = &answer["content"]["application/json"]["schema"];
    let name = |schema: &Value| schema["$ref"].as_str().map(|name| format!("`{}`", name.rsplit('/').next().unwrap()));
    let either: Vec<_> = schema["oneOf"].as_array().into_iter().flatten().filter_map(name).collect();
    match (name(schema), name(&schema["items"]), schema["type"].as_str()) {
        (Some(name), ..) => format!(": {name}"),
        (_, Some(name), _) => format!(": list of {name}"),
        (_, _, Some("array")) => ": list".to_owned(),
        (_, _, Some(other)) => format!(": {other}"),
        _ if !either.is_empty() => format!(": {}", either.join(" or ")),
        _ => String::new(),
    }
}

/// The fields of the body or the query.
fn reads(call: &Value) -> String {
    let body = &call["requestBody"]["content"]["application/json"]["schema"];
    let required: Vec<_> = body["required"].as_array().into_iter().flatten().collect();
    let in_body = body["properties"].as_object().into_iter().flatten();
    let in_body = in_body.map(|(name, _)| (name.as_str(), required.iter().any(|required| **required == *name)));
    let in_query = call["parameters"].as_array().into_iter().flatten();
    let in_query = in_query.map(|field| (field["name"].as_str().unwrap(), field["required"] == true));
    let fields = in_body.chain(in_query).filter(|(name, _)| *name != "_csrf");
    let fields = fields.map(|(name, required)| if required { format!("`{name}`") } else { format!("(`{name}`)") });
    fields.collect::<Vec<_>>().join(", ")
}

fn caller(call: &Value) -> Caller {
    let ways = call["security"].to_string();
    match (ways.contains("bearer"), ways.contains("csrf"), ways.contains("refresh")) {
        _ if call["description"].is_string() => Caller::Recent,
        (true, true, _) => Caller::TokenAndCsrf,
        (_, _, true) => Caller::Cookie,
        (true, ..) => Caller::Token,
        _ => Caller::Anybody,
    }
}
