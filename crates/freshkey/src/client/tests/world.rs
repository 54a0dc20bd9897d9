//! A world to test the client in: tabs of one browser, the messages between them, their refresh lock, a network that
//! loses answers, and a server. It does what `crate::browser` and the server do, one small step at a time, in any
//! order, and notes whatever must not happen.

use super::{
    super::{
        event::{Effect, Event, Outcome, Pause, Reach, TabMessage, Timer, Waiting},
        state::{Caller, Client},
        token::Token,
    },
    answer, moment, signed_in,
};
use crate::{
    app::{
        error::{ApiError, Code},
        session::{NetworkState, SessionState},
        types::EndReason,
    },
    client::{answer::Answer, moment::Moment},
};
use std::{collections::BTreeMap, rc::Rc};

/// The life of an access token, in seconds.
const LIFE_S: u64 = 900;

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

/// What sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Refresh,
    Call(usize),
    Task(usize),
}

#[derive(Clone, Debug)]
pub enum Answered {
    /// A session's name, and when it was issued.
    Session(String, u64),
    Fine,
    Refused(Code, Option<EndReason>),
}

/// A call of a page to a server function.
#[derive(Debug)]
pub struct Call {
    caller: Caller,
    user: Option<String>,
    pub stage: Stage,
    sent: u32,
}

#[derive(Debug)]
pub enum Stage {
    ForToken(Option<Rc<Token>>),
    ForNetwork(Option<Rc<Token>>),
    ForSignIn,
    Sent(Rc<Token>),
    Done(Result<(), Code>),
}

