//! The calls of the world's pages, as `browser::call` makes them.

use super::{Call, Of, Stage, Tab, World};
use crate::{
    app::{
        error::{ApiError, Code},
        session::NetworkState,
    },
    client::{
        event::{Event, Outcome},
        token::Token,
    },
};
use std::rc::Rc;

impl World {
    /// A page makes a protected call.
    pub fn call(&mut self, tab: usize) {
        let now = self.moment(tab);
        let (caller, user) = (self.tabs[tab].client.caller(&now), now.user().map(str::to_owned));
        self.tabs[tab].calls.push(Call { caller, user, stage: Stage::ForToken(None), sent: 0 });
        let call = self.tabs[tab].calls.len() - 1;
        match self.tabs[tab].client.current(&now).cloned() {
            Some(token) => self.go_on(tab, call, Ok(token)),
            None => self.want(tab, call, self.tabs[tab].client.latest().cloned()),
        }
    }

    pub(super) fn want(&mut self, tab: usize, call: usize, spent: Option<Rc<Token>>) {
        let now = self.moment(tab);
        if let Some(newer) = self.tabs[tab].client.newer_than(spent.as_ref(), &now).cloned() {
            return self.go_on(tab, call, Ok(newer));
        }
        self.tabs[tab].calls[call].stage = Stage::ForToken(spent);
        self.tell(tab, Event::TokenWanted);
    }

    pub(super) fn landed(&mut self, tab: usize, outcome: &Outcome) {
        for call in 0..self.tabs[tab].calls.len() {
            if matches!(self.tabs[tab].calls[call].stage, Stage::ForToken(_)) {
                self.go_on(tab, call, outcome.clone());
            }
        }
    }

    pub(super) fn go_on(&mut self, tab: usize, call: usize, outcome: Outcome) {
        let interrupted = self.moment(tab).is_interrupted();
        let it = &mut self.tabs[tab].calls[call];
        let stage = match outcome {
            Ok(token) if it.caller.may_use(&token) => {
                it.sent += 1;
                let (user, sent) = (it.user.clone(), it.sent);
                if sent > 2 || user.as_ref().is_some_and(|user| *user != token.answer.user.id) {
                    self.faults.push(format!("a call of {user:?} is sent as {}, no {sent}", token.answer.user.id));
                }
                self.send(tab, Of::Call(call), f64::INFINITY);
                Stage::Sent(token)
            }
            Ok(_) => Stage::Done(Err(Code::TokenNotFound)),
            Err(lost) if lost.code.is_passing() => match std::mem::replace(&mut it.stage, Stage::ForSignIn) {
                Stage::ForToken(spent) => Stage::ForNetwork(spent),
                stage => stage,
            },
            Err(over) if over.code.ends_session() && interrupted => Stage::ForSignIn,
            Err(refused) => Stage::Done(Err(refused.code)),
        };
        self.tabs[tab].calls[call].stage = stage;
    }

    pub(super) fn wake(&mut self, tab: usize, which: impl Fn(&Stage) -> bool) {
        for call in 0..self.tabs[tab].calls.len() {
            if which(&self.tabs[tab].calls[call].stage) {
                self.try_again(tab, call);
            }
        }
    }

    /// The calls that wait before another try, although the server was reached meanwhile.
    pub fn paused_calls(&self) -> Vec<(usize, usize)> {
        let reached = |(_, tab): &(usize, &Tab)| tab.client.network() == NetworkState::Fine;
        let tabs = self.tabs.iter().enumerate().filter(reached);
        tabs.flat_map(|(at, tab)| tab.calls.iter().enumerate().map(move |(call, it)| (at, call, it)))
            .filter(|(.., call)| matches!(call.stage, Stage::ForNetwork(_)))
            .map(|(tab, call, _)| (tab, call))
            .collect()
    }

    /// A call that waited goes on.
    pub fn try_again(&mut self, tab: usize, call: usize) {
        let now = self.moment(tab);
        let Tab { client, calls, .. } = &mut self.tabs[tab];
        let overtaken = client.is_overtaken(&calls[call].caller, &now);
        match std::mem::replace(&mut calls[call].stage, Stage::Done(Err(Code::TokenNotFound))) {
            _ if overtaken => {}
            Stage::ForNetwork(spent) => self.want(tab, call, spent),
            // The token arrives with the sign-in.
            _ => self.want(tab, call, None),
        }
    }

    pub(super) fn call_answered(&mut self, tab: usize, call: usize, refused: Option<ApiError>) {
        let now = self.moment(tab);
        let Tab { client, calls, .. } = &mut self.tabs[tab];
        let it = &mut calls[call];
        let Stage::Sent(token) = &it.stage else { return };
        let token = Rc::clone(token);
        match refused.map(|refused| refused.code) {
            None => it.stage = Stage::Done(Ok(())),
            Some(code) if code.wants_refresh() && it.sent < 2 && !client.is_overtaken(&it.caller, &now) => {
                self.want(tab, call, Some(token));
            }
            Some(code) => it.stage = Stage::Done(Err(code)),
        }
    }
}
