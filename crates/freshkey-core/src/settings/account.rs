//! How users prove who they are by email, and how long codes, links and sign-ins count.

use super::{
    ServeArgs,
    check::{Check, lifetime, on_or_off},
};
use crate::{
    gcra::Limit,
    rules::{challenge::ChallengeLifetimes, two_step::RequireMfa},
};
use freshkey_types::Millis;
use std::time::Duration;

/// The accepted values for a code's lifetime.
const CODE_TTL: &str = "a duration from 1s to 1h, like 10m";
/// The accepted values for a registration's lifetime.
const REGISTER_TTL: &str = "a duration from 1s to 30d, like 24h";

/// The accepted values for the time until an account is removed.
const DELETE_AFTER: &str = "a duration up to 90d, like 7d, or 0s";
const DAY: Duration = Duration::from_hours(24);
/// The accepted values for the lifetime of "It was not me" links.
const UNDO_TTL: &str = "a duration from 1s to 30d, like 72h";
/// The accepted values for how long a sign-in counts for sensitive calls.
const STEP_UP_TTL: &str = "a duration from 1s to 30d, like 10m";

/// The accepted values for who must have two-step sign-in.
const REQUIRE_MFA: &str = "none, admins or all";
/// The accepted values for how long a device can be trusted.
const TRUST_DEVICE: &str = "a duration from 1s to 365d, like 30d, or off";

/// The operator's settings for accounts.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// How long codes, links and the steps that wait for them are valid.
    pub lifetimes: ChallengeLifetimes,
    /// Whether a code from an email can sign a user in.
    pub mail_sign_in: bool,
    /// The time from the request to delete an account to its removal.
    pub delete_after: Millis,
    /// How long the link in an email can undo what it reports.
    pub undo: Millis,
    /// How recent a sign-in must be for sensitive calls.
    pub step_up: Millis,
    /// Who must have two-step sign-in.
    pub require_mfa: RequireMfa,
    /// How long a trusted device skips the second step; `None` if no device can be trusted.
    pub trust_device: Option<Millis>,
}

/// Reads the account settings, and the limit of emails for callers who are not signed in.
pub(super) fn parse(check: &mut Check, args: &ServeArgs) -> (Account, Option<Limit>) {
    let hour = Duration::from_hours(1);
    let code = check.parse("FRESHKEY_CODE_TTL", &args.code_ttl, CODE_TTL, lifetime(hour));
    let register = check.parse("FRESHKEY_REGISTER_TTL", &args.register_ttl, REGISTER_TTL, lifetime(30 * 24 * hour));
    let step_up = check.parse("FRESHKEY_STEP_UP_TTL", &args.step_up_ttl, STEP_UP_TTL, lifetime(30 * 24 * hour));
    let undo = check.parse("FRESHKEY_UNDO_TTL", &args.undo_ttl, UNDO_TTL, lifetime(30 * 24 * hour));
    let mail_sign_in = check.parse("FRESHKEY_MAIL_SIGN_IN", &args.mail_sign_in, "on or off", on_or_off);
    let delete_after = check.parse("FRESHKEY_DELETE_AFTER", &args.delete_after, DELETE_AFTER, parse_delay);
    let require_mfa = check.parse("FRESHKEY_REQUIRE_MFA", &args.require_mfa, REQUIRE_MFA, RequireMfa::parse);
    let trust_device = check.parse("FRESHKEY_TRUST_DEVICE", &args.trust_device, TRUST_DEVICE, parse_trust);
    let lifetimes = ChallengeLifetimes { code: code.unwrap_or_default(), register: register.unwrap_or_default() };
    let account = Account {
        lifetimes,
        mail_sign_in: mail_sign_in.unwrap_or_default(),
        undo: undo.unwrap_or_default(),
        step_up: step_up.unwrap_or_default(),
        delete_after: delete_after.unwrap_or_default(),
        require_mfa: require_mfa.unwrap_or_default(),
        trust_device: trust_device.filter(|life| *life > Millis::ZERO),
    };
    (account, check.limit("FRESHKEY_MAIL_RATE_LIMIT", &args.mail_rate_limit))
}

/// Parses how long devices are trusted; zero for `off`.
fn parse_trust(text: &str) -> Option<Millis> {
    if text == "off" { Some(Millis::ZERO) } else { lifetime(365 * DAY)(text) }
}

fn parse_delay(text: &str) -> Option<Millis> {
    let delay = humantime::parse_duration(text).ok().filter(|delay| *delay <= 90 * DAY)?;
    Millis::try_from(delay).ok()
}
