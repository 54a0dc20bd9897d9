//! The client: its state, which is the one thing that is global here, and the one place where its effects are
//! carried out. What is to be done, the rules in `client/` decide.

use super::{
    channel::Channel,
    fetch,
    lock::{self, Lock},
    script::StartScript,
};
use crate::{
    app::{
        error::{ApiError, Code},
        paths,
        session::{Network, Session, SessionState},
    },
    client::{CallId, CallKind, Effect, Event, Next, Now, State, TabMessage},
};
use futures::channel::oneshot;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, VisibilityState};

/// Milliseconds at the most until it looks again: a browser's timers can't wait for months.
const LONGEST_WAIT_MS: f64 = 1.0e9;

struct Client {
    state: RefCell<State>,
    /// What happened and was not told to the state yet.
    events: RefCell<VecDeque<Event>>,
    busy: Cell<bool>,
    /// Where the page shows the session and the network.
    page: Cell<Option<(Session, Network)>>,
    /// Calls that wait to be told what to do.
    calls: RefCell<Vec<(CallId, oneshot::Sender<Next>)>>,
    timer: RefCell<Option<(f64, Timeout)>>,
    channel: RefCell<Option<Channel>>,
    /// The lock that is wanted, and the lock once it is taken.
    lock: RefCell<Option<(u32, Option<Lock>)>>,
    refresh: RefCell<Option<AbortController>>,
    /// Whether the document is being loaded anew.
    reloading: Cell<bool>,
    script: StartScript,
}

thread_local! {
    static CLIENT: Client = const {
        Client {
            state: RefCell::new(State::new()),
            events: RefCell::new(VecDeque::new()),
            busy: Cell::new(false),
            page: Cell::new(None),
            calls: RefCell::new(Vec::new()),
            timer: RefCell::new(None),
            channel: RefCell::new(None),
            lock: RefCell::new(None),
            refresh: RefCell::new(None),
            reloading: Cell::new(false),
            script: StartScript::new(),
        }
    };
}

/// Begins: the page shows what is known from here on.
pub(super) fn attach(session: Session, network: Network) {
    CLIENT.with(|client| client.page.set(Some((session, network))));
    open_channel();
    happened(Event::Attached(session.0.get_untracked()));
}

/// Tells the state what happened and carries out what is to be done.
pub(super) fn happened(event: Event) {
    CLIENT.with(|client| {
        client.events.borrow_mut().push_back(event);
        if client.busy.replace(true) {
            return; // an effect is why: it is carried out first
        }
        while let Some(event) = client.next_event() {
            let effects = client.state.borrow_mut().step(event, &now());
            for effect in effects {
                client.carry_out(effect);
            }
        }
        client.busy.set(false);
        client.set_timer();
    });
}

/// Looks at the state.
pub(super) fn with_state<T>(look: impl FnOnce(&State) -> T) -> T {
    CLIENT.with(|client| look(&client.state.borrow()))
}

/// The script that started the client.
pub(super) fn with_script<T>(ask: impl FnOnce(&StartScript) -> T) -> T {
    CLIENT.with(|client| ask(&client.script))
}

/// Whether the document is being loaded anew, by the client itself.
pub(super) fn is_reloading() -> bool {
    CLIENT.with(|client| client.reloading.get())
}

/// Begins to listen to the other tabs. A browser without channels has tabs that each find out for themselves.
pub(super) fn open_channel() {
    let channel = Channel::open(|message| happened(Event::Heard(message)));
    CLIENT.with(|client| client.channel.replace(channel));
}

/// Stops listening: a channel that is open keeps a page out of the back/forward cache.
pub(super) fn close_channel() {
    CLIENT.with(|client| client.channel.take());
}

/// Milliseconds on the monotonic clock.
pub(super) fn monotonic_ms() -> f64 {
    window().performance().map_or_else(js_sys::Date::now, |performance| performance.now())
}

/// Milliseconds since 1970 on the server's clock; on this machine's while the server's is not known.
#[expect(clippy::cast_possible_truncation, reason = "a time after 1970")]
pub fn server_time() -> i64 {
    let server = with_state(|state| state.server_time(&now())).and_then(|time| i64::try_from(time).ok());
    server.unwrap_or_else(|| js_sys::Date::now() as i64)
}

/// Waits until what failed so many times in a row for want of a network may be tried again: until the server
/// answers, and longer each time if it is that call alone which fails.
pub async fn back_after(failures: u32) {
    Call::new().begin(CallKind::Wait(failures)).await;
}

/// Asks for nothing but a sign of life, for the page to say whether there is one.
pub(super) async fn is_there() -> bool {
    let answer = fetch::is_there().await;
    let there = answer.is_ok();
    Call::new().answered(answer);
    there
}

/// A call, which the state knows of until it is dropped.
pub(super) struct Call(CallId);

impl Call {
    pub(super) fn new() -> Self {
        Self(CLIENT.with(|client| client.state.borrow_mut().new_call()))
    }

