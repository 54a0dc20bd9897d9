//! The single-flight refresh: one at a time, however many calls wait for it. It waits for a sign-out that is under way,
//! and a tab that has no token asks the other tabs first.

use super::{
    answer::Answer,
    event::{Effect, Pause, TabMessage, Timer},
    state::{Refresh, Stage, Step},
};
use crate::app::{
    error::{ApiError, Code},
    types::Seconds,
};

/// How often it is sent before the callers are told that the server can't be reached.
const ATTEMPTS: u32 = 3;
/// Milliseconds before the second attempt; twice that before the third.
const PAUSE_MS: u32 = 400;
/// If the server asks to wait for more seconds than this, the client gives up at once.
const LONGEST_WAIT: Seconds = Seconds(5);
/// How long a tab without a token waits for another tab's, in milliseconds. Messages between tabs are fast.
const TABS_MS: u32 = 80;

impl Step<'_> {
    /// Begins a refresh, or joins the one under way.
    pub(super) fn begin_refresh(&mut self) {
        if self.client.refresh.is_some() {
            return;
        }
        self.client.refresh = Some(Refresh {
            stage: Stage::SignOut,
            spent: self.client.token.clone(),
            epoch: self.client.epoch,
            failed: 0,
            last: Code::Unreachable.into(),
        });
        if self.client.sign_outs > 0 {
            self.wait(Pause::Exactly(self.client.patience_ms));
        } else {
            self.refresh_waited();
        }
    }

    pub(super) fn sign_out_ended(&mut self) {
        self.client.sign_outs -= 1;
        if self.client.sign_outs == 0 && self.stage() == Some(Stage::SignOut) {
            self.push(Effect::Stop(Timer::Refresh));
            self.refresh_waited();
        }
    }

    /// Goes on after a wait: asks the other tabs, then for the lock.
    pub(super) fn refresh_waited(&mut self) {
        let Some(refresh) = &mut self.client.refresh else { return };
        match refresh.stage {
            Stage::SignOut if refresh.spent.is_none() && self.now.has_channel => {
                refresh.stage = Stage::Tabs;
                self.push(Effect::Say(TabMessage::Ask));
                self.wait(Pause::Exactly(TABS_MS));
            }
            Stage::SignOut | Stage::Tabs | Stage::Pause => self.take_lock(),
            Stage::Lock | Stage::Sent => {}
        }
    }

    /// Sends the refresh, now that this tab has the lock, or has waited long enough for it. The lock only saves
    /// requests: the server makes sure that two refreshes at once do no harm.
    pub(super) fn lock_settled(&mut self) {
        let Some(refresh) = self.client.refresh.as_mut().filter(|refresh| refresh.stage == Stage::Lock) else {
            return self.push(Effect::FreeLock);
        };
        let (spent, is_old) = (refresh.spent.clone(), refresh.epoch != self.client.epoch);
        if let Some(newer) = self.client.newer_than(spent.as_ref(), &self.now).cloned() {
            // While this tab waited, another one got a token.
            self.push(Effect::FreeLock);
            self.land(Ok(newer));
        } else if is_old && self.now.user().is_none() {
            self.push(Effect::FreeLock);
            self.land(Err(Code::TokenNotFound.into()));
        } else {
            self.set_stage(Stage::Sent);
            self.client.sent += 1;
            self.push(Effect::SendRefresh(self.client.server_now(&self.now)));
        }
    }

    pub(super) fn refresh_answered(&mut self, answered: Result<Answer, ApiError>) {
        self.push(Effect::FreeLock);
        let Some(refresh) = self.client.refresh.as_mut().filter(|refresh| refresh.stage == Stage::Sent) else { return };
        if refresh.epoch != self.client.epoch {
            // Somebody signed in or out meanwhile, so this answer is about an earlier session.
            refresh.epoch = self.client.epoch;
            return match self.client.current(&self.now).cloned() {
                Some(current) => self.land(Ok(current)),
                None if self.now.user().is_none() => self.land(Err(Code::TokenNotFound.into())),
                // The same user signed in in another tab: the next attempt is for the new session.
                None => self.try_again(None),
            };
        }
        match answered {
            Ok(answer) => {
                self.push(Effect::Say(TabMessage::Refreshed(answer.clone())));
                self.client.refresh = None;
                let adopted = self.adopt(answer);
                self.land(adopted.ok_or(Code::SessionEnded.into()));
            }
            Err(refused) if refused.code.ends_session() => {
                self.session_over(refused.end_reason());
                self.land(Err(refused));
            }
            Err(refused) => {
                // A request that was late can be sent again at once: the server's time is known by now.
                let wait = refused.retry_after;
                let wait_ms = u32::try_from(wait.to_millis().0).unwrap_or(u32::MAX);
                let pause =
                    (refused.code != Code::StaleRequest).then(|| Pause::Jittered(PAUSE_MS << refresh.failed, wait_ms));
                refresh.last = refused;
                if pause.is_some() && wait > LONGEST_WAIT {
                    refresh.failed = ATTEMPTS;
                }
                self.try_again(pause);
            }
        }
    }

    /// Lands a refresh that has not been sent yet, because another tab's token has arrived.
    pub(super) fn land_early(&mut self) {
        if let Some(Refresh { stage: Stage::SignOut | Stage::Tabs | Stage::Pause, spent, .. }) = &self.client.refresh
            && let Some(token) = self.client.newer_than(spent.as_ref(), &self.now).cloned()
        {
            self.push(Effect::Stop(Timer::Refresh));
            self.land(Ok(token));
        }
    }

    fn try_again(&mut self, pause: Option<Pause>) {
        let Some(refresh) = &mut self.client.refresh else { return };
        refresh.failed += 1;
        if refresh.failed >= ATTEMPTS {
            let last = refresh.last.clone();
            self.land(Err(last));
        } else if let Some(pause) = pause {
            self.set_stage(Stage::Pause);
            self.wait(pause);
        } else {
            self.take_lock();
        }
    }

    fn take_lock(&mut self) {
        self.set_stage(Stage::Lock);
        self.push(Effect::TakeLock(self.client.patience_ms / 2));
    }

    fn wait(&mut self, pause: Pause) {
        self.push(Effect::Wait(Timer::Refresh, pause));
    }

    fn stage(&self) -> Option<Stage> {
        self.client.refresh.as_ref().map(|refresh| refresh.stage)
    }

    fn set_stage(&mut self, stage: Stage) {
        if let Some(refresh) = &mut self.client.refresh {
            refresh.stage = stage;
        }
    }
}
