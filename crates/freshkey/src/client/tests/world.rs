//! A browser with several tabs, a server, and a network between them that loses, delays and reorders. What a user or
//! an attacker would see to be wrong panics where it happens.

use super::{
    super::{CallId, CallKind, Effect, Event, Next, Now, State, TabMessage},
    server::{Call, Reply, Server, number_of},
};
use crate::app::{error::Code, session::SessionState};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A request, on its way to the server, or its answer on the way back.
pub struct Request {
    pub tab: usize,
    pub document: u32,
    pub call: Call,
    pub kind: Sent,
    pub reply: Option<Reply>,
}

/// What the tab knows the request by.
#[derive(Clone, Copy)]
pub enum Sent {
    Call(CallId),
    Refresh(u32),
}

/// What became of a call, so far.
#[derive(Clone, Debug)]
pub struct Outcome {
    kind: CallKind,
    sent: u32,
    user: Option<String>,
    /// The session that a sign-out was sent for.
    session: Option<usize>,
    pub end: Option<Result<(), Code>>,
}

#[derive(Default)]
pub struct Tab {
    pub state: State,
    /// Documents that were loaded here so far: what is for an earlier one reaches nobody.
    pub document: u32,
    /// What each tab has said and this one has not heard yet.
    pub inbox: BTreeMap<usize, VecDeque<TabMessage>>,
    pub calls: BTreeMap<u32, Outcome>,
    pub frozen: bool,
    /// Sessions that the user of this tab saw end.
    over: BTreeSet<usize>,
    newest: usize,
}

pub struct World {
    pub clock: f64,
    pub server: Server,
    pub tabs: Vec<Tab>,
    pub requests: Vec<Request>,
    pub is_up: bool,
    /// Whether what a tab says is heard at once.
    pub is_prompt: bool,
    pub lock: Option<(usize, u32)>,
    /// Who waits for the lock, and until when.
    pub waiting: VecDeque<(usize, u32, f64)>,
    chance: u32,
}

impl World {
    /// So many tabs, in which the user 1 is signed in.
    pub fn new(tabs: usize) -> Self {
        let server = Server::new();
        let mut world = Self {
            clock: 0.0,
            server,
            tabs: Vec::new(),
            requests: Vec::new(),
            is_up: true,
            is_prompt: false,
            lock: None,
            waiting: VecDeque::new(),
            chance: 1,
        };
        for tab in 0..tabs {
            world.tabs.push(Tab::default());
            world.open(tab);
            world.happens(tab, Event::Live);
        }
        world
    }

    pub fn now(&mut self, tab: usize) -> Now {
        self.chance = self.chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Now {
            clock: self.clock,
            wall: self.clock + 1.0e12,
            chance: f64::from(self.chance >> 8) / f64::from(1 << 24),
            is_online: self.is_up,
            is_visible: !self.tabs[tab].frozen,
            is_protected: true,
        }
    }

    /// The tab loads a document, which the server renders for whoever the cookie names.
    pub fn open(&mut self, tab: usize) {
        let session = self.server.page(self.clock);
        self.release(tab);
        let newest = number_in(&session).unwrap_or(0);
        let document = self.tabs[tab].document + 1;
        self.tabs[tab] = Tab { document, newest, ..Tab::default() };
        self.happens(tab, Event::Attached(session));
    }

    /// Begins a call. Its number, for [`World::ended`].
    pub fn call(&mut self, tab: usize, kind: CallKind) -> u32 {
        let id = self.tabs[tab].state.new_call();
        let user = self.tabs[tab].state.user();
        let outcome = Outcome { kind, sent: 0, user, session: None, end: None };
        self.tabs[tab].calls.insert(id.0, outcome);
        self.happens(tab, Event::CallBegun(id, kind));
        id.0
    }

    /// Tells the tab what happened and carries out what it wants.
    pub fn happens(&mut self, tab: usize, event: Event) {
        let (now, document) = (self.now(tab), self.tabs[tab].document);
        let told_over = match &event {
            Event::Heard(TabMessage::SignedOut(Some(session)) | TabMessage::Over(Some(session), _)) => {
                Some(number_of(session))
            }
            Event::CallAnswered(id, Ok(())) => self.tabs[tab].calls.get(&id.0).and_then(|call| call.session),
            _ => None,
        };
        self.tabs[tab].over.extend(told_over);
        let effects = self.tabs[tab].state.step(event, &now);
        self.judge(tab);
        for effect in effects {
            // The effects of a document that is being left do not reach the next one.
            if self.tabs[tab].document == document {
                self.carry_out(tab, effect);
            }
        }
        self.grant();
    }

    /// What must hold after every event.
    fn judge(&mut self, tab: usize) {
        let now = self.now(tab);
        let Tab { state, over, newest, .. } = &mut self.tabs[tab];
        if let Some(token) = state.token() {
            let session = number_of(token.session());
            assert!(!over.contains(&session), "a token of a session that is over was taken up");
            assert!(session >= *newest, "session {session} took the place of the newer {newest}");
            *newest = session;
        } else if !matches!(state.session(), SessionState::SignedIn(_)) {
            *newest = 0; // that one is over
        }
        assert!(state.wakes_at(&now).is_none_or(|at| at > now.clock), "it wakes at once, for ever");
    }