    /// Waits to be told what to do first.
    pub(super) async fn begin(&self, kind: CallKind) -> Next {
        self.wait(Event::CallBegun(self.0, kind)).await
    }

    /// It was refused: waits to be told what to do next.
    pub(super) async fn refused(&self, refused: ApiError) -> Next {
        self.wait(Event::CallAnswered(self.0, Err(refused))).await
    }

    pub(super) fn answered(&self, answer: Result<(), ApiError>) {
        happened(Event::CallAnswered(self.0, answer));
    }

    async fn wait(&self, event: Event) -> Next {
        let (tell, told) = oneshot::channel();
        CLIENT.with(|client| client.calls.borrow_mut().push((self.0, tell)));
        happened(event);
        told.await.unwrap_or_else(|_| Next::Fail(Code::Internal.into()))
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        CLIENT.with(|client| client.calls.borrow_mut().retain(|(id, _)| *id != self.0));
        happened(Event::CallGone(self.0));
    }
}

fn now() -> Now {
    Now {
        clock: monotonic_ms(),
        wall: js_sys::Date::now(),
        chance: js_sys::Math::random(),
        is_online: window().navigator().on_line(),
        is_visible: document().visibility_state() == VisibilityState::Visible,
        is_protected: paths::is_protected(&window().location().pathname().unwrap_or_default()),
    }
}

impl Client {
    /// The next event. What the app has set in the page itself comes first.
    fn next_event(&self) -> Option<Event> {
        if let Some((Session(shown), _)) = self.page.get()
            && self.state.borrow().is_live()
        {
            let shown = shown.get_untracked();
            if shown != *self.state.borrow().session() {
                return Some(Event::SessionSet(shown));
            }
        }
        self.events.borrow_mut().pop_front()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded")]
    fn set_timer(&self) {
        let now = now();
        let at = self.state.borrow().wakes_at(&now);
        let mut timer = self.timer.borrow_mut();
        if timer.as_ref().map(|(at, _)| *at) != at {
            *timer = at.map(|at| {
                let wait = (at - now.clock).ceil().clamp(0.0, LONGEST_WAIT_MS);
                (at, Timeout::new(wait as u32, || spawn_local(async { wake() })))
            });
        }
    }

    fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::Tell(id, next) => self.tell(id, next),
            Effect::Probe(id, token) => {
                spawn_local(async move { happened(Event::CallAnswered(id, fetch::probe(token.as_deref()).await)) });
            }
            Effect::TakeLock(attempt, patience_ms) => {
                self.lock.replace(Some((attempt, None)));
                spawn_local(async move {
                    let lock = lock::take(patience_ms).await;
                    CLIENT.with(|client| client.has_lock(attempt, lock));
                });
            }
            Effect::ReleaseLock => drop(self.lock.take()),
            Effect::SendRefresh(attempt, sent_at) => self.send_refresh(attempt, sent_at),
            Effect::AbortRefresh => {
                if let Some(refresh) = self.refresh.take() {
                    refresh.abort();
                }
            }
            Effect::Say(message) => {
                let is_said = self.channel.borrow().as_ref().is_some_and(|channel| channel.say(&message));
                if !is_said && matches!(message, TabMessage::Ask) {
                    happened(Event::NobodyToAsk);
                }
            }
            Effect::ShowSession(session) => self.show_session(session),
            Effect::ShowNetwork(network) => {
                if let Some((_, Network(shown))) = self.page.get()
                    && shown.get_untracked() != network
                {
                    shown.set(network);
                }
            }
            Effect::Reload => {
                self.reloading.set(true);
                // A page that can't be loaded again stays as it is.
                let _ = window().location().reload();
            }
        }
    }

    fn tell(&self, id: CallId, next: Next) {
        let mut calls = self.calls.borrow_mut();
        if let Some(index) = calls.iter().position(|(call, _)| *call == id) {
            // Whoever waited may be gone, with its page.
            let _ = calls.swap_remove(index).1.send(next);
        }
    }

    fn has_lock(&self, attempt: u32, lock: Option<Lock>) {
        let is_wanted = matches!(*self.lock.borrow(), Some((wanted, _)) if wanted == attempt);
        if is_wanted {
            self.lock.replace(Some((attempt, lock)));
            happened(Event::LockSettled(attempt));
        }
    }

    fn send_refresh(&self, attempt: u32, sent_at: Option<u64>) {
        let abort = AbortController::new().ok();
        self.refresh.replace(abort.clone());
        spawn_local(async move {
            let (answer, date) = fetch::refresh(sent_at, abort.as_ref()).await;
            happened(Event::RefreshAnswered(attempt, answer, date));
        });
    }

    fn show_session(&self, session: SessionState) {
        if let Some((Session(shown), _)) = self.page.get()
            && shown.with_untracked(|shown| *shown != session)
        {
            shown.set(session);
        }
    }
}

fn wake() {
    CLIENT.with(|client| client.timer.take());
    happened(Event::Woken);
}
