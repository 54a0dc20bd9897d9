//! What a browser talks to: the pure rules on a row in memory.

use super::{DAY, GRACE};
use freshkey::{
    app::types::{EndReason, Millis},
    server::auth::rotation::{Chain, Decision, Policy, Recovery, decide},
};

/// A server with one session.
pub trait Server {
    /// The refresh cookie.
    type Cookie: Clone;
    /// An access token.
    type Access;

    /// Answers a refresh that arrives at `now`.
    fn refresh(&mut self, cookie: &Self::Cookie, sent_at: Option<i64>, now: i64) -> Answer<Self>;

    /// A protected call arrives.
    fn call(&mut self, access: &Self::Access, now: i64);
}

/// What a refresh is answered.
pub enum Answer<S: Server + ?Sized> {
    Granted {
        cookie: Option<S::Cookie>,
        access: S::Access,
    },
    /// 409: its sender had given it up.
    Stale,
    /// 403.
    Over,
}

/// The rules, and a row; cookies and access tokens are generations.
pub struct Model {
    pub chain: Chain,
    /// The row before the last commit.
    before: Chain,
    pub policy: Policy,
    /// Whether `sent_at` is looked at.
    pub heeds_sent_at: bool,
}

impl Model {
    pub fn new() -> Self {
        let chain = Chain {
            generation: 0,
            confirmed: -1,
            rotated_at: Millis::ZERO,
            refreshed_at: Millis::ZERO,
            expires_at: Millis(30 * DAY),
            ended: None,
            recovery: Recovery::NONE,
        };
        let policy = Policy { grace_period: Millis(GRACE), idle: Millis(14 * DAY), lost_answer_recovery: true };
        Self { before: chain.clone(), chain, policy, heeds_sent_at: true }
    }

    /// It crashes, and the last commit is gone: a power cut, or a failover.
    pub fn crash(&mut self) {
        if self.chain.ended.is_none() {
            self.chain = self.before.clone();
        }
    }

    fn commit(&mut self, change: impl FnOnce(&mut Chain)) {
        self.before = self.chain.clone();
        change(&mut self.chain);
    }
}

impl Server for Model {
    type Cookie = i64;
    type Access = i64;

    fn refresh(&mut self, cookie: &i64, sent_at: Option<i64>, now: i64) -> Answer<Self> {
        if self.heeds_sent_at && sent_at.is_some_and(|sent_at| now - sent_at > GRACE / 2) {
            return Answer::Stale;
        }
        let now = Millis(now);
        let decision = decide(&self.chain, *cookie, now, self.policy);
        let mut set_cookie = true;
        match decision {
            Decision::Rotate { to } => {
                self.commit(|chain| (chain.generation, chain.rotated_at, chain.refreshed_at) = (to, now, now));
            }
            Decision::CatchUp { to } => {
                set_cookie = false;
                self.commit(|chain| (chain.generation, chain.rotated_at, chain.refreshed_at) = (to, now, now));
            }
            Decision::Recover(recovery) => {
                self.commit(|chain| (chain.recovery, chain.rotated_at, chain.refreshed_at) = (recovery, now, now));
            }
            Decision::Current => set_cookie = false,
            Decision::Successor => {}
            Decision::Replay => {
                self.commit(|chain| chain.ended = Some(EndReason::Replay));
                return Answer::Over;
            }
            Decision::Over(_) => return Answer::Over,
        }
        let generation = self.chain.generation;
        Answer::Granted { cookie: set_cookie.then_some(generation), access: generation }
    }

    fn call(&mut self, access: &i64, _: i64) {
        if *access > self.chain.confirmed && self.chain.ended.is_none() {
            self.commit(|chain| chain.confirmed = *access);
        }
    }
}