    fn carry_out(&mut self, tab: usize, effect: Effect) {
        match effect {
            Effect::Tell(id, Next::Go(token)) => {
                let token = token.map(|token| token.answer.clone());
                let session = known_session(&self.tabs[tab].state);
                let call = self.tabs[tab].calls.get_mut(&id.0).expect("one that was begun");
                call.sent += 1;
                call.session = session.filter(|_| call.kind == CallKind::SignOut);
                let request = match call.kind {
                    CallKind::SignIn => Call::SignIn,
                    CallKind::SignOut => Call::SignOut(token),
                    _ => {
                        let token = token.expect("a token");
                        assert!(call.sent <= 2, "sent again more than once");
                        assert!(call.user.as_ref().is_none_or(|user| *user == token.user.id), "in another's name");
                        let over = self.tabs[tab].over.contains(&number_of(token.csrf_token.reveal()));
                        assert!(!over, "sent after the sign-out, in the name of who signed out");
                        Call::Protected(Some(token))
                    }
                };
                if let Call::SignIn = request {
                    let refreshing = self.requests.iter().any(|request| {
                        request.tab == tab && matches!(request.kind, Sent::Refresh(_)) && self.is_for(request)
                    });
                    assert!(!refreshing, "a sign-in that a refresh of the tab may cross");
                }
                self.send(tab, Sent::Call(id), request);
            }
            Effect::Tell(id, Next::Fail(error)) => self.end(tab, id, Err(error.code)),
            Effect::Probe(id, token) => {
                let call = token.map_or(Call::Livez, |token| Call::Protected(Some(token.answer.clone())));
                self.send(tab, Sent::Call(id), call);
            }
            Effect::TakeLock(attempt, patience) => {
                self.waiting.push_back((tab, attempt, self.clock + f64::from(patience)));
            }
            Effect::ReleaseLock => self.release(tab),
            Effect::SendRefresh(attempt, _) => {
                let twice = self.requests.iter().any(|request| {
                    request.tab == tab && matches!(request.kind, Sent::Refresh(_)) && self.is_for(request)
                });
                assert!(!twice, "two refreshes of one tab at once");
                self.send(tab, Sent::Refresh(attempt), Call::Refresh);
            }
            Effect::AbortRefresh => {
                let document = self.tabs[tab].document;
                self.requests.retain(|request| {
                    !(request.tab == tab && request.document == document && matches!(request.kind, Sent::Refresh(_)))
                });
            }
            Effect::Say(message) => {
                for other in (0..self.tabs.len()).filter(|other| *other != tab) {
                    self.tabs[other].inbox.entry(tab).or_default().push_back(message.clone());
                }
            }
            Effect::ShowSession(_) | Effect::ShowNetwork(_) => {}
            Effect::Reload => self.open(tab),
        }
    }

    fn send(&mut self, tab: usize, kind: Sent, call: Call) {
        let document = self.tabs[tab].document;
        self.requests.push(Request { tab, document, call, kind, reply: None });
    }

    pub fn kind(&self, tab: usize, id: CallId) -> Option<CallKind> {
        Some(self.tabs[tab].calls.get(&id.0)?.kind)
    }

    fn is_for(&self, request: &Request) -> bool {
        self.tabs[request.tab].document == request.document
    }

    pub fn end(&mut self, tab: usize, id: CallId, end: Result<(), Code>) {
        if let Some(call) = self.tabs[tab].calls.get_mut(&id.0) {
            call.end.get_or_insert(end);
        }
    }

    pub fn is_frozen(&self, tab: usize) -> bool {
        self.tabs[tab].frozen
    }

    pub fn document(&self, tab: usize) -> u32 {
        self.tabs[tab].document
    }

    /// Whether the user is signing in or out. A person does one after the other.
    pub fn is_signing_in_or_out(&self) -> bool {
        let mut calls = self.tabs.iter().flat_map(|tab| tab.calls.values());
        calls.any(|call| matches!(call.kind, CallKind::SignIn | CallKind::SignOut) && call.end.is_none())
    }

    /// Calls that have not ended: the tab and the number of each.
    pub fn unended(&self) -> Vec<(usize, u32)> {
        let of_tab = |(tab, calls): (usize, &Tab)| {
            let open = calls.calls.iter().filter(|(_, call)| call.end.is_none());
            open.map(|(id, _)| (tab, *id)).collect::<Vec<_>>()
        };
        self.tabs.iter().enumerate().flat_map(of_tab).collect()
    }

    /// How the call ended.
    pub fn ended(&self, tab: usize, call: u32) -> Option<Result<(), Code>> {
        self.tabs[tab].calls.get(&call)?.end
    }
}

fn known_session(state: &State) -> Option<usize> {
    let token = state.token().map(|token| number_of(token.session()));
    token.or_else(|| number_in(state.session()))
}

fn number_in(session: &SessionState) -> Option<usize> {
    session.view().map(|view| number_of(&view.csrf_token))
}
