//! What may be wrong with a deployment, and how a finding is shown.

use crate::server::cli::{Failure, json, table::harmless};
use serde::Serialize;
use std::fmt::Write;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// Somebody can be attacked, or can't sign in.
    High,
    /// It will fail under load, later, or together with another fault.
    Medium,
    /// It works, and could be better.
    Low,
}

impl Severity {
    const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// Something that may be wrong.
#[derive(Debug)]
pub(super) struct Rule {
    /// Its name: for scripts, and to look it up in docs/doctor.md.
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    /// What is wrong.
    pub(super) what: &'static str,
    /// Why it matters.
    pub(super) why: &'static str,
    /// The line to change.
    pub(super) change: &'static str,
}

/// Something that is wrong.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) rule: &'static Rule,
    /// Where and how it showed.
    seen: String,
}

impl Rule {
    /// It is so: this was seen.
    pub(super) fn seen(&'static self, seen: impl Into<String>) -> Finding {
        Finding { rule: self, seen: seen.into() }
    }
}

/// What could not be looked at, and why.
#[derive(Debug, Serialize)]
pub(super) struct Unchecked {
    what: &'static str,
    why: String,
}

impl Unchecked {
    pub(super) fn new(what: &'static str, why: impl Into<String>) -> Self {
        Self { what, why: why.into() }
    }
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) findings: Vec<Finding>,
    pub(super) unchecked: Vec<Unchecked>,
}

impl Report {
    pub(super) fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.unchecked.extend(other.unchecked);
    }

    /// One page, the worst first; or one object for scripts.
    pub(super) fn show(&self, target: &str, as_json: bool) -> Result<String, Failure> {
        let mut findings: Vec<_> = self.findings.iter().collect();
        findings.sort_by_key(|finding| finding.rule.severity);
        if as_json {
            let findings: Vec<_> = findings.into_iter().map(Finding::shown).collect();
            return json(&serde_json::json!({"target": target, "findings": findings, "unchecked": self.unchecked}));
        }
        let mut page = match findings.len() {
            0 => format!("{target}: nothing found\n"),
            1 => format!("{target}: 1 finding\n"),
            many => format!("{target}: {many} findings\n"),
        };
        for finding in findings {
            let Rule { id, severity, what, why, change } = finding.rule;
            // What a server says must not steer the operator's terminal.
            let seen = harmless(&finding.seen);
            let lines = format!("  seen:   {seen}\n  why:    {why}\n  change: {change}\n");
            let _ = write!(page, "\n{id} ({}): {what}\n{lines}", severity.name());
        }
        if !self.unchecked.is_empty() {
            page.push_str("\nNot looked at:\n");
        }
        for Unchecked { what, why } in &self.unchecked {
            let _ = writeln!(page, "  {what}: {}", harmless(why));
        }
        Ok(page)
    }
}

impl Finding {
    fn shown(&self) -> serde_json::Value {
        let Rule { id, severity, what, why, change } = self.rule;
        serde_json::json!({"id": id, "severity": severity, "what": what, "seen": self.seen, "why": why, "change": change})
    }
}

/// The rules as docs/doctor.md has them.
pub(super) fn list(rules: &[&Rule]) -> String {
    let mut list =
        "| finding | severity | what is wrong | why it matters | what to change |\n|---|---|---|---|---|\n".to_owned();
    for Rule { id, severity, what, why, change } in rules {
        let [what, why, change] = [what, why, change].map(|text| text.replace('<', "\\<").replace("__", "\\_\\_"));
        let _ = writeln!(list, "| `{id}` | {} | {what} | {why} | {change} |", severity.name());
    }
    list
}
