//! The realm of the throw-away sessions, its setting and its limits.

use super::operations;
use clap::Args;
use freshkey::{
    app::types::Millis,
    server::{
        limits::LimitedAction,
        realm::Realm,
        settings::{AppSettings, SettingError, parse_switch},
    },
};
use std::time::Duration;

/// The sessions. They end soon, and the grace period is short, so that the visitor need not wait for it.
pub(super) const REALM: Realm = Realm {
    name: "lab",
    life: Millis::from_mins(10),
    grace_period: Millis::from_secs(2),
    operations: operations::all,
    switch,
};
/// The rate limit that visitors try out.
pub(super) const BUCKET: LimitedAction = LimitedAction::new("lab", 6, Duration::from_secs(18));
/// The limit of all visitors together: each session that begins has to be stored.
pub(super) const BEGUN: LimitedAction = LimitedAction::new("lab-begin", 600, Duration::from_mins(1));

#[derive(Args)]
pub(super) struct LabArgs {
    /// Serve the live parts of the page `/lab`: on or off (default: on for an http origin).
    ///
    /// With several instances, the proxy must send each visitor to the same one.
    #[arg(long, env = "FRESHKEY_LAB", value_name = "ON|OFF")]
    lab: Option<String>,
}

fn switch(settings: &AppSettings) -> Result<Option<bool>, SettingError> {
    let args = settings.get::<LabArgs>();
    parse_switch("FRESHKEY_LAB", args.as_ref().and_then(|args| args.lab.as_deref()))
}
