//! What the client knows.

use super::{
    answer::Answer,
    event::{Effect, Outcome},
    moment::Moment,
    token::Token,
};
use crate::app::{
    error::ApiError,
    session::{NetworkState, SessionState},
    types::{Millis, Secret},
};
use std::rc::Rc;

/// The timeout of a refresh in milliseconds until the server says otherwise: half of the default grace period.
const PATIENCE_MS: u32 = 10_000;

/// The client's state. [`Client::step`] alone changes it.
#[derive(Debug)]
pub struct Client {
    /// The access token: in memory and nowhere else, not in storage, in a global or in the HTML.
    pub(super) token: Option<Rc<Token>>,
    /// Counts sign-ins and sign-outs. A result that belongs to an earlier epoch is dropped.
    pub(super) epoch: u32,
    /// The CSRF tokens of the sessions that are over here. A message of another tab may come later than the one that
    /// told of their end.
    pub(super) over: Vec<Secret>,
    /// When the newest answer was issued that came here: the page, or a token.
    pub(super) issued_at: Millis,
    /// The refresh under way.
    pub(super) refresh: Option<Refresh>,
    /// How many refreshes were sent.
    pub(super) sent: u32,
    /// How many calls that sign out are under way.
    pub(super) sign_outs: u32,
    /// The timeout of a refresh in milliseconds.
    pub(super) patience_ms: u32,
    /// How far the server's clock is ahead of this machine's, in milliseconds.
    pub(super) ahead_ms: Option<f64>,
    pub(super) network: NetworkState,
    /// The pause before the server is looked for again, while it is.
    pub(super) retry_ms: Option<u32>,
    /// When the user last touched something, by the wall clock.
    pub(super) touched_ms: f64,
    /// Since when the page is hidden, by the wall clock.
    pub(super) hidden_ms: Option<f64>,
}

/// A refresh under way.
#[derive(Debug)]
pub(super) struct Refresh {
    pub(super) stage: Stage,
    /// The token that it replaces.
    pub(super) spent: Option<Rc<Token>>,
    /// The epoch whose session it renews.
    pub(super) epoch: u32,
    /// How many attempts have failed.
    pub(super) failed: u32,
    /// Why the last one failed.
    pub(super) last: ApiError,
}

/// Where a refresh is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It waits until a sign-out is over.
    SignOut,
    /// It waits for another tab's token.
    Tabs,
    /// It waits for the refresh lock.
    Lock,
    /// It was sent.
    Sent,
    /// It waits before another attempt.
    Pause,
}

impl Client {
    /// A client that knows nothing yet.
    pub const fn new() -> Self {
        Self {
            token: None,
            epoch: 0,
            over: Vec::new(),
            issued_at: Millis::ZERO,
            refresh: None,
            sent: 0,
            sign_outs: 0,
            patience_ms: PATIENCE_MS,
            ahead_ms: None,
            network: NetworkState::Fine,
            retry_ms: None,
            touched_ms: f64::NEG_INFINITY,
            hidden_ms: None,
        }
    }

    /// Returns the token, expired or not.
    pub fn latest(&self) -> Option<&Rc<Token>> {
        self.token.as_ref()
    }

    /// Returns the token, unless it has expired.
    pub fn current(&self, now: &Moment) -> Option<&Rc<Token>> {
        self.latest().filter(|token| token.remaining_ms(now) > 0.0)
    }

    /// Returns the token, unless it has expired or is `spent`, which another tab may have sent back.
    pub fn newer_than(&self, spent: Option<&Rc<Token>>, now: &Moment) -> Option<&Rc<Token>> {
        self.current(now).filter(|current| !spent.is_some_and(|spent| spent.is_same(current)))
    }

    /// Whether a refresh is under way.
    pub fn is_refreshing(&self) -> bool {
        self.refresh.is_some()
    }

    /// How many refreshes this page has sent.
    pub fn refreshes(&self) -> u32 {
        self.sent
    }

    /// The timeout of a refresh in milliseconds, as the server asks for it.
    pub fn patience_ms(&self) -> u32 {
        self.patience_ms
    }

    /// Whether the server can be reached.
    pub fn network(&self) -> NetworkState {
        self.network
    }

    /// The time on the server's clock, if it is known.
    #[expect(clippy::cast_possible_truncation, reason = "a moment after 1970")]
    pub fn server_now(&self, now: &Moment) -> Option<Millis> {
        self.ahead_ms.map(|ahead| Millis((now.wall_ms + ahead) as i64))
    }

    /// Returns who begins a call now.
    pub fn caller(&self, now: &Moment) -> Caller {
        Caller { user: now.user().map(str::to_owned), epoch: self.epoch }
    }

    /// Whether somebody signed in or out since the call began.
    pub fn is_another_epoch(&self, caller: &Caller) -> bool {
        self.epoch != caller.epoch
    }

    /// Whether a sign-out overtook the call: then there is no token to wait for.
    pub fn is_overtaken(&self, caller: &Caller, now: &Moment) -> bool {
        self.is_another_epoch(caller) && now.user().is_none()
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

/// Who began a call, and when. A call that one user began is never sent as another user.
#[derive(Clone, Debug)]
pub struct Caller {
    user: Option<String>,
    epoch: u32,
}

impl Caller {
    /// Whether the page is that user's; if the call was begun before anybody was known to be signed in, whether it may
    /// be somebody's.
    pub fn is_there(&self, now: &Moment) -> bool {
        match (&self.user, now.user()) {
            (Some(caller), Some(user)) => caller == user,
            (None, None) => !matches!(now.page, SessionState::SignedOut(_)),
            (None, Some(_)) => true,
            (Some(_), None) => false,
        }
    }

    /// From now on, who signed in or out before does not matter.
    pub fn begin_again(&mut self, client: &Client) {
        self.epoch = client.epoch;
    }

    /// Whether the call may be sent with this token.
    pub fn may_use(&self, token: &Token) -> bool {
        self.user.as_ref().is_none_or(|user| *user == token.answer.user.id)
    }
}

impl Moment {
    /// The user whose data the page shows.
    pub fn user(&self) -> Option<&str> {
        self.page.view().map(|view| view.user.id.as_str())
    }

    /// Whether the page waits for its user to sign in again.
    pub fn is_interrupted(&self) -> bool {
        matches!(self.page, SessionState::Interrupted(..))
    }
}

/// One step of the client: its state, the moment, and what is to be done so far.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) client: &'a mut Client,
    pub(super) now: Moment,
    pub(super) effects: Vec<Effect>,
}

impl Step<'_> {
    pub(super) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(super) fn land(&mut self, outcome: Outcome) {
        self.client.refresh = None;
        self.push(Effect::Land(outcome));
    }

    /// The token's answer with the times of now, for another tab.
    pub(super) fn shared(&self, token: &Token) -> Answer {
        let server_time = self.client.server_now(&self.now).unwrap_or(token.answer.server_time);
        token.as_of(server_time, &self.now)
    }
}
