//! Tests of the rules, one by one. `tests/server/simulation` shows their effect for a browser on a bad network and
//! for a thief.

use super::*;
use proptest::prelude::*;

const START: Millis = Millis::ZERO;
const MS: Millis = Millis(1);
const GRACE: Millis = Millis::from_secs(20);
const POLICY: Policy = Policy { grace_period: GRACE, idle: Millis::from_days(14), lost_answer_recovery: true };
const STRICT: Policy = Policy { grace_period: Millis::ZERO, ..POLICY };

fn chain(generation: i64, confirmed: i64, rotated_at: Millis) -> Chain {
    Chain {
        generation,
        confirmed,
        rotated_at,
        refreshed_at: rotated_at,
        expires_at: Millis::from_days(30),
        ended: None,
        recovery: Recovery::NONE,
    }
}

/// Applies the decision to the chain.
fn apply(chain: &mut Chain, decision: &Decision, now: Millis) {
    match *decision {
        Decision::Rotate { to } | Decision::CatchUp { to } => (chain.generation, chain.rotated_at) = (to, now),
        Decision::Recover(recovery) => (chain.recovery, chain.rotated_at) = (recovery, now),
        Decision::Replay => chain.ended = Some(EndReason::Replay),
        Decision::Current | Decision::Successor | Decision::Over(_) => return,
    }
    chain.refreshed_at = now;
}

#[test]
fn a_token_rotates_once_its_moment_has_passed() {
    let chain = chain(4, -1, START);
    assert_eq!(decide(&chain, 4, GRACE, POLICY), Decision::Rotate { to: 5 });
    assert_eq!(decide(&chain, 4, GRACE - MS, POLICY), Decision::Current);
    assert_eq!(decide(&chain, 3, GRACE - MS, POLICY), Decision::Successor);
}

#[test]
fn a_lost_answer_is_recovered_unless_the_successor_was_seen() {
    let lost = chain(4, 3, START);
    let once = Recovery { generation: 4, run: 1, day_at: DAY, in_day: 1 };
    assert_eq!(decide(&lost, 3, DAY, POLICY), Decision::Recover(once));
    assert_eq!(decide(&chain(4, 4, START), 3, GRACE, POLICY), Decision::Replay);
    let off = Policy { lost_answer_recovery: false, ..POLICY };
    assert_eq!(decide(&lost, 3, GRACE, off), Decision::Replay);
}

#[test]
fn recovery_opens_the_moment_anew() {
    let mut chain = chain(4, 3, START);
    let recovered = decide(&chain, 3, DAY, POLICY);
    apply(&mut chain, &recovered, DAY);
    assert_eq!(decide(&chain, 3, DAY + GRACE - MS, POLICY), Decision::Successor);
    assert_eq!(decide(&chain, 4, DAY + GRACE - MS, POLICY), Decision::Current);
}

#[test]
fn three_generations_running_and_no_more() {
    let (mut chain, mut now) = (chain(0, -1, START), START);
    for generation in 1..=4 {
        now += GRACE;
        let rotated = decide(&chain, generation - 1, now, POLICY);
        apply(&mut chain, &rotated, now);
        now += GRACE;
        let again = decide(&chain, generation - 1, now, POLICY);
        assert_eq!(matches!(again, Decision::Recover(_)), generation <= 3, "generation {generation}");
        apply(&mut chain, &again, now);
    }
}

#[test]
fn a_generation_that_needed_no_recovery_starts_the_count_anew() {
    let earlier = Recovery { generation: 3, run: 3, day_at: START, in_day: 3 };
    let chain = Chain { recovery: earlier, ..chain(5, 4, START) };
    assert_eq!(
        decide(&chain, 4, GRACE, POLICY),
        Decision::Recover(Recovery { generation: 5, run: 1, day_at: START, in_day: 4 })
    );
}

#[test]
fn twenty_four_times_a_day_and_no_more() {
    let mut chain = chain(1, -1, START);
    let count = (1..100).take_while(|turn| {
        let now = GRACE * *turn;
        let decision = decide(&chain, 0, now, POLICY);
        apply(&mut chain, &decision, now);
        matches!(decision, Decision::Recover(_))
    });
    assert_eq!(count.count(), 24);
}

#[test]
fn a_clock_that_was_set_back_holds_no_rotation_up() {
    let (set_back, late) = (DAY - Millis::from_hours(1), DAY + GRACE - MS);
    let mut chain = chain(4, 4, DAY);
    for now in [DAY - CLOCKS_DIFFER, late] {
        assert_eq!(decide(&chain, 4, now, POLICY), Decision::Current, "{now}");
    }
    assert_eq!(decide(&chain, 3, set_back, POLICY), Decision::Successor);
    let rotated = decide(&chain, 4, set_back, POLICY);
    assert_eq!(rotated, Decision::Rotate { to: 5 });
    apply(&mut chain, &rotated, set_back);
    assert_eq!(decide(&chain, 4, set_back + GRACE - MS, POLICY), Decision::Successor);
    assert_eq!(decide(&chain, 3, set_back, POLICY), Decision::Replay);
}

#[test]
fn a_token_ahead_of_its_row_is_taken() {
    assert_eq!(decide(&chain(4, 4, START), 9, GRACE, POLICY), Decision::CatchUp { to: 9 });
    assert_eq!(decide(&chain(4, 4, START), 9, START, STRICT), Decision::Rotate { to: 10 });
}

#[test]
fn lifetimes_end_a_session() {
    let session = chain(0, -1, START);
    assert_eq!(decide(&session, 0, Millis::from_days(14), POLICY), Decision::Over(EndReason::Idle));
    let busy = Chain { refreshed_at: Millis::from_days(30) - MS, ..session };
    assert_eq!(decide(&busy, 0, Millis::from_days(30), POLICY), Decision::Over(EndReason::Expired));
}

proptest! {
    #[test]
    fn what_is_over_stays_over(presented in 0..9_i64, generation in 0..9_i64, now in (0..DAY.0).prop_map(Millis)) {
        let ended = Chain { ended: Some(EndReason::SignedOut), ..chain(generation, -1, START) };
        prop_assert_eq!(decide(&ended, presented, now, POLICY), Decision::Over(EndReason::SignedOut));
    }

    #[test]
    fn two_generations_behind_is_always_a_replay(behind in 2..9_i64, confirmed in -1..9_i64, now in (0..DAY.0).prop_map(Millis)) {
        prop_assert_eq!(decide(&chain(10, confirmed, START), 10 - behind, now, POLICY), Decision::Replay);
    }

    #[test]
    fn without_grace_every_use_rotates_and_nothing_is_tolerated(presented in 0..9_i64, confirmed in -1..9_i64, now in (0..DAY.0).prop_map(Millis)) {
        let expected = if presented < 5 { Decision::Replay } else { Decision::Rotate { to: presented + 1 } };
        prop_assert_eq!(decide(&chain(5, confirmed, START), presented, now, STRICT), expected);
    }

    /// Once the owner has used the result of a rotation, a copy of any token but the current one ends the session,
    /// whether the owner or the thief comes second.
    #[test]
    fn a_copy_is_found_out(stolen in 0..20_i64, newer in 1..20_i64, pause in (GRACE.0..DAY.0).prop_map(Millis)) {
        let rotations = stolen + newer;
        prop_assert_eq!(decide(&chain(rotations, rotations, START), stolen, pause, POLICY), Decision::Replay);
    }
}
