//! `freshkey doctor`: what is wrong with a deployment, why it matters, and the line to change.
//!
//! A check is a function of what was observed. It returns nothing, or one of the rules beside it. So every check is
//! tested against a deployment with just that fault (`tests/server/doctor`), and docs/doctor.md lists the rules.

mod client;
mod finding;
mod local;
mod outside;

use super::{complain, unacceptable};
use crate::server::{freshkey::Freshkey, settings::ServeArgs};
use client::ClientError;
use finding::{Report, Rule, list};
use freshkey_core::causes::with_causes;
use local::LocalArgs;
use std::{
    io::{ErrorKind, Write, stdout},
    process::ExitCode,
};
use url::Url;

/// The exit code if nothing could be looked at.
const NOT_INSPECTED: u8 = 2;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Site to check from outside, by the address that users open: `https://app.example.com`.
    #[arg(value_name = "SITE", value_parser = site, required_unless_present_any = ["list", "local"])]
    site: Option<Url>,
    /// Address at which the site redirects plain http to https, if it is not port 80 of the same host.
    #[arg(long, value_name = "URL", value_parser = site)]
    http: Option<Url>,
    /// Also check whether the rate limit can be bypassed. This uses up this machine's allowance for about a minute.
    #[arg(long)]
    limits: bool,
    /// List all possible findings as a Markdown table.
    #[arg(long)]
    list: bool,
    /// Print JSON, for scripts.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    local: LocalArgs,
    #[command(flatten)]
    settings: ServeArgs,
}

/// Why a site could not be looked at.
#[derive(Debug, thiserror::Error)]
enum DoctorError {
    #[error("{0}")]
    Client(String, #[source] ClientError),
    #[error("{0} does not answer as Freshkey does: {1}")]
    NotFreshkey(String, String),
    #[error("{0} leads to {1:?}: look there")]
    Elsewhere(String, String),
    #[error("{0} takes no more calls from this machine for now (429); try again in a minute")]
    Limited(String),
}

/// Looks, and prints what it found. Returns 0 for nothing, 1 for findings, 2 if it could not look.
pub(super) async fn run(args: Args, app: &Freshkey) -> ExitCode {
    if args.list {
        return print(&list(&rules()), ExitCode::SUCCESS);
    }
    let (mut report, mut targets) = (Report::default(), Vec::new());
    if let Some(site) = &args.site {
        match outside::inspect(site, args.http.as_ref(), args.limits).await {
            Ok(found) => report.extend(found),
            Err(why) => {
                complain(&with_causes(&why));
                return ExitCode::from(NOT_INSPECTED);
            }
        }
        targets.push(name(site));
    }
    if args.local.local {
        let own = match app.own_settings() {
            Ok(own) => own,
            Err(error) => error.exit(),
        };
        match app.check(args.settings.clone(), own) {
            Ok(settings) => report.extend(local::inspect(&args.local, &args.settings, &settings).await),
            Err(errors) => return unacceptable(&errors),
        }
        targets.push("this machine".to_owned());
    }
    show(&report, &targets.join(" and "), args.json)
}

fn show(report: &Report, target: &str, as_json: bool) -> ExitCode {
    let code = if report.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    match report.show(target, as_json) {
        Ok(page) => print(&page, code),
        Err(failure) => {
            complain(&with_causes(&failure));
            ExitCode::from(NOT_INSPECTED)
        }
    }
}

fn print(text: &str, code: ExitCode) -> ExitCode {
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        // The reader has gone, like `head`, and wants no more.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(&format!("the output can't be written: {error}"));
            ExitCode::from(NOT_INSPECTED)
        }
        _ => code,
    }
}

/// Returns all rules.
fn rules() -> Vec<&'static Rule> {
    outside::RULES.into_iter().chain(local::RULES).flatten().copied().collect()
}

/// Returns the site's name: its origin.
fn name(site: &Url) -> String {
    site.origin().ascii_serialization()
}

/// Parses an origin. Other parts of an address, such as a password, are refused.
fn site(text: &str) -> Result<Url, String> {
    let example = || "an address like https://app.example.com, without a user or a path".to_owned();
    let url = Url::parse(text).map_err(|_| example())?;
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let good = matches!(url.scheme(), "http" | "https") && bare && url.path() == "/" && url.has_host();
    if good { Ok(url) } else { Err(example()) }
}
