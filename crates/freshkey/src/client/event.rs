//! What happens to the client, and what it does about it.

use super::answer::Answer;
use crate::app::{
    error::ApiError,
    session::{NetworkState, SessionState},
    types::{EndReason, Millis, Secret},
};
use std::rc::Rc;

use super::token::Token;

/// What a refresh comes to.
pub type Outcome = Result<Rc<Token>, ApiError>;

/// What happens.
#[derive(Clone, Debug)]
pub enum Event {
    /// The page was loaded, which the server rendered at this time, in milliseconds since 1970 on its clock.
    Loaded(Millis),
    /// The page came back from the back/forward cache.
    Restored,
    /// The user touched something.
    Touched,
    /// The page became visible, or hidden.
    Visibility,
    /// The browser found a network, or lost it.
    Connection,
    /// A request was answered by Freshkey, or not.
    Reached(Reach),
    /// A `Date` header said what the server's time is, in milliseconds since 1970; `None` if it could not be read.
    Dated(Option<f64>),
    /// A timer ran out.
    Due(Timer),
    /// A call needs another token than the one that the client holds.
    TokenWanted,
    /// The wait for the refresh lock is over, with the lock or without.
    LockSettled,
    /// The refresh was answered.
    Refreshed(Result<Answer, ApiError>),
    /// A sign-in was answered with a session.
    SignedIn(Answer),
    /// A step-up was answered with a token.
    SteppedUp(Answer),
    /// The user does not want to confirm.
    NotConfirmed,
    /// A call that signs out is about to be sent.
    SignOutBegun,
    /// It was answered, or failed.
    SignOutEnded,
    /// Nobody is signed in any more.
    SignedOut(Option<EndReason>),
    /// The user does not want to sign in again over this page.
    Left(Option<EndReason>),
    /// The server said that the session is over, and why.
    SessionOver(Option<EndReason>),
    /// The token is to be spoiled, as if it had expired.
    TokenSpoiled,
    /// Another tab sent a message.
    Heard(TabMessage),
}

/// Whether a request reached Freshkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It was answered.
    Answered,
    /// The server was too busy.
    Busy,
    /// No answer came, or somebody else's.
    Lost,
}

/// What the client does.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Shows the session on the page.
    Show(SessionState),
    /// Shows the network's state on the page.
    ShowNetwork(NetworkState),
    /// Loads the page again: it belongs to another user than the one who is signed in.
    Reload,
    /// Sends a message to the other tabs.
    Say(TabMessage),
    /// Starts a timer, in place of the same one before.
    Wait(Timer, Pause),
    /// Stops a timer.
    Stop(Timer),
    /// Waits for the refresh lock, at most this many milliseconds.
    TakeLock(u32),
    /// Gives the lock back, if it is held.
    FreeLock,
    /// Sends the refresh with this `sent_at`.
    SendRefresh(Option<Millis>),
    /// Gives a refresh's outcome to all who wait for it.
    Land(Outcome),
    /// Lets the calls go on that wait for this.
    Resume(Waiting),
    /// Fails the calls that wait for this.
    GiveUp(Waiting),
    /// Asks the server who is signed in.
    CheckSession,
    /// Asks whether the server is there.
    CheckNetwork,
}

/// The client's timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The refresh waits.
    Refresh,
    /// The token is about to expire.
    Renewal,
    /// The server is looked for again.
    Retry,
}

/// How long a timer runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// This many milliseconds.
    Exactly(u32),
    /// This many milliseconds to twice as many, at random, so that pages that lost the server together don't come
    /// back together; and at least the second number.
    Jittered(u32, u32),
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The same user's next sign-in.
    SignIn,
    /// The user's confirmation of a sensitive action.
    StepUp,
    /// An answer of the server.
    Network,
}

/// A message between tabs. Tokens travel from memory to memory.
#[derive(Clone, Debug)]
pub enum TabMessage {
    /// Asks for an access token.
    Ask,
    /// Shares a token of the current session.
    Refreshed(Answer),
    /// Shares a token of a new session.
    SignedIn(Answer),
    /// Shares a token of the session whose user has just confirmed a sensitive action.
    SteppedUp(Answer),
    /// The user signed out of the session with this CSRF token, if the tab knew it.
    SignedOut(Option<Secret>),
    /// The session with this CSRF token, if the tab knew it, is over, and why.
    Over(Option<Secret>, Option<EndReason>),
}