/// A sign-in or a sign-out.
#[derive(Debug)]
pub struct Task {
    /// Who signs in; nobody signs out.
    pub user: Option<String>,
    pub step: TaskStep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStep {
    ForLanding,
    ForLock,
    Sent,
    Done,
}

#[derive(Debug)]
pub struct Tab {
    pub client: Client,
    pub page: SessionState,
    pub is_protected: bool,
    pub is_visible: bool,
    pub timers: Vec<(Timer, f64)>,
    pub inbox: Vec<TabMessage<Answer>>,
    pub calls: Vec<Call>,
    pub tasks: Vec<Task>,
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
    pub cookie: Option<String>,
    /// How many requests the server has handled: its clock.
    pub served: u64,
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
            calls: Vec::new(),
            tasks: Vec::new(),
        };
        self.tabs.push(tab);
        self.tell(self.tabs.len() - 1, Event::Loaded(self.served));
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
        for effect in effects {
            self.perform(tab, effect);
        }
        if reloads {
            self.reload(tab);
        }
    }

    fn perform(&mut self, tab: usize, effect: Effect) {
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
            Effect::Land(outcome) => self.landed(tab, &outcome),
            Effect::Resume(Waiting::SignIn) => self.wake(tab, |stage| matches!(stage, Stage::ForSignIn)),
            Effect::Resume(Waiting::Network) => self.wake(tab, |stage| matches!(stage, Stage::ForNetwork(_))),
            Effect::GiveUp(Waiting::SignIn) => {
                for call in self.tabs[tab].calls.iter_mut().filter(|call| matches!(call.stage, Stage::ForSignIn)) {
                    call.stage = Stage::Done(Err(Code::SessionEnded));
                }
            }
            Effect::CheckSession => self.call(tab),
            Effect::CheckNetwork => self.tell(tab, Event::Reached(Reach::Answered)),
            Effect::Reload | Effect::ShowNetwork(_) | Effect::Resume(Waiting::StepUp) | Effect::GiveUp(_) => {}
        }
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
        let (calls, tasks) = (Vec::new(), Vec::new());
        self.tabs[tab] = Tab { client, page, is_protected, is_visible, timers, inbox, calls, tasks };
        self.tell(tab, Event::Loaded(self.served));
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
            Of::Task(task) => {
                self.tabs[locker.tab].tasks[task].step = TaskStep::Sent;
                self.send(locker.tab, locker.of, f64::INFINITY);
            }
            _ => self.tell(locker.tab, Event::LockSettled),
        }
    }

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

    fn want(&mut self, tab: usize, call: usize, spent: Option<Rc<Token>>) {
        let now = self.moment(tab);
        match self.tabs[tab].client.newer_than(spent.as_ref(), &now).cloned() {
            Some(newer) => self.go_on(tab, call, Ok(newer)),
            None => {
                self.tabs[tab].calls[call].stage = Stage::ForToken(spent);
                self.tell(tab, Event::TokenWanted);
            }
        }
    }

    fn landed(&mut self, tab: usize, outcome: &Outcome) {
        for call in 0..self.tabs[tab].calls.len() {
            if matches!(self.tabs[tab].calls[call].stage, Stage::ForToken(_)) {
                self.go_on(tab, call, outcome.clone());
            }
        }
    }

    fn go_on(&mut self, tab: usize, call: usize, outcome: Outcome) {
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

    fn wake(&mut self, tab: usize, which: impl Fn(&Stage) -> bool) {
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

    /// Begins to sign this user in, or to sign out.
    pub fn begin(&mut self, tab: usize, user: Option<&str>) {
        self.tabs[tab].tasks.push(Task { user: user.map(str::to_owned), step: TaskStep::ForLanding });
    }

    /// A task goes on after the refresh of its tab has landed.
    pub fn task_goes_on(&mut self, tab: usize, task: usize) {
        let patience_ms = self.tabs[tab].client.patience_ms();
        let it = &mut self.tabs[tab].tasks[task];
        if it.user.is_some() {
            it.step = TaskStep::ForLock;
            self.queue_for_lock(tab, Of::Task(task), patience_ms);
        } else {
            it.step = TaskStep::Sent;
            self.tell(tab, Event::SignOutBegun);
            self.send(tab, Of::Task(task), f64::INFINITY);
        }
    }

    /// The server handles a request.
    pub fn serve(&mut self, at: usize) {
        let Request { tab, of, ref cookie, .. } = self.requests[at];
        let cookie = cookie.clone();
        self.served += 1;
        let live = |session: &String| self.sessions[session].1;
        let answered = match of {
            Of::Refresh => match cookie {
                Some(session) => match live(&session) {
                    None => Answered::Session(session, self.served),
                    reason => Answered::Refused(Code::InvalidRefreshToken, reason),
                },
                None => Answered::Refused(Code::RefreshTokenNotFound, None),
            },
            Of::Call(call) => {
                let Stage::Sent(token) = &self.tabs[tab].calls[call].stage else { unreachable!("it was sent") };
                match token.answer.access_token.reveal() {
                    // A spoiled token.
                    "" => Answered::Refused(Code::TokenNotFound, None),
                    session if live(&session.to_owned()).is_some() => Answered::Refused(Code::SessionEnded, None),
                    _ => Answered::Fine,
                }
            }
            Of::Task(task) => match self.tabs[tab].tasks[task].user.clone() {
                Some(user) => {
                    let name = format!("session {}", self.sessions.len());
                    self.sessions.insert(name.clone(), (user, None));
                    // A sign-in replaces the session of the cookie.
                    self.end(cookie.as_ref(), EndReason::SignedOut);
                    Answered::Session(name, self.served)
                }
                None => {
                    self.end(cookie.as_ref(), EndReason::SignedOut);
                    Answered::Fine
                }
            },
        };
        self.requests[at].answered = Some(answered);
    }

    /// Ends a session on the server.
    pub fn end(&mut self, session: Option<&String>, reason: EndReason) {
        if let Some((_, over)) = session.and_then(|session| self.sessions.get_mut(session)) {
            over.get_or_insert(reason);
        }
    }

    /// The answer arrives; `None` if it was lost.
    pub fn deliver(&mut self, at: usize, lost: bool) {
        let Request { tab, of, answered, .. } = self.requests.remove(at);
        self.lost |= lost;
        let answered = answered.filter(|_| !lost);
        if let Some(answered) = &answered {
            self.take_cookie(of, answered, tab);
        }
        self.tell(tab, Event::Reached(if answered.is_some() { Reach::Answered } else { Reach::Lost }));
        let answered = answered.unwrap_or(Answered::Refused(Code::Unreachable, None));
        let session = match &answered {
            Answered::Session(session, at) => Some(answer(session, &self.sessions[session].0, LIFE_S, *at)),
            _ => None,
        };
        let refused = match answered {
            Answered::Refused(code, reason) => {
                let refused = ApiError::from(code);
                Some(reason.map_or(refused.clone(), |reason| refused.because(reason)))
            }
            _ => None,
        };
        match of {
            Of::Refresh => {
                let answered = session.ok_or_else(|| refused.unwrap_or(Code::Internal.into()));
                self.tell(tab, Event::Refreshed(answered));
            }
            Of::Call(call) => self.call_answered(tab, call, refused),
            Of::Task(task) => {
                self.tabs[tab].tasks[task].step = TaskStep::Done;
                self.free_lock(tab, of);
                match session {
                    Some(answer) => {
                        let begun = signed_in(answer.text(), &answer.user.id);
                        let has_form = !self.moment(tab).is_interrupted();
                        self.tell(tab, Event::SignedIn(answer));
                        // A page with a form shows the new session itself.
                        if has_form {
                            self.tabs[tab].page = begun;
                        }
                    }
                    None if self.tabs[tab].tasks[task].user.is_some() => return,
                    None if refused.is_none() => self.tell(tab, Event::SignedOut(Some(EndReason::SignedOut))),
                    None => {}
                }
                if self.tabs[tab].tasks.get(task).is_some_and(|task| task.user.is_none()) {
                    self.tell(tab, Event::SignOutEnded);
                }
            }
        }
    }

    fn take_cookie(&mut self, of: Of, answered: &Answered, tab: usize) {
        let signs_out = |task: usize| self.tabs[tab].tasks[task].user.is_none();
        match (of, answered) {
            (_, Answered::Session(session, _)) => self.cookie = Some(session.clone()),
            (Of::Refresh, Answered::Refused(code, _)) if code.ends_session() => self.cookie = None,
            (Of::Task(task), Answered::Fine) if signs_out(task) => self.cookie = None,
            _ => {}
        }
    }

    fn call_answered(&mut self, tab: usize, call: usize, refused: Option<ApiError>) {
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
