//! Somebody has a copy of the cookie.

use super::{
    ACCESS, DAY, GRACE, HOUR, MINUTE,
    browser::{Browser, Habits, Network},
    server::{Answer, Model, Server},
};
use freshkey::app::types::EndReason;

const FLAWLESS: Network = Network { cut: 0, late: 0, crash: 0 };
const HABITS: Habits = Habits { tabs: 3, one_at_a_time: true, clock: 0, access: ACCESS };

/// Minutes until the session of a copy is over: the thief refreshes at once, and again as soon as the
/// token turns over, and calls what is here.
fn minutes_until_caught(seed: u64) -> i64 {
    let mut owner = Browser::new(Model::new(), 0, Model::crash, FLAWLESS, HABITS, seed);
    let theft = HOUR + i64::try_from(seed * 7919).unwrap() % HOUR;
    owner.run_until(theft);
    let mut copy = owner.jar;
    for turn in 0.. {
        owner.run_until(theft + turn * GRACE);
        let Answer::Granted { cookie, access } = owner.server.refresh(&copy, None, owner.now) else { break };
        copy = cookie.unwrap_or(copy);
        owner.server.call(&access, owner.now);
        if owner.signed_out {
            break;
        }
    }
    assert_eq!(owner.server.chain.ended, Some(EndReason::Replay));
    (owner.now - theft) / MINUTE
}

#[test]
fn who_uses_a_copy_is_caught_at_the_owners_next_refresh() {
    let mut minutes: Vec<i64> = (0..300).map(minutes_until_caught).collect();
    minutes.sort_unstable();
    assert_eq!((minutes[150], minutes[299]), (3, 15), "in the median, and at the most");
}

/// He uses his tokens at other services only, where it is not seen, and refreshes a minute before the
/// owner each time. When is the session over?
fn in_step(bounded: bool) -> Option<i64> {
    let mut server = Model::new();
    let (mut owner, mut thief) = (0, 0);
    for now in (1..=DAY / ACCESS).map(|turn| turn * ACCESS) {
        for (cookie, at) in [(&mut thief, now - MINUTE), (&mut owner, now)] {
            match server.refresh(cookie, None, at) {
                Answer::Granted { cookie: new, .. } => *cookie = new.unwrap_or(*cookie),
                Answer::Stale => unreachable!("it says nothing of when"),
                Answer::Over => return Some(at),
            }
            if !bounded {
                server.chain.recovery = freshkey::server::auth::rotation::Recovery::NONE;
            }
        }
    }
    None
}

#[test]
fn who_keeps_in_step_with_the_owner_is_caught_within_the_hour() {
    assert_eq!(in_step(true).map(|at| at / HOUR), Some(1), "at the owner's fourth refresh");
    assert!(in_step(true) <= Some(HOUR));
    assert_eq!(in_step(false), None, "without the bound of rule 3: never");
}
