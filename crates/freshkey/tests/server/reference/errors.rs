//! The codes of refusals and the reasons that go with them, by the lists in the source.

use freshkey::app::{
    error::Code,
    types::{EndReason, StepReason},
};
use std::fmt::Write;

const SOURCE: &str = include_str!("../../../src/app/error/mod.rs");
const HEAD: &str = "\
# Errors

Each refusal of a call is a status and a JSON object with a `code` for programs and a `message` for people. A program goes by
the code: codes and their statuses [stay](../upgrading.md#what-is-promised), messages may change. `X-Request-Id` is the
request's name in the [log](../operations.md#the-log), which has the cause of what is our fault. With 429, and with 503,
`Retry-After` says how many seconds to wait.
";

pub fn page() -> String {
    let mut page = HEAD.to_owned();
    let codes = entries(SOURCE, "\ncodes! {\n", "\n}\n");
    page.push_str("\n## Codes\n\n| code | status | when | message |\n|---|---|---|---|\n");
    for Entry { text, when } in codes {
        let code = Code::parse(&text).unwrap();
        let status = if code.status() == 0 { "none".to_owned() } else { code.status().to_string() };
        let _ = writeln!(page, "| `{text}` | {status} | {when} | {} |", code.message());
    }
    page.push_str("\n## Members\n\n| member | meaning |\n|---|---|\n");
    for Entry { text, when } in members(SOURCE) {
        let _ = writeln!(page, "| `{text}` | {when} |");
    }
    let reasons = include_str!("../../../../freshkey-types/src/words.rs");
    page.push_str("\n## Why a session is over\n\nThe `reason` of `SESSION_ENDED` and `INVALID_REFRESH_TOKEN`:\n\n");
    page.push_str(&words(&entries(reasons, "\n    EndReason,", "\n    }\n"), |text| EndReason::known(text).sentence()));
    page.push_str("\n## Why a step is over\n\nThe `reason` of `CHALLENGE_OVER` and `INVALID_LINK`. `INVALID_CODE` may have `expired`:\n\n");
    page.push_str(&words(&entries(reasons, "\n    StepReason,", "\n    }\n"), |text| {
        StepReason::known(text).sentence()
    }));
    page
}

/// A word, and its comment.
struct Entry {
    text: String,
    when: String,
}

/// The words of a list in the source: a comment and a line like `Name, "text", …;` for each.
fn entries(source: &str, before: &str, after: &str) -> Vec<Entry> {
    let list = source.split_once(before).unwrap().1.split_once(after).unwrap().0;
    let (mut found, mut when) = (Vec::new(), Vec::new());
    for line in list.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("/// ") {
            when.push(comment);
        } else if let Some(text) = line.split('"').nth(1) {
            found.push(Entry { text: text.to_owned(), when: when.join(" ") });
            when.clear();
        }
    }
    assert!(found.len() > 3 && found.iter().all(|entry| !entry.when.is_empty()), "{before}");
    found
}

/// The fields of `ApiError` that are sent.
fn members(source: &str) -> Vec<Entry> {
    let fields = source.split_once("\npub struct ApiError {\n").unwrap().1.split_once("\n}\n").unwrap().0;
    let (mut found, mut when, mut sent) = (Vec::new(), Vec::new(), true);
    for line in fields.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("/// ") {
            when.push(comment);
        } else if line == "#[serde(skip)]" {
            sent = false;
        } else if let Some((name, _)) = line.strip_prefix("pub ").and_then(|field| field.split_once(':')) {
            let entry = Entry { text: name.to_owned(), when: when.join(" ") };
            found.extend(sent.then_some(entry));
            (when, sent) = (Vec::new(), true);
        }
    }
    assert!(found.len() > 4, "{}", found.len());
    found
}

fn words(entries: &[Entry], sentence: impl Fn(&str) -> &'static str) -> String {
    let rows = entries.iter().map(|Entry { text, when }| format!("| `{text}` | {when} | {} |\n", sentence(text)));
    "| reason | when | what the person reads |\n|---|---|---|\n".to_owned() + &rows.collect::<String>()
}
