//! Calls: when one is sent, sent once more, or waits.

use super::{Effect, Now, State, Token, network};
use crate::app::{
    error::{ApiError, Code},
    session::SessionState,
    types::EndReason,
};
use std::rc::Rc;

/// How long a sign-out waits for a refresh that is under way, in milliseconds: whoever wants to leave is not kept.
const SIGN_OUT_PATIENCE_MS: f64 = 1000.0;

/// Names a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallId(pub(super) u32);

/// How a call travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// Anybody may make it.
    Public,
    /// Its answer is a new session.
    SignIn,
    /// Nobody is signed in after it.
    SignOut,
    /// It needs an access token.
    Protected,
    /// Asks who is signed in, and does not wait for the network: it is what finds it.
    Probe,
    /// No call: waits until what failed so many times in a row may be tried again.
    Wait(u32),
}

/// What a call does next.
#[derive(Clone, Debug)]
pub enum Next {
    /// It goes on: it is sent, with this token.
    Go(Option<Rc<Token>>),
    /// It fails.
    Fail(ApiError),
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) id: CallId,
    kind: CallKind,
    stage: Stage,
    /// The page's user when it began: what one person has begun is not sent in the name of another.
    user: Option<String>,
    epoch: u32,
    /// The token that it was sent with, or that had run out before.
    spent: Option<Rc<Token>>,
    /// Why it was refused when it was sent for the first time.
    refused: Option<ApiError>,
    /// How many refreshes in a row have failed for it.
    failures: u32,
}

/// What it waits for.
#[derive(Debug)]
enum Stage {
    /// The refresh; a sign-out only until this time.
    Refresh(f64),
    /// An answer of the server, whatever it answers.
    Network,
    /// This time.
    Pause(f64),
    /// The same user's next sign-in, since the session is over, as this said.
    SignIn(ApiError),
    /// Its answer.
    Sent,
}

impl State {
    pub(super) fn call_begun(&mut self, id: CallId, kind: CallKind, now: &Now) {
        let (user, epoch, spent) = (self.user(), self.epoch, self.token.clone());
        let failures = if let CallKind::Wait(failures) = kind { failures } else { 0 };
        let stage = Stage::Refresh(f64::INFINITY);
        self.calls.push(Call { id, kind, stage, user, epoch, spent, refused: None, failures });
        match kind {
            CallKind::Public => self.send(id, self.token.clone()),
            CallKind::SignIn if self.refresh.is_none() => self.send(id, None),
            CallKind::SignOut if self.refresh.is_none() => self.send(id, self.token.clone()),
            CallKind::SignOut => self.set_stage(id, Stage::Refresh(now.clock + SIGN_OUT_PATIENCE_MS)),
            // A refresh of the session of before lands first, so that its cookie can't come after the new one.
            CallKind::SignIn => {}
            CallKind::Protected | CallKind::Probe => match self.current(now) {
                Some(token) => self.send_as_its_user(id, token),
                None => self.want_token(id, now),
            },
            CallKind::Wait(_) => self.wait_for_network(id, now),
        }
    }

    pub(super) fn call_answered(&mut self, id: CallId, answer: Result<(), ApiError>, now: &Now) {
        self.answered(answer.as_ref().err(), now);
        let (user, epoch) = (self.user(), self.epoch);
        let Some(call) = self.call(id) else { return };
        match (call.kind, answer) {
            (CallKind::SignOut, Ok(())) => {
                let is_late = call.epoch != epoch;
                self.end(id);
                if is_late && self.current_session().is_some() {
                    // Somebody signed in meanwhile, before or after it. The server knows which.
                    self.check(now);
                } else {
                    self.signed_out(Some(EndReason::SignedOut));
                }
            }
            (CallKind::Protected, Err(refused)) if refused.code.wants_refresh() && call.refused.is_none() => {
                // A sign-out that overtook the call is why: there is nothing left to renew.
                if call.epoch != epoch && user.is_none() {
                    return self.fail(id, refused);
                }
                call.epoch = epoch;
                call.refused = Some(refused);
                self.want_token(id, now);
            }
            (CallKind::Probe, Err(refused)) if refused.code.wants_refresh() && call.spent.is_some() => {
                let spent = call.spent.clone();
                self.end(id);
                if self.newer_than(spent.as_ref(), now).is_none() {
                    self.begin_refresh(now);
                }
            }
            (CallKind::Probe, _) | (_, Ok(())) => self.end(id),
            (_, Err(refused)) => self.fail(id, refused),
        }
    }

    /// It goes on with a token that is newer than the one it had, or waits for the refresh.
    fn want_token(&mut self, id: CallId, now: &Now) {
        let Some(call) = self.call(id) else { return };
        let spent = call.spent.clone();
        if let Some(token) = self.newer_than(spent.as_ref(), now) {
            return self.send_as_its_user(id, token);
        }
        self.set_stage(id, Stage::Refresh(f64::INFINITY));
        self.begin_refresh(now);
    }

