//! Whatever the network, the clock and the machine do: who is honest stays signed in, and what ended
//! stays ended.

use super::{
    ACCESS, DAY, GRACE, HOUR, SECOND,
    browser::{Browser, Habits, Network},
    server::{Answer, Model, Server},
};
use freshkey::app::types::EndReason;
use proptest::{prelude::*, test_runner::RngSeed};

/// The bounds of rule 3 are part of the rule: answers are lost less often than they allow.
fn network() -> impl Strategy<Value = Network> {
    let once_in = |low: u64| prop_oneof![Just(0), low..400_u64];
    (once_in(50), once_in(5), once_in(8)).prop_map(|(cut, late, crash)| Network { cut, late, crash })
}

fn habits(one_at_a_time: bool) -> impl Strategy<Value = Habits> {
    let access = prop_oneof![5 * SECOND..60 * SECOND, Just(ACCESS)];
    (1..6_usize, -DAY..DAY, access).prop_map(move |(tabs, clock, access)| Habits { tabs, one_at_a_time, clock, access })
}

/// The same cases in every run: what fails once can be looked at.
fn cases() -> ProptestConfig {
    ProptestConfig { cases: 200, rng_seed: RngSeed::Fixed(4), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn an_honest_browser_is_never_signed_out(network in network(), habits in habits(true), seed: u64) {
        let mut browser = Browser::new(Model::new(), 0, Model::crash, network, habits, seed);
        browser.run_until(90 * habits.access);
        prop_assert!(!browser.signed_out);
        prop_assert_eq!(browser.server.chain.ended, None);
    }

    /// Without a lock between the tabs nobody is signed out either, as long as no answer is lost:
    /// requests come in any order, late or twice, and the server crashes in between.
    #[test]
    fn tabs_need_no_lock_where_answers_arrive(network in network(), habits in habits(false), seed: u64) {
        let network = Network { cut: 0, ..network };
        let mut browser = Browser::new(Model::new(), 0, Model::crash, network, habits, seed);
        browser.run_until(90 * habits.access);
        prop_assert!(!browser.signed_out);
    }

    #[test]
    fn a_session_that_ended_never_comes_back(
        network in network(),
        habits in habits(false),
        end in 0..HOUR,
        calls in prop::collection::vec((-1..200_i64, 0..DAY), 1..60),
        seed: u64,
    ) {
        let mut browser = Browser::new(Model::new(), 0, Model::crash, network, habits, seed);
        browser.run_until(end);
        let last = browser.server.chain.generation;
        browser.server.chain.ended.get_or_insert(EndReason::SignedOut);
        browser.run_until(end + HOUR);
        for (cookie, later) in calls {
            let answer = browser.server.refresh(&cookie, None, browser.now + later);
            prop_assert!(matches!(answer, Answer::Over));
        }
        prop_assert_eq!(browser.server.chain.generation, last);
    }

    /// A copy of a token that was spent two rotations ago ends the session, whatever came in between.
    #[test]
    fn an_old_copy_is_always_noticed(network in network(), habits in habits(true), seed: u64) {
        let mut browser = Browser::new(Model::new(), 0, Model::crash, network, habits, seed);
        browser.run_until(3 * HOUR);
        let copy = browser.server.chain.generation - 2;
        let answer = browser.server.refresh(&copy, None, browser.now + GRACE);
        prop_assert!(matches!(answer, Answer::Over));
        prop_assert_eq!(browser.server.chain.ended, Some(EndReason::Replay));
    }
}
