//! A world to test the client in: tabs of one browser, the messages between them, their refresh lock, a network that
//! loses answers, and a server. It does what the module `browser` and the server do, one small step at a time, in any
//! order, and notes whatever must not happen.

mod calls;
mod network;

use super::{
    super::{
        call::{Call, News},
        event::{Effect, Event, Pause, Reach, TabMessage, Timer, Waiting},
        state::Client,
        token::Token,
    },
    moment, signed_in,
};
use crate::{
    app::{
        error::Code,
        session::SessionState,
        types::{EndReason, Millis},
    },
    client::moment::Moment,
};
use std::{collections::BTreeMap, rc::Rc};

/// A request that the server or the network still has.
#[derive(Debug)]
pub struct Request {
    pub tab: usize,
    pub of: Of,
    /// The session whose cookie went with it.
    cookie: Option<String>,
    /// The server's answer, on its way back.
    pub answered: Option<Answered>,
    /// When the client gives it up.
    pub deadline_ms: f64,
}

/// What sent a request: the refresh, or a call, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Refresh,
    Call(usize),
}

#[derive(Clone, Debug)]
pub enum Answered {
    /// A session's name, and when it was issued.
    Session(String, i64),
    Fine,
    Refused(Code, Option<EndReason>),
}

/// What a call asks of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    Read,
    /// Something that the user has to confirm first.
    Sensitive,
    SignIn(String),
    SignOut,
    Confirm,
}

/// A call of a page to the server.
#[derive(Debug)]
pub struct Running {
    call: Call,
    pub does: Does,
    /// The user who began it.
    user: Option<String>,
    /// How often it was sent.
    sent: u32,
    pub waits: Waits,
}

/// What a call waits for.
#[derive(Debug)]
pub enum Waits {
    /// The refresh under way, until then.
    Landing {
        until_ms: f64,
    },
    Lock,
    Token,
    Pause,
    For(Waiting),
    Answer(Option<Rc<Token>>),
    Nothing(Result<(), Code>),
}

/// Which calls an effect wakes.
#[derive(Clone, Copy, Debug)]
pub enum Woken {
    Refreshed,
    Paused,
    For(Waiting),
}

#[derive(Debug)]
pub struct Tab {
    pub client: Client,
    pub page: SessionState,
    pub is_protected: bool,
    pub is_visible: bool,
    pub timers: Vec<(Timer, f64)>,
    pub inbox: Vec<TabMessage>,
    pub calls: BTreeMap<usize, Running>,
}

/// Who waits for the refresh lock, or has it.
#[derive(Clone, Copy, Debug)]
pub struct Locker {
    pub tab: usize,
    pub of: Of,
    pub deadline_ms: f64,
}

#[derive(Debug, Default)]
pub struct World {
    pub now_ms: f64,
    pub tabs: Vec<Tab>,
    pub requests: Vec<Request>,
    pub lock: Option<Locker>,
    pub queue: Vec<Locker>,
    /// Whether somebody went ahead without the lock.
    pub impatient: bool,
    /// The sessions by name: the user, and why it is over.
    pub sessions: BTreeMap<String, (String, Option<EndReason>)>,
    /// The sessions whose user has confirmed.
    pub confirmed: Vec<String>,
    pub cookie: Option<String>,
    /// How many requests the server has handled: its clock.
    pub served: i64,
    /// How many calls there were.
    pub begun: usize,
    /// Whether an answer was lost.
    pub lost: bool,
    /// What must not happen, and did.
    pub faults: Vec<String>,
}

impl World {
    /// Opens a page. The server renders what it knows from the cookie.
    pub fn open(&mut self, is_protected: bool) {
        let tab = Tab {
            client: Client::new(),
            page: self.rendered(),
            is_protected,
            is_visible: true,
            timers: Vec::new(),
            inbox: Vec::new(),
            calls: BTreeMap::new(),
        };
        self.tabs.push(tab);
        self.tell(self.tabs.len() - 1, Event::Loaded(Millis(self.served)));
    }

    fn rendered(&self) -> SessionState {
        match self.cookie.as_ref().map(|session| (session, &self.sessions[session])) {
            Some((session, (user, None))) => signed_in(session, user),
            Some((_, (_, reason))) => SessionState::SignedOut(*reason),
            None => SessionState::SignedOut(None),
        }
    }

    pub fn moment(&self, tab: usize) -> Moment {
        let Tab { page, is_protected, is_visible, .. } = &self.tabs[tab];
        Moment { is_protected: *is_protected, is_visible: *is_visible, ..moment(page.clone(), self.now_ms) }
    }