    pub(super) fn refresh_finished(&mut self, id: CallId, outcome: Result<Rc<Token>, ApiError>, now: &Now) {
        let is_interrupted = matches!(self.session, SessionState::Interrupted(..));
        let Some(call) = self.call(id) else { return };
        match (call.kind, outcome) {
            (CallKind::SignIn, _) => self.send(id, None),
            (CallKind::SignOut, _) => self.send(id, self.token.clone()),
            (_, Ok(token)) => self.send_as_its_user(id, token),
            // Nothing has been sent yet that could be done twice. The page says that it is tried.
            (CallKind::Protected, Err(lost)) if lost.code.is_passing() => {
                call.failures += 1;
                self.wait_for_network(id, now);
            }
            (CallKind::Protected, Err(over)) if over.code.ends_session() && is_interrupted => {
                call.stage = Stage::SignIn(over);
            }
            (_, Err(refused)) => self.fail(id, refused),
        }
    }

    /// Until the server answers, and longer each time if it is that call alone which fails.
    fn wait_for_network(&mut self, id: CallId, now: &Now) {
        if self.is_reachable() {
            self.pause(id, now);
        } else {
            self.set_stage(id, Stage::Network);
        }
    }

    fn pause(&mut self, id: CallId, now: &Now) {
        let Some(call) = self.call(id) else { return };
        if call.failures > 1 {
            call.stage = Stage::Pause(now.clock + network::pause_after(call.failures, now));
        } else {
            self.try_again(id, now);
        }
    }

    fn try_again(&mut self, id: CallId, now: &Now) {
        let (epoch, nobody) = (self.epoch, self.user().is_none());
        let Some(call) = self.call(id) else { return };
        if let CallKind::Wait(_) = call.kind {
            self.end(id);
            self.effects.push(Effect::Tell(id, Next::Go(None)));
        } else if call.epoch != epoch && nobody {
            self.fail(id, Code::TokenNotFound.into());
        } else {
            self.want_token(id, now);
        }
    }

    /// The same user has signed in again: those that waited for it go on.
    pub(super) fn resume(&mut self, token: &Rc<Token>) {
        for id in self.calls_that(|stage| matches!(stage, Stage::SignIn(_))) {
            self.send_as_its_user(id, Rc::clone(token));
        }
    }

    /// Nobody signs in again: those that waited for it fail.
    pub(super) fn give_up(&mut self) {
        for id in self.calls_that(|stage| matches!(stage, Stage::SignIn(_))) {
            if let Some(Call { stage: Stage::SignIn(over), .. }) = self.call(id) {
                let over = over.clone();
                self.fail(id, over);
            }
        }
    }

    fn send_as_its_user(&mut self, id: CallId, token: Rc<Token>) {
        let Some(call) = self.call(id) else { return };
        if call.user.as_ref().is_some_and(|user| *user != token.answer.user.id) {
            let refused = call.refused.take();
            return self.fail(id, refused.unwrap_or_else(|| Code::TokenNotFound.into()));
        }
        self.send(id, Some(token));
    }

    fn send(&mut self, id: CallId, token: Option<Rc<Token>>) {
        let epoch = self.epoch;
        let Some(call) = self.call(id) else { return };
        if call.kind == CallKind::SignOut {
            call.epoch = epoch;
        }
        call.stage = Stage::Sent;
        call.spent.clone_from(&token);
        let effect = match call.kind {
            CallKind::Probe => Effect::Probe(id, token),
            _ => Effect::Tell(id, Next::Go(token)),
        };
        self.effects.push(effect);
    }

    fn fail(&mut self, id: CallId, error: ApiError) {
        self.end(id);
        self.effects.push(Effect::Tell(id, Next::Fail(error)));
    }

    fn end(&mut self, id: CallId) {
        self.calls.retain(|call| call.id != id);
    }

    /// Finds out what still stands: the network, and the session.
    pub(super) fn check(&mut self, now: &Now) {
        let id = self.new_call();
        if self.user().is_some() {
            self.call_begun(id, CallKind::Probe, now);
        } else {
            self.effects.push(Effect::Probe(id, None));
        }
    }

    pub(super) fn is_signing_out(&self) -> bool {
        self.calls.iter().any(|call| call.kind == CallKind::SignOut && matches!(call.stage, Stage::Sent))
    }

    pub(super) fn waiting_for_refresh(&self) -> Vec<CallId> {
        self.calls_that(|stage| matches!(stage, Stage::Refresh(_)))
    }

    pub(super) fn calls_due(&mut self, now: &Now) {
        // After the answer itself was dealt with: it may have been that to a sign-out.
        if self.is_reachable() {
            for id in self.calls_that(|stage| matches!(stage, Stage::Network)) {
                self.pause(id, now);
            }
        }
        for id in self.calls_that(|stage| matches!(stage, Stage::Refresh(at) | Stage::Pause(at) if *at <= now.clock)) {
            match self.call(id) {
                Some(Call { kind: CallKind::SignOut, .. }) => self.send(id, self.token.clone()),
                _ => self.try_again(id, now),
            }
        }
    }

    pub(super) fn calls_wake_at(&self) -> Option<f64> {
        let time = |call: &Call| match call.stage {
            Stage::Refresh(at) | Stage::Pause(at) => Some(at),
            Stage::Network | Stage::SignIn(_) | Stage::Sent => None,
        };
        self.calls.iter().filter_map(time).reduce(f64::min).filter(|at| at.is_finite())
    }

    fn calls_that(&self, wait: impl Fn(&Stage) -> bool) -> Vec<CallId> {
        self.calls.iter().filter(|call| wait(&call.stage)).map(|call| call.id).collect()
    }

    fn call(&mut self, id: CallId) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.id == id)
    }

    fn set_stage(&mut self, id: CallId, stage: Stage) {
        if let Some(call) = self.call(id) {
            call.stage = stage;
        }
    }
}
