//! The calls of the world's pages: each does what its [`Call`] says, as `browser::call` does it.

use super::{Does, Of, Running, Tab, Waits, Woken, World};
use crate::{
    app::session::NetworkState,
    client::{
        call::{Call, Kind, News, Next},
        event::{Event, Waiting},
        tests::signed_in,
        token::Token,
    },
};
use std::rc::Rc;

impl Does {
    fn kind(&self) -> Kind {
        match self {
            Self::Read | Self::Sensitive => Kind::Protected,
            Self::SignIn(_) => Kind::SignIn,
            Self::SignOut => Kind::SignOut,
            Self::Confirm => Kind::StepUp,
        }
    }
}

impl Waits {
    pub fn are_for(&self, what: Waiting) -> bool {
        matches!(self, Self::For(waits) if *waits == what)
    }
}

impl World {
    /// A page makes a call.
    pub fn begin(&mut self, tab: usize, does: Does) {
        let now = self.moment(tab);
        let (call, next) = Call::begin(does.kind(), &self.tabs[tab].client, &now);
        let user = now.user().map(str::to_owned);
        let number = self.begun;
        self.begun += 1;
        let running = Running { call, does, user, sent: 0, waits: Waits::Pause };
        self.tabs[tab].calls.insert(number, running);
        self.perform_next(tab, number, next);
    }

    /// A call learns what became of its last step, and takes the next ones. It may be gone with its page.
    pub fn go_on(&mut self, tab: usize, number: usize, news: News) {
        let now = self.moment(tab);
        let Tab { client, calls, .. } = &mut self.tabs[tab];
        if let Some(running) = calls.get_mut(&number) {
            let next = running.call.step(news, client, &now);
            self.perform_next(tab, number, next);
        }
    }

    fn perform_next(&mut self, tab: usize, number: usize, next: Next) {
        match next {
            Next::Land(patience_ms) => {
                let until_ms = patience_ms.map_or(f64::INFINITY, |ms| self.now_ms + f64::from(ms));
                self.waits(tab, number, Waits::Landing { until_ms });
            }
            Next::TakeLock(patience_ms) => {
                self.waits(tab, number, Waits::Lock);
                self.queue_for_lock(tab, Of::Call(number), patience_ms);
            }
            Next::Tell(event) => self.tell_of(tab, number, event),
            Next::BackOff(_) => self.waits(tab, number, Waits::Pause),
            Next::Renew(spent) => {
                let now = self.moment(tab);
                if let Some(newer) = self.tabs[tab].client.newer_than(spent.as_ref(), &now).cloned() {
                    return self.go_on(tab, number, News::Token(Ok(newer)));
                }
                self.waits(tab, number, Waits::Token);
                self.tell(tab, Event::TokenWanted);
            }
            Next::Wait(what) => self.waits(tab, number, Waits::For(what)),
            Next::Send(token) => self.send_call(tab, number, token),
            Next::Done(result) => {
                let ends = self.tabs[tab].calls[&number].call.is_signing_out();
                self.waits(tab, number, Waits::Nothing(result.map(drop).map_err(|refused| refused.code)));
                if ends {
                    self.tell(tab, Event::SignOutEnded);
                }
            }
        }
    }

    fn waits(&mut self, tab: usize, number: usize, waits: Waits) {
        if let Some(running) = self.tabs[tab].calls.get_mut(&number) {
            running.waits = waits;
        }
    }

    fn tell_of(&mut self, tab: usize, number: usize, event: Event) {
        // A page with a form shows the new session itself.
        let begun = match &event {
            Event::SignedIn(answer) if !self.moment(tab).is_interrupted() => {
                Some(signed_in(answer.text(), &answer.user.id))
            }
            _ => None,
        };
        self.tell(tab, event);
        if let Some(begun) = begun {
            self.tabs[tab].page = begun;
        }
        self.go_on(tab, number, News::Ready);
    }

    fn send_call(&mut self, tab: usize, number: usize, token: Option<Rc<Token>>) {
        let Some(running) = self.tabs[tab].calls.get_mut(&number) else { return };
        running.sent += 1;
        let (user, sent, does) = (&running.user, running.sent, &running.does);
        let most = match does {
            Does::SignIn(_) | Does::SignOut => 1,
            Does::Read | Does::Confirm => 2,
            // And with a token of which the user confirmed for another call, and twice after the user confirmed.
            Does::Sensitive => 5,
        };
        let sent_as = token.as_ref().map(|token| &token.answer.user.id);
        let signs = matches!(does, Does::SignIn(_) | Does::SignOut);
        if sent > most || !signs && user.is_some() && user.as_ref() != sent_as {
            self.faults.push(format!("a call of {user:?} is sent as {sent_as:?}, no {sent}"));
        }
        let patience_ms =
            if *does == Does::Confirm { self.tabs[tab].client.patience_ms().into() } else { f64::INFINITY };
        self.waits(tab, number, Waits::Answer(token));
        self.send(tab, Of::Call(number), self.now_ms + patience_ms);
    }

    /// The calls that wait for this go on. A call that begins to wait meanwhile does not.
    pub fn wake(&mut self, tab: usize, which: Woken, news: &News) {
        let waits = |waits: &Waits| match which {
            Woken::Refreshed => matches!(waits, Waits::Token),
            Woken::Paused => matches!(waits, Waits::Pause),
            Woken::For(what) => waits.are_for(what),
        };
        let calls = self.tabs[tab].calls.iter().filter(|(_, running)| waits(&running.waits));
        for number in calls.map(|(number, _)| *number).collect::<Vec<_>>() {
            self.go_on(tab, number, news.clone());
        }
    }

    /// The calls that may go on by themselves: after a pause, or because the refresh of their tab has landed, or they
    /// lost their patience with it.
    pub fn ready_calls(&self) -> Vec<(usize, usize)> {
        let ready = |tab: &Tab, waits: &Waits| match waits {
            Waits::Pause => tab.client.network() == NetworkState::Fine,
            Waits::Landing { until_ms } => *until_ms <= self.now_ms || !tab.client.is_refreshing(),
            _ => false,
        };
        let tabs = self.tabs.iter().enumerate();
        tabs.flat_map(|(at, tab)| tab.calls.iter().map(move |(number, running)| (at, tab, *number, running)))
            .filter(|(_, tab, _, running)| ready(tab, &running.waits))
            .map(|(at, _, number, _)| (at, number))
            .collect()
    }

    pub fn resume(&mut self, tab: usize, number: usize) {
        let Tab { client, calls, .. } = &self.tabs[tab];
        let waits = &calls[&number].waits;
        self.impatient |= matches!(waits, Waits::Landing { .. }) && client.is_refreshing();
        self.go_on(tab, number, News::Ready);
    }
}
