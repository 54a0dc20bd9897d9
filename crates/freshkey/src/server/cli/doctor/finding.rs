//! The rules about deployments, and how findings are shown.

use crate::server::cli::{Failure, json, table::harmless};
use serde::Serialize;
use std::fmt::Write;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// The site can be attacked, or users can't sign in.
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

/// Something that can be wrong.
#[derive(Debug)]
pub(super) struct Rule {
    /// The name: for scripts, and to look it up in docs/doctor.md.
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    /// What is wrong.
    pub(super) what: &'static str,
    /// Why it matters.
    pub(super) why: &'static str,
    /// The line to change.
    pub(super) change: &'static str,
}

/// Something that was found to be wrong.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) rule: &'static Rule,
    /// Where and how the fault showed.
    seen: String,
}

impl Rule {
    /// Makes a finding of this rule, with what was seen.
    pub(super) fn seen(&'static self, seen: impl Into<String>) -> Finding {
        Finding { rule: self, seen: seen.into() }
    }
}

/// Something that could not be looked at, and why.
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

/// The result of looking.
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

    /// Formats one page, the worst findings first; or one object for scripts.
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
            // A server's answer must not steer the operator's terminal.
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

/// Formats the rules for docs/doctor.md.
pub(super) fn list(rules: &[&Rule]) -> String {
    let mut list =
        "| finding | severity | what is wrong | why it matters | what to change |\n|---|---|---|---|---|\n".to_owned();
    for Rule { id, severity, what, why, change } in rules {
        let [what, why, change] = [what, why, change].map(|text| text.replace('<', "\\<").replace("__", "\\_\\_"));
        let _ = writeln!(list, "| `{id}` | {} | {what} | {why} | {change} |", severity.name());
    }
    list
}
