//! The rules, one by one, and against a model: a browser on a bad network is never signed out; a
//! thief always is found out.

use super::*;
use proptest::prelude::*;

const GRACE: i64 = 20_000;
const POLICY: Policy = Policy { grace: GRACE, idle: 14 * DAY_MS, lost_answer_recovery: true };
const STRICT: Policy = Policy { grace: 0, ..POLICY };

fn chain(generation: i64, confirmed: i64, rotated_at: i64) -> Chain {
    Chain {
        generation,
        confirmed,
        rotated_at,
        refreshed_at: rotated_at,
        expires_at: 30 * DAY_MS,
        ended: None,
        recovery: Recovery::NONE,
    }
}

/// Does to the chain what the decision says.
fn apply(chain: &mut Chain, decision: &Decision, now: i64) {
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
    let chain = chain(4, -1, 0);
    assert_eq!(decide(&chain, 4, GRACE, POLICY), Decision::Rotate { to: 5 });
    assert_eq!(decide(&chain, 4, GRACE - 1, POLICY), Decision::Current);
    assert_eq!(decide(&chain, 3, GRACE - 1, POLICY), Decision::Successor);
}

#[test]
fn a_lost_answer_is_recovered_unless_the_successor_was_seen() {
    let lost = chain(4, 3, 0);
    let once = Recovery { generation: 4, run: 1, day_at: DAY_MS, in_day: 1 };
    assert_eq!(decide(&lost, 3, DAY_MS, POLICY), Decision::Recover(once));
    assert_eq!(decide(&chain(4, 4, 0), 3, GRACE, POLICY), Decision::Replay);
    let off = Policy { lost_answer_recovery: false, ..POLICY };
    assert_eq!(decide(&lost, 3, GRACE, off), Decision::Replay);
}

#[test]
fn recovery_opens_the_moment_anew() {
    let mut chain = chain(4, 3, 0);
    let recovered = decide(&chain, 3, DAY_MS, POLICY);
    apply(&mut chain, &recovered, DAY_MS);
    assert_eq!(decide(&chain, 3, DAY_MS + GRACE - 1, POLICY), Decision::Successor);
    assert_eq!(decide(&chain, 4, DAY_MS + GRACE - 1, POLICY), Decision::Current);
}

#[test]
fn three_generations_running_and_no_more() {
    let (mut chain, mut now) = (chain(0, -1, 0), 0);
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
    let earlier = Recovery { generation: 3, run: 3, day_at: 0, in_day: 3 };
    let chain = Chain { recovery: earlier, ..chain(5, 4, 0) };
    assert_eq!(
        decide(&chain, 4, GRACE, POLICY),
        Decision::Recover(Recovery { generation: 5, run: 1, day_at: 0, in_day: 4 })
    );
}

#[test]
fn twenty_four_times_a_day_and_no_more() {
    let mut chain = chain(1, -1, 0);
    let count = (1..100).take_while(|turn| {
        let now = turn * GRACE;
        let decision = decide(&chain, 0, now, POLICY);
        apply(&mut chain, &decision, now);
        matches!(decision, Decision::Recover(_))
    });
    assert_eq!(count.count(), 24);
}

#[test]
fn a_token_ahead_of_its_row_is_taken() {
    assert_eq!(decide(&chain(4, 4, 0), 9, GRACE, POLICY), Decision::CatchUp { to: 9 });
    assert_eq!(decide(&chain(4, 4, 0), 9, 0, STRICT), Decision::Rotate { to: 10 });
}

#[test]
fn lifetimes_end_a_session() {
    let session = chain(0, -1, 0);
    assert_eq!(decide(&session, 0, 14 * DAY_MS, POLICY), Decision::Over(EndReason::Idle));
    let busy = Chain { refreshed_at: 30 * DAY_MS - 1, ..session };
    assert_eq!(decide(&busy, 0, 30 * DAY_MS, POLICY), Decision::Over(EndReason::Expired));
}