    /// Tells a tab's client what happened, and does what it says.
    pub fn tell(&mut self, tab: usize, event: Event) {
        let now = self.moment(tab);
        let effects = self.tabs[tab].client.step(event, now);
        let reloads = effects.iter().any(|effect| matches!(effect, Effect::Reload));
        let mut woken = Vec::new();
        for effect in effects {
            woken.extend(self.perform(tab, effect));
        }
        if reloads {
            return self.reload(tab);
        }
        // In a browser, too, the calls go on after all the effects.
        for (which, news) in woken {
            self.wake(tab, which, &news);
        }
    }

    /// Does what an effect says; returns which calls it wakes, and with what news.
    fn perform(&mut self, tab: usize, effect: Effect) -> Option<(Woken, News)> {
        match effect {
            Effect::Show(page) => {
                let (before, now) = (&self.tabs[tab].page, &page);
                if let (Some(before), Some(now)) = (before.view(), now.view())
                    && before.user.id != now.user.id
                {
                    self.faults.push(format!("the page of {} shows {}", before.user.id, now.user.id));
                }
                self.tabs[tab].page = page;
            }
            Effect::Say(message) => {
                for other in (0..self.tabs.len()).filter(|other| *other != tab) {
                    self.tabs[other].inbox.push(message.clone());
                }
            }
            Effect::Wait(timer, pause) => {
                let ms = match pause {
                    Pause::Exactly(ms) => ms,
                    Pause::Jittered(ms, at_least) => ms.max(at_least),
                };
                self.stop(tab, timer);
                self.tabs[tab].timers.push((timer, self.now_ms + f64::from(ms)));
            }
            Effect::Stop(timer) => self.stop(tab, timer),
            Effect::TakeLock(patience_ms) => self.queue_for_lock(tab, Of::Refresh, patience_ms),
            Effect::FreeLock => self.free_lock(tab, Of::Refresh),
            Effect::SendRefresh(_) => {
                let under_way = |request: &&Request| request.of == Of::Refresh;
                let tabs: Vec<_> = self.requests.iter().filter(under_way).map(|request| request.tab).collect();
                if tabs.contains(&tab) || (!tabs.is_empty() && !self.impatient) {
                    self.faults.push(format!("tab {tab} refreshes beside {tabs:?}"));
                }
                let patience_ms = self.tabs[tab].client.patience_ms();
                self.send(tab, Of::Refresh, self.now_ms + f64::from(patience_ms));
            }
            Effect::Land(outcome) => return Some((Woken::Refreshed, News::Token(outcome))),
            Effect::Resume(Waiting::Network) => return Some((Woken::Paused, News::Ready)),
            Effect::Resume(what) => return Some((Woken::For(what), News::Waited(true))),
            Effect::GiveUp(what) => return Some((Woken::For(what), News::Waited(false))),
            Effect::CheckSession => self.begin(tab, Does::Read),
            Effect::CheckNetwork => self.tell(tab, Event::Reached(Reach::Answered)),
            Effect::Reload | Effect::ShowNetwork(_) => {}
        }
        None
    }

    fn stop(&mut self, tab: usize, timer: Timer) {
        self.tabs[tab].timers.retain(|(running, _)| *running != timer);
    }

    /// Everything that the page had under way goes with it.
    pub fn reload(&mut self, tab: usize) {
        self.lost |= self.requests.iter().any(|request| request.tab == tab);
        self.requests.retain(|request| request.tab != tab);
        self.queue.retain(|locker| locker.tab != tab);
        self.lock = self.lock.filter(|locker| locker.tab != tab);
        let page = self.rendered();
        let Tab { is_protected, is_visible, .. } = self.tabs[tab];
        let (client, timers, inbox) = (Client::new(), Vec::new(), Vec::new());
        self.tabs[tab] = Tab { client, page, is_protected, is_visible, timers, inbox, calls: BTreeMap::new() };
        self.tell(tab, Event::Loaded(Millis(self.served)));
    }

    pub fn queue_for_lock(&mut self, tab: usize, of: Of, patience_ms: u32) {
        self.queue.push(Locker { tab, of, deadline_ms: self.now_ms + f64::from(patience_ms) });
    }

    pub fn free_lock(&mut self, tab: usize, of: Of) {
        self.lock = self.lock.filter(|locker| (locker.tab, locker.of) != (tab, of));
    }

    fn send(&mut self, tab: usize, of: Of, deadline_ms: f64) {
        self.requests.push(Request { tab, of, cookie: self.cookie.clone(), answered: None, deadline_ms });
    }

    /// The first in the queue gets the lock, or goes ahead without it.
    pub fn settle_lock(&mut self, at: usize) {
        let locker = self.queue.remove(at);
        if self.lock.is_none() {
            self.lock = Some(locker);
        } else {
            self.impatient = true;
        }
        match locker.of {
            Of::Refresh => self.tell(locker.tab, Event::LockSettled),
            Of::Call(call) => self.go_on(locker.tab, call, News::Ready),
        }
    }
}
