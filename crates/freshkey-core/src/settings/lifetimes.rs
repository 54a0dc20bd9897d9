//! The lifetimes of sessions and tokens.

use super::{
    ServeArgs,
    check::{ACCESS_TTL, Check, GRACE, SESSION_TTL, lifetime, on_or_off, parse_grace},
};
use crate::rules::{rotation::Policy, session::Lifetimes};
use freshkey_types::Millis;
use std::time::Duration;

pub(super) fn parse(check: &mut Check, args: &ServeArgs) -> Lifetimes {
    let mut ttl = |variable, text: &str, accepts, longest| {
        check.parse(variable, text, accepts, lifetime(longest)).unwrap_or_default()
    };
    let (day, century) = (Duration::from_hours(24), Duration::from_hours(100 * 366 * 24));
    let access = ttl("FRESHKEY_ACCESS_TTL", &args.access_ttl, ACCESS_TTL, day);
    let refresh = ttl("FRESHKEY_REFRESH_TTL", &args.refresh_ttl, SESSION_TTL, century);
    let idle = ttl("FRESHKEY_IDLE_TTL", &args.idle_ttl, SESSION_TTL, century);
    let grace_period =
        check.parse("FRESHKEY_REFRESH_GRACE", &args.refresh_grace, GRACE, parse_grace).unwrap_or_default();
    let recovery = check.parse("FRESHKEY_LOST_ANSWER_RECOVERY", &args.lost_answer_recovery, "on or off", on_or_off);
    let rotation = Policy { grace_period, idle, lost_answer_recovery: recovery.unwrap_or_default() };
    Lifetimes { access, refresh, rotation }
}

impl Lifetimes {
    /// Returns after how many seconds a client gives up a refresh: half the grace period, so that anything still on
    /// its way is answered within the other half. A whole number, unless that would be zero.
    pub fn refresh_timeout(&self) -> f64 {
        const WITHOUT_GRACE: u32 = 10;
        let number = |n| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        match self.rotation.grace_period {
            Millis::ZERO => WITHOUT_GRACE.into(),
            Millis(short) if short < 2000 => number(short) / 2000.0,
            grace_period => number((grace_period / 2).whole_seconds().0),
        }
    }
}