proptest! {
    #[test]
    fn what_is_over_stays_over(presented in 0..9_i64, generation in 0..9_i64, now in 0..DAY_MS) {
        let ended = Chain { ended: Some(EndReason::SignedOut), ..chain(generation, -1, 0) };
        prop_assert_eq!(decide(&ended, presented, now, POLICY), Decision::Over(EndReason::SignedOut));
    }

    #[test]
    fn two_generations_behind_is_always_a_replay(behind in 2..9_i64, confirmed in -1..9_i64, now in 0..DAY_MS) {
        prop_assert_eq!(decide(&chain(10, confirmed, 0), 10 - behind, now, POLICY), Decision::Replay);
    }

    #[test]
    fn without_grace_every_use_rotates_and_nothing_is_tolerated(presented in 0..9_i64, confirmed in -1..9_i64, now in 0..DAY_MS) {
        let expected = if presented < 5 { Decision::Replay } else { Decision::Rotate { to: presented + 1 } };
        prop_assert_eq!(decide(&chain(5, confirmed, 0), presented, now, STRICT), expected);
    }

    /// Once the owner has used what a rotation gave him, a copy of any token but the current one
    /// ends the session: whoever of the two comes second.
    #[test]
    fn a_copy_is_found_out(stolen in 0..20_i64, newer in 1..20_i64, pause in GRACE..DAY_MS) {
        let rotations = stolen + newer;
        prop_assert_eq!(decide(&chain(rotations, rotations, 0), stolen, pause, POLICY), Decision::Replay);
    }

    /// Several tabs with one cookie jar and no lock between them. Requests are late, and refused as
    /// stale when they are later than the client's patience; answers come in any order. Nobody is
    /// ever signed out.
    #[test]
    fn tabs_that_race_are_never_signed_out(steps in prop::collection::vec(step(), 1..120)) {
        let mut browser = Browser::new();
        for step in steps {
            browser.send(&step, false);
            prop_assert_eq!(browser.chain.ended, None);
        }
    }

    /// One refresh at a time, as the shared refresh and the lock between tabs make it, on a network
    /// that loses answers. Nobody is ever signed out.
    #[test]
    fn lost_answers_sign_nobody_out(steps in prop::collection::vec(step(), 1..120)) {
        let mut browser = Browser::new();
        for step in steps {
            browser.send(&step, true);
            browser.run_until(browser.now + PATIENCE);
            prop_assert_eq!(browser.chain.ended, None);
        }
    }
}

/// A client gives a request up after half the grace.
const PATIENCE: i64 = GRACE / 2;

#[derive(Clone, Debug)]
struct Step {
    /// Since the last request was sent.
    pause: i64,
    /// On its way to the server.
    there: i64,
    /// On its way back, as a part of the patience that is left.
    back: f64,
    answer_is_lost: bool,
    /// Whether the access token is used before the next request.
    used: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let pause = prop_oneof![0..GRACE / 4, GRACE / 2..3 * GRACE, Just(15 * 60_000)];
    let there = prop_oneof![4 => 0..=PATIENCE, 1 => PATIENCE + 1..4 * GRACE];
    (pause, there, 0.0..1.0, prop::bool::weighted(0.3), any::<bool>())
        .prop_map(|(pause, there, back, answer_is_lost, used)| Step { pause, there, back, answer_is_lost, used })
}

struct Request {
    arrives: i64,
    generation: i64,
    back: i64,
    lost: bool,
    used: bool,
}

struct Answer {
    arrives: i64,
    cookie: Option<i64>,
    generation: i64,
    used: bool,
}

struct Browser {
    chain: Chain,
    jar: i64,
    now: i64,
    requests: Vec<Request>,
    answers: Vec<Answer>,
}

impl Browser {
    fn new() -> Self {
        Self { chain: chain(0, -1, 0), jar: 0, now: 0, requests: Vec::new(), answers: Vec::new() }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "seconds")]
    fn send(&mut self, step: &Step, loses_answers: bool) {
        self.run_until(self.now + step.pause);
        // Later than the client's patience: its `sent_at` gives it away (409).
        if step.there <= PATIENCE {
            self.requests.push(Request {
                arrives: self.now + step.there,
                generation: self.jar,
                back: ((PATIENCE - step.there) as f64 * step.back) as i64,
                lost: loses_answers && step.answer_is_lost,
                used: step.used,
            });
        }
    }

    fn run_until(&mut self, end: i64) {
        loop {
            let request = self.requests.iter().map(|request| request.arrives).min().unwrap_or(i64::MAX);
            let answer = self.answers.iter().map(|answer| answer.arrives).min().unwrap_or(i64::MAX);
            if request.min(answer) > end {
                break;
            }
            if answer <= request { self.receive(answer) } else { self.serve(request) }
        }
        self.now = end;
    }

    fn serve(&mut self, at: i64) {
        let Some(index) = self.requests.iter().position(|request| request.arrives == at) else {
            return;
        };
        let request = self.requests.swap_remove(index);
        let decision = decide(&self.chain, request.generation, at, POLICY);
        apply(&mut self.chain, &decision, at);
        // The bounds of rule 3 are part of the rule: no more answers are lost than they allow.
        let recovered = self.chain.recovery;
        let running = if recovered.generation + 1 >= self.chain.generation { recovered.run } else { 0 };
        let within_bounds = running + 1 < RECOVERED_GENERATIONS_RUNNING && recovered.in_day < RECOVERIES_A_DAY / 2;
        if !(request.lost && within_bounds) {
            let cookie = (decision != Decision::Current).then_some(self.chain.generation);
            let arrives = at + request.back;
            self.answers.push(Answer { arrives, cookie, generation: self.chain.generation, used: request.used });
        }
    }

    fn receive(&mut self, at: i64) {
        let Some(index) = self.answers.iter().position(|answer| answer.arrives == at) else {
            return;
        };
        let answer = self.answers.swap_remove(index);
        self.jar = answer.cookie.unwrap_or(self.jar);
        if answer.used {
            self.chain.confirmed = self.chain.confirmed.max(answer.generation);
        }
    }
}
