//! The rules of the browser client: one [`State`], and [`State::step`], which takes an event and says what is to
//! be done. It knows no browser: `browser/client.rs` tells it what happens there and carries out its effects, and
//! its tests play any order of events in several tabs.
//!
//! | file | what it decides |
//! |---|---|
//! | [`calls`] | when a call is sent, sent once more, or waits |
//! | [`refresh`] | the single-flight refresh: one at a time, shared by all who wait for it |
//! | [`session`] | who is signed in: signing in and out, in this tab and in others |
//! | [`network`] | whether the server can be reached, and when it is tried again |
//! | [`presence`] | whether somebody is there, and what is looked after then |
//! | [`token`] | the access token, and what tabs tell each other |

mod calls;
mod network;
mod presence;
mod refresh;
mod session;
mod token;

pub use calls::{CallId, CallKind, Next};
pub use token::{TabMessage, Token};

use crate::app::{
    error::ApiError,
    session::{NetworkState, SessionState},
    types::{EndReason, TokenAnswer},
};
use std::rc::Rc;

/// What the browser says at the time of an event.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Milliseconds on the monotonic clock. Tokens run out by it: a wrong wall clock does no harm.
    pub clock: f64,
    /// Milliseconds since 1970 on this machine's clock, which goes on while the machine sleeps.
    pub wall: f64,
    /// A random number from 0 to below 1.
    pub chance: f64,
    /// Whether this device has a network.
    pub is_online: bool,
    /// Whether the page can be seen.
    pub is_visible: bool,
    /// Whether only signed-in users may open the page.
    pub is_protected: bool,
}

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// The client has begun to take over the page, which the server rendered for this session.
    Attached(SessionState),
    /// The page has been taken over.
    Live,
    /// The app has set the page's session itself.
    SessionSet(SessionState),
    /// A call waits to be told what to do: its kind, under an id from [`State::new_call`].
    CallBegun(CallId, CallKind),
    /// A call was answered, or got no answer.
    CallAnswered(CallId, Result<(), ApiError>),
    /// A call is over, or its caller is gone.
    CallGone(CallId),
    /// A sign-in was answered.
    SignedIn(TokenAnswer),
    /// The user signed out.
    SignedOut(Option<EndReason>),
    /// The user will not sign in again over this page.
    Left(Option<EndReason>),
    /// [`Effect::TakeLock`] is done with: the lock is taken, or nobody waits for it any longer.
    LockSettled(u32),
    /// A refresh was answered, or got no answer. With the answer's `Date`, in milliseconds since 1970.
    RefreshAnswered(u32, Result<TokenAnswer, ApiError>, Option<f64>),
    /// Another tab said so.
    Heard(TabMessage),
    /// [`TabMessage::Ask`] reached nobody: there is no channel.
    NobodyToAsk,
    /// Somebody touched the page.
    Touched,
    /// The page can be seen, or can't any more.
    VisibilityChanged,
    /// The page came out of the back/forward cache.
    Returned,
    /// The device has a network again.
    Online,
    /// The device has lost its network.
    Offline,
    /// The time of [`State::wakes_at`] has come.
    Woken,
}

/// Something to be done.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Tell a call what to do next.
    Tell(CallId, Next),
    /// Ask who is signed in, or, without a token, whether the server is there. Its answer is
    /// [`Event::CallAnswered`].
    Probe(CallId, Option<Rc<Token>>),
    /// Take the lock that all tabs share, but don't wait for it longer than so many milliseconds.
    TakeLock(u32, u32),
    /// Give the lock back, or stop waiting for it.
    ReleaseLock,
    /// Send the refresh of this number, with this time of sending on the server's clock, if it is known.
    SendRefresh(u32, Option<u64>),
    /// Abort the refresh that is under way, so that a late cookie is not taken for a new one.
    AbortRefresh,
    /// Tell the other tabs.
    Say(TabMessage),
    /// Show this session.
    ShowSession(SessionState),
    /// Show this state of the network.
    ShowNetwork(NetworkState),
    /// Load the document anew.
    Reload,
}

