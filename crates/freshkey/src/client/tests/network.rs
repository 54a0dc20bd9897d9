//! What is between the tabs and the server: requests and answers, words from tab to tab, the lock, and time.

use super::{
    super::{CallId, CallKind, Event},
    server::{Reply, answer_of},
    world::{Request, Sent, World},
};
use crate::app::error::Code;
use std::collections::VecDeque;

impl World {
    /// The request reaches the server; its answer is on its way.
    pub fn arrive(&mut self, index: usize) {
        if !self.is_up {
            return self.lose(index);
        }
        let Some(request) = self.requests.get_mut(index) else { return };
        if request.reply.is_none() {
            request.reply = Some(self.server.answer(&request.call, self.clock));
        }
    }

    /// The answer reaches its tab, if it was given and the tab can take it.
    pub fn answer(&mut self, index: usize) {
        let Some(request) = self.requests.get(index) else { return };
        if request.reply.is_some() && !self.tabs[request.tab].frozen {
            let Request { tab, document, kind, reply, .. } = self.requests.remove(index);
            self.deliver(tab, document, kind, reply.expect("just seen"));
        }
    }

    /// The request, or its answer, is lost.
    pub fn lose(&mut self, index: usize) {
        if self.requests.get(index).is_some_and(|request| !self.tabs[request.tab].frozen) {
            let Request { tab, document, kind, .. } = self.requests.remove(index);
            self.deliver(tab, document, kind, Err(Code::Unreachable.into()));
        }
    }

    fn deliver(&mut self, tab: usize, document: u32, kind: Sent, reply: Reply) {
        if self.tabs[tab].document != document {
            return;
        }
        match kind {
            Sent::Refresh(attempt) => {
                let answer = reply.map(|token| token.expect("a refresh is answered with a token"));
                self.happens(tab, Event::RefreshAnswered(attempt, answer, None));
            }
            Sent::Call(id) => self.deliver_call(tab, id, reply),
        }
    }

    fn deliver_call(&mut self, tab: usize, id: CallId, reply: Reply) {
        let kind = self.kind(tab, id);
        let document = self.tabs[tab].document;
        if let (Some(CallKind::SignIn), Ok(Some(answer))) = (kind, &reply) {
            self.happens(tab, Event::SignedIn(answer.clone()));
            // What the app's form does.
            if self.tabs[tab].document == document {
                self.happens(tab, Event::SessionSet(answer_of(answer)));
            }
        }
        let ended = reply.map(drop);
        let is_final = ended.is_ok();
        let code = ended.clone().map_err(|refused| refused.code);
        if self.tabs[tab].document != document {
            return;
        }
        self.happens(tab, Event::CallAnswered(id, ended));
        if is_final && self.tabs[tab].document == document {
            self.end(tab, id, code);
        }
    }

    /// The tab hears the next word of another one.
    pub fn hear(&mut self, tab: usize, from: usize) {
        if !self.tabs[tab].frozen
            && let Some(message) = self.tabs[tab].inbox.get_mut(&from).and_then(VecDeque::pop_front)
        {
            self.happens(tab, Event::Heard(message));
        }
    }

    /// All words are heard.
    pub fn hear_all(&mut self) {
        for tab in 0..self.tabs.len() {
            for from in 0..self.tabs.len() {
                while !self.tabs[tab].frozen && self.tabs[tab].inbox.get(&from).is_some_and(|words| !words.is_empty()) {
                    self.hear(tab, from);
                }
            }
        }
    }

    /// A frozen tab runs no code: no timer, no answer, no word reaches it.
    pub fn freeze(&mut self, tab: usize) {
        if !self.tabs[tab].frozen {
            self.tabs[tab].frozen = true;
            self.happens(tab, Event::VisibilityChanged);
        }
    }

    /// It runs again.
    pub fn thaw(&mut self, tab: usize) {
        if std::mem::take(&mut self.tabs[tab].frozen) {
            self.happens(tab, Event::VisibilityChanged);
        }
    }

    pub fn release(&mut self, tab: usize) {
        self.waiting.retain(|(waiting, ..)| *waiting != tab);
        self.lock.take_if(|(holder, _)| *holder == tab);
    }

    pub fn grant(&mut self) {
        if self.is_prompt {
            self.hear_all();
        }
        while self.lock.is_none()
            && let Some((tab, attempt, _)) = self.waiting.pop_front()
        {
            self.lock = Some((tab, attempt));
            self.happens(tab, Event::LockSettled(attempt));
        }
    }

    /// Time passes, and timers run out.
    pub fn pass(&mut self, ms: f64) {
        let end = self.clock + ms;
        for _ in 0..10_000 {
            let mut timers = Vec::new();
            for tab in (0..self.tabs.len()).filter(|tab| !self.tabs[*tab].frozen).collect::<Vec<_>>() {
                let now = self.now(tab);
                timers.extend(self.tabs[tab].state.wakes_at(&now).map(|at| (tab, at)));
            }
            let locks = self.waiting.iter().filter(|(tab, ..)| !self.tabs[*tab].frozen);
            let next = timers.iter().map(|(_, at)| *at).chain(locks.map(|(.., at)| *at)).reduce(f64::min);
            let Some(next) = next.filter(|next| *next <= end) else {
                self.clock = end;
                return;
            };
            self.clock = self.clock.max(next);
            for (tab, _) in timers.into_iter().filter(|(_, at)| *at <= next) {
                self.happens(tab, Event::Woken);
            }
            let given_up = |(tab, _, at): &(usize, u32, f64)| *at <= next && !self.tabs[*tab].frozen;
            let late: Vec<_> = self.waiting.iter().copied().filter(given_up).collect();
            self.waiting.retain(|waiting| !late.contains(waiting));
            for (tab, attempt, _) in late {
                self.happens(tab, Event::LockSettled(attempt));
            }
        }
        panic!("a timer runs out again and again");
    }

    /// From here on the network is there, everybody is awake, and all that is under way arrives.
    pub fn settle(&mut self) {
        self.is_up = true;
        for tab in 0..self.tabs.len() {
            self.thaw(tab);
            self.happens(tab, Event::Live);
        }
        for _ in 0..500 {
            while !self.requests.is_empty()
                || self.tabs.iter().any(|tab| tab.inbox.values().any(|words| !words.is_empty()))
            {
                self.hear_all();
                self.arrive(0);
                self.answer(0);
            }
            if self.unended().is_empty() {
                return;
            }
            self.pass(1000.0);
        }
    }
}
