//! The single-flight refresh: one at a time, whoever asks, and all who asked get its result.

use super::{Effect, Now, State, TabMessage, Token, network::jittered};
use crate::app::{
    error::{ApiError, Code},
    types::TokenAnswer,
};
use std::rc::Rc;

/// Sent at most this often before those who wait are told that the server can't be reached.
const ATTEMPTS: u32 = 3;
/// Milliseconds before the second attempt; twice that before the third.
const PAUSE_MS: u32 = 400;
/// A server that asks for more seconds than this is believed at once.
const LONGEST_WAIT_S: u32 = 5;
/// Until the server says otherwise: half of its default grace period.
pub(super) const PATIENCE_MS: u32 = 10_000;
/// How long a tab without a token waits for another's, in milliseconds: it goes from memory to memory.
const ASKING_MS: f64 = 80.0;

/// A refresh that is under way.
#[derive(Debug)]
pub(super) struct Refresh {
    /// The token that a newer one is wanted for.
    spent: Option<Rc<Token>>,
    epoch: u32,
    /// How often it was sent and failed.
    failures: u32,
    phase: Phase,
}

/// What it waits for, and until when, on the monotonic clock.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// A sign-out of this tab: one of them would be refused.
    SignOut(f64),
    /// Another tab's token.
    Asking(f64),
    /// Its turn among the tabs.
    Lock(u32),
    /// The answer.
    Sent(u32, f64),
    /// The time of the next attempt.
    Pause(f64),
}

impl State {
    /// Joins the refresh that is under way, or begins it.
    pub(super) fn begin_refresh(&mut self, now: &Now) {
        if self.refresh.is_some() {
            return;
        }
        let phase = Phase::SignOut(now.clock + f64::from(self.patience_ms));
        self.refresh = Some(Refresh { spent: self.token.clone(), epoch: self.epoch, failures: 0, phase });
        self.pass_sign_out(now);
    }

    /// No refresh crosses a sign-out: one of them would be refused, or its cookie come after the cookie is gone.
    fn pass_sign_out(&mut self, now: &Now) {
        let signing_out = self.is_signing_out();
        match &mut self.refresh {
            Some(Refresh { phase: Phase::SignOut(until), .. }) if signing_out && now.clock < *until => {}
            Some(Refresh { phase: phase @ Phase::SignOut(_), spent: None, .. }) => {
                *phase = Phase::Asking(now.clock + ASKING_MS);
                self.effects.push(Effect::Say(TabMessage::Ask));
            }
            Some(Refresh { phase: Phase::SignOut(_), .. }) => self.take_lock(),
            _ => {}
        }
    }

    /// One tab refreshes while the others wait. It saves requests and no more: that two refreshes at once do no
    /// harm is the server's work. So the wait has a limit.
    fn take_lock(&mut self) {
        self.attempts += 1;
        self.set_phase(Phase::Lock(self.attempts));
        self.effects.push(Effect::TakeLock(self.attempts, self.patience_ms / 2));
    }

    pub(super) fn lock_settled(&mut self, attempt: u32, now: &Now) {
        let (spent, epoch) = match &self.refresh {
            Some(Refresh { phase: Phase::Lock(ours), epoch, spent, .. }) if *ours == attempt => (spent.clone(), *epoch),
            _ => return,
        };
        // While this tab waited for its turn, another one has got a token.
        let newer = self.newer_than(spent.as_ref(), now);
        if newer.is_some() || self.epoch != epoch && self.user().is_none() {
            self.effects.push(Effect::ReleaseLock);
            return self.finish(&newer.ok_or_else(|| Code::TokenNotFound.into()), now);
        }
        self.set_phase(Phase::Sent(attempt, now.clock + f64::from(self.patience_ms)));
        self.effects.push(Effect::SendRefresh(attempt, self.server_time(now)));
    }

    pub(super) fn refresh_answered(
        &mut self,
        attempt: u32,
        answer: Result<TokenAnswer, ApiError>,
        date: Option<f64>,
        now: &Now,
    ) {
        // Another number is that of one that was aborted.
        if !matches!(self.refresh, Some(Refresh { phase: Phase::Sent(ours, _), .. }) if ours == attempt) {
            return;
        }
        self.answered(answer.as_ref().err(), now);
        if answer.as_ref().is_err_and(|refused| refused.code == Code::StaleRequest) {
            // It was late, or this machine's clock was moved. The next one must say when it was sent all the
            // same, or it could be late unnoticed.
            self.server_ahead = date.map(|date| date - now.wall);
        }
        self.land(answer, now);
    }