/// All that the client knows.
#[derive(Debug)]
pub struct State {
    /// The page's session, as it is known by now.
    session: SessionState,
    /// Whether the page has been taken over. Until then it has to stay what the server rendered.
    live: bool,
    token: Option<Rc<Token>>,
    /// Counts sign-ins and sign-outs, so that what began before one is not believed after it.
    epoch: u32,
    /// The CSRF tokens, which are their names here, of sessions that are over.
    over: Vec<String>,
    refresh: Option<refresh::Refresh>,
    /// The number of locks and refreshes so far.
    attempts: u32,
    patience_ms: u32,
    calls: Vec<calls::Call>,
    last_call: u32,
    network: NetworkState,
    retry: Option<network::Retry>,
    /// How far the server's clock is ahead of this machine's, in milliseconds.
    server_ahead: Option<f64>,
    touched_at: f64,
    hidden_at: Option<f64>,
    effects: Vec<Effect>,
}

impl State {
    /// Nothing is known.
    pub const fn new() -> Self {
        Self {
            session: SessionState::Unknown,
            live: false,
            token: None,
            epoch: 0,
            over: Vec::new(),
            refresh: None,
            attempts: 0,
            patience_ms: refresh::PATIENCE_MS,
            calls: Vec::new(),
            last_call: 0,
            network: NetworkState::Fine,
            retry: None,
            server_ahead: None,
            touched_at: f64::NEG_INFINITY,
            hidden_at: None,
            effects: Vec::new(),
        }
    }

    /// Takes an event and says what is to be done, in this order.
    #[must_use]
    pub fn step(&mut self, event: Event, now: &Now) -> Vec<Effect> {
        let is_woken = matches!(event, Event::Woken);
        match event {
            Event::Attached(session) => self.attached(session, now),
            Event::Live => self.show_all(),
            Event::SessionSet(session) => self.session = session,
            Event::CallBegun(id, kind) => self.call_begun(id, kind, now),
            Event::CallAnswered(id, answer) => self.call_answered(id, answer, now),
            Event::CallGone(id) => self.calls.retain(|call| call.id != id),
            Event::SignedIn(answer) => self.signed_in(answer, now),
            Event::SignedOut(reason) => self.signed_out(reason),
            Event::Left(reason) => self.leave(reason),
            Event::LockSettled(attempt) => self.lock_settled(attempt, now),
            Event::RefreshAnswered(attempt, answer, date) => self.refresh_answered(attempt, answer, date, now),
            Event::Heard(message) => self.heard(message, now),
            Event::NobodyToAsk => self.stop_asking(),
            Event::Touched => self.touched(now),
            Event::VisibilityChanged => self.visibility_changed(now),
            Event::Returned => self.returned(now),
            Event::Online => self.check(now),
            Event::Offline => self.lost(now),
            Event::Woken => {}
        }
        self.refresh_due(now);
        self.calls_due(now);
        self.retry_due(now);
        if is_woken {
            self.renew_if_due(now);
        }
        std::mem::take(&mut self.effects)
    }

    /// When it has something to do if nothing happens until then, on the monotonic clock.
    pub fn wakes_at(&self, now: &Now) -> Option<f64> {
        let times = [self.refresh_wakes_at(), self.calls_wake_at(), self.retry.map(|retry| retry.at)];
        times.into_iter().flatten().chain(self.renews_at(now)).reduce(f64::min)
    }

    /// An id for [`Event::CallBegun`].
    pub fn new_call(&mut self) -> CallId {
        self.last_call += 1;
        CallId(self.last_call)
    }

    /// The page's session, as it is known by now.
    pub fn session(&self) -> &SessionState {
        &self.session
    }

    /// Whether the page has been taken over.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// The access token, run out or not.
    pub fn token(&self) -> Option<&Rc<Token>> {
        self.token.as_ref()
    }

    /// How long an answer to a refresh is waited for, in milliseconds.
    pub fn patience_ms(&self) -> u32 {
        self.patience_ms
    }

    /// Milliseconds since 1970 on the server's clock, if it is known.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time after 1970")]
    pub fn server_time(&self, now: &Now) -> Option<u64> {
        self.server_ahead.map(|ahead| (now.wall + ahead) as u64)
    }

    fn attached(&mut self, session: SessionState, now: &Now) {
        self.touched_at = now.wall;
        self.session = session;
        if !now.is_online {
            self.lost(now);
        }
        // The server could not say. By now it may; the page changes when the answer comes.
        if self.session == SessionState::Unknown {
            self.begin_refresh(now);
        }
    }

    /// The page has been taken over, and shows what is known.
    fn show_all(&mut self) {
        self.live = true;
        self.effects.push(Effect::ShowSession(self.session.clone()));
        self.effects.push(Effect::ShowNetwork(self.network));
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
