//! Two days of a browser with three tabs, three hundred times over: how many are signed out though
//! nobody stole anything.

use super::{
    ACCESS, DAY, HOUR,
    browser::{Browser, Habits, Network},
    server::Model,
};

const SESSIONS: u64 = 300;
const GOOD: Network = Network { cut: 1000, late: 1000, crash: 0 };
const BAD: Network = Network { cut: 100, late: 50, crash: 0 };

/// The rules, one after the other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rules {
    /// A spent token works for 20 s.
    Window,
    /// And a lost answer is recovered.
    Recovery,
    /// And a request that was held up is refused.
    SentAt,
}

fn signed_out(network: Network, rules: Rules, one_at_a_time: bool) -> usize {
    let session = |seed: u64| {
        let mut server = Model::new();
        server.policy.lost_answer_recovery = rules >= Rules::Recovery;
        server.heeds_sent_at = rules >= Rules::SentAt;
        let clock = i64::try_from(seed % 7).unwrap() * HOUR - 3 * HOUR;
        let habits = Habits { tabs: 3, one_at_a_time, clock, access: ACCESS };
        let mut browser = Browser::new(server, 0, Model::crash, network, habits, seed);
        browser.run_until(2 * DAY);
        assert!(browser.signed_out || browser.refreshes > 500, "it lived");
        browser.signed_out
    };
    (0..SESSIONS).filter(|seed| session(*seed)).count()
}

#[test]
fn each_rule_earns_its_place() {
    let of = |network| [Rules::Window, Rules::Recovery, Rules::SentAt].map(|rules| signed_out(network, rules, false));
    assert_eq!(of(GOOD), [131, 0, 0]);
    assert_eq!(of(BAD), [300, 31, 0]);
}

#[test]
fn one_refresh_at_a_time_signs_nobody_out() {
    for network in [GOOD, BAD, Network { late: 5, ..BAD }, Network { crash: 20, ..BAD }] {
        assert_eq!(signed_out(network, Rules::SentAt, true), 0, "{network:?}");
    }
}