    /// The answer to the refresh, or that there is none.
    fn land(&mut self, answer: Result<TokenAnswer, ApiError>, now: &Now) {
        let epoch = self.epoch;
        let Some(refresh) = &mut self.refresh else { return };
        refresh.failures += 1;
        // The user signed in or out meanwhile: this answer is about a session of before.
        let is_late = std::mem::replace(&mut refresh.epoch, epoch) != epoch;
        if let (Ok(answer), false) = (&answer, is_late) {
            // First, so that the tab whose turn is next has heard it.
            self.effects.push(Effect::Say(TabMessage::Refreshed(answer.clone())));
        }
        self.effects.push(Effect::ReleaseLock);
        if is_late {
            return match self.current(now) {
                Some(current) => self.finish(&Ok(current), now),
                None if self.user().is_none() => self.finish(&Err(Code::TokenNotFound.into()), now),
                // In another tab, and it is the same user: the next attempt is about the new session.
                None => self.again(Code::Unreachable.into(), now, None),
            };
        }
        match answer {
            Ok(answer) => {
                let landed = self.adopt(answer, now).ok_or_else(|| Code::SessionEnded.into());
                self.finish(&landed, now);
            }
            Err(refused) if refused.code.ends_session() => {
                self.session_over(refused.reason, now);
                self.finish(&Err(refused), now);
            }
            Err(stale) if stale.code == Code::StaleRequest => self.again(stale, now, None),
            Err(refused) => {
                let wait = refused.retry_after.unwrap_or(0);
                self.again(refused, now, Some(wait));
            }
        }
    }

    /// The next attempt, after a pause and the seconds that the server asked for; at once where there is no `wait`.
    fn again(&mut self, refused: ApiError, now: &Now, wait: Option<u32>) {
        let failures = self.refresh.as_ref().map_or(ATTEMPTS, |refresh| refresh.failures);
        if failures >= ATTEMPTS || wait > Some(LONGEST_WAIT_S) {
            return self.finish(&Err(refused), now);
        }
        match wait {
            None => self.take_lock(),
            Some(wait) => {
                let pause = (wait * 1000).max(jittered(PAUSE_MS << (failures - 1), now));
                self.set_phase(Phase::Pause(now.clock + f64::from(pause)));
            }
        }
    }

    /// Another tab has told its token: that was what was waited for. Whether it is newer is seen when it is this tab's
    /// turn: a tab that was frozen hears all that was said meanwhile, and the last word counts.
    pub(super) fn stop_asking(&mut self) {
        if let Some(Refresh { phase: Phase::Asking(_), .. }) = self.refresh {
            self.take_lock();
        }
    }

    /// The answer to the refresh that is under way is not believed; the next one is.
    pub(super) fn doubt_refresh(&mut self) {
        let before = self.epoch.wrapping_sub(1);
        if let Some(refresh) = &mut self.refresh {
            refresh.epoch = before;
        }
    }

    fn finish(&mut self, outcome: &Result<Rc<Token>, ApiError>, now: &Now) {
        self.refresh = None;
        for id in self.waiting_for_refresh() {
            self.refresh_finished(id, outcome.clone(), now);
        }
    }

    pub(super) fn refresh_due(&mut self, now: &Now) {
        self.pass_sign_out(now);
        match self.refresh {
            Some(Refresh { phase: Phase::Asking(until) | Phase::Pause(until), .. }) if until <= now.clock => {
                self.take_lock();
            }
            Some(Refresh { phase: Phase::Sent(_, until), .. }) if until <= now.clock => {
                self.effects.push(Effect::AbortRefresh);
                self.lost(now);
                self.land(Err(Code::Unreachable.into()), now);
            }
            _ => {}
        }
    }

    pub(super) fn refresh_wakes_at(&self) -> Option<f64> {
        match self.refresh.as_ref()?.phase {
            Phase::SignOut(until) | Phase::Asking(until) | Phase::Sent(_, until) | Phase::Pause(until) => Some(until),
            Phase::Lock(_) => None,
        }
    }

    fn set_phase(&mut self, phase: Phase) {
        if let Some(refresh) = &mut self.refresh {
            refresh.phase = phase;
        }
    }

    /// Takes over the server's word on how long its answer is worth waiting for.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
    pub(super) fn learn_patience(&mut self, answer: &TokenAnswer) {
        self.patience_ms = (answer.refresh_timeout * 1000.0) as u32;
    }
}
