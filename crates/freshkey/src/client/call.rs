//! A call of a page: what it sends, what it waits for, and what its answer does. Each call is a small state machine of
//! its own, which reads the [`Client`] that all calls of a page share. `browser/call.rs` does what it says.

use super::{
    answer::Answer,
    event::{Event, Outcome, Waiting},
    moment::Moment,
    state::{Caller, Client},
    token::Token,
};
use crate::app::{
    error::{ApiError, Code},
    types::{EndReason, Secret},
};
use std::rc::Rc;

/// How long a sign-out waits for a running refresh, in milliseconds; the user should not have to wait longer to leave.
const SIGN_OUT_PATIENCE_MS: u32 = 1000;
/// The message of a call that the user did not confirm.
const NOT_CONFIRMED: &str = "Nothing was done: you did not confirm that it's you.";

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anybody may make it. It carries the access token if there is one.
    Public,
    /// It needs an access token.
    Protected,
    /// It begins a session.
    SignIn,
    /// It ends the session.
    SignOut,
    /// It proves who the user is, and is answered as a refresh is.
    StepUp,
}

/// What a call does next.
#[derive(Debug)]
pub enum Next {
    /// Waits until the running refresh, if any, has landed, at most for this many milliseconds if there are any; then
    /// [`News::Ready`].
    Land(Option<u32>),
    /// Takes the refresh lock, or goes on without it after this many milliseconds; then [`News::Ready`]. The lock is
    /// given back when the request is answered.
    TakeLock(u32),
    /// Tells the client; then [`News::Ready`].
    Tell(Event),
    /// Pauses after this many failures in a row; then [`News::Ready`].
    BackOff(u32),
    /// Gets a token newer than this one, from the shared refresh if there is none; then [`News::Token`].
    Renew(Option<Rc<Token>>),
    /// Waits for this; then [`News::Waited`].
    Wait(Waiting),
    /// Sends the request with this token; then [`News::Answered`] or [`News::Session`].
    Send(Option<Rc<Token>>),
    /// Ends, with the answer's text, which may hold a token.
    Done(Result<Secret, ApiError>),
}

/// How the call's last step ended.
#[derive(Clone, Debug)]
pub enum News {
    /// It is done, or its time is over.
    Ready,
    /// The refresh's outcome.
    Token(Outcome),
    /// Whether what the call waited for has happened; if not, it will not.
    Waited(bool),
    /// The answer's text, or the server's refusal.
    Answered(Result<Secret, ApiError>),
    /// The answer begins a session, or renews it.
    Session(Answer),
}

/// A call.
#[derive(Debug)]
pub struct Call {
    kind: Kind,
    caller: Caller,
    then: Then,
    /// The token that it sent; while it waits for a newer one, the spent one.
    token: Option<Rc<Token>>,
    /// The refusal after which it is sent once more; a second one ends it.
    refused: Option<ApiError>,
    /// How often no newer token could be had, in a row.
    failures: u32,
    /// Whether the user may have confirmed for another call, while this one was on its way.
    may_be_confirmed: bool,
    /// Whether the user was asked to confirm.
    was_asked: bool,
}

/// What follows what the call waits for.
#[derive(Debug)]
enum Then {
    TakeLock,
    Send,
    SignOut,
    Renew,
    SignIn(ApiError),
    Confirm(ApiError),
    End(Result<Secret, ApiError>),
}

impl Call {
    /// Begins a call.
    pub fn begin(kind: Kind, client: &Client, now: &Moment) -> (Self, Next) {
        let caller = client.caller(now);
        let mut call = Self {
            kind,
            caller,
            then: Then::Send,
            token: None,
            refused: None,
            failures: 0,
            may_be_confirmed: true,
            was_asked: false,
        };
        let next = match kind {
            Kind::Public => call.send(client.latest().cloned()),
            // A refresh of the old session, in any tab, finishes first, so that its cookie can't arrive after the
            // new one.
            Kind::SignIn => call.wait(Then::TakeLock, Next::Land(None)),
            // Without a refresh of the same session in between: the server would refuse it, or its cookie would arrive
            // after the sign-out deleted the cookie.
            Kind::SignOut => call.wait(Then::SignOut, Next::Land(Some(SIGN_OUT_PATIENCE_MS))),
            Kind::Protected | Kind::StepUp => call.get_token(client, now),
        };
        (call, next)
    }

    /// Whether it is a sign-out that has told the client of its beginning.
    pub fn is_signing_out(&self) -> bool {
        self.kind == Kind::SignOut && !matches!(self.then, Then::SignOut)
    }

    /// Takes the news, and says what is next.
    pub fn step(&mut self, news: News, client: &Client, now: &Moment) -> Next {
        match news {
            News::Ready => self.go_on(client, now),
            News::Token(outcome) => self.renewed(outcome, now),
            News::Waited(happened) => self.waited(happened, client, now),
            // The user may have signed in again meanwhile: then the proof counts there, too.
            News::Answered(_) | News::Session(_) if self.is_late(client) => {
                self.was_refused(Code::TokenNotFound.into(), client, now)
            }
            News::Answered(Err(refused)) => self.was_refused(refused, client, now),
            News::Answered(Ok(text)) if self.kind == Kind::SignOut => {
                self.end_and_tell(Ok(text), Event::SignedOut(Some(EndReason::SignedOut)))
            }
            News::Answered(Ok(text)) => Next::Done(Ok(text)),
            News::Session(answer) => {
                let text = answer.text().to_owned().into();
                let is_proof = self.kind == Kind::StepUp;
                self.end_and_tell(Ok(text), if is_proof { Event::SteppedUp(answer) } else { Event::SignedIn(answer) })
            }
        }
    }

    /// Goes on to what follows; unless that says otherwise, to sending the request.
    fn go_on(&mut self, client: &Client, now: &Moment) -> Next {
        match std::mem::replace(&mut self.then, Then::Send) {
            Then::TakeLock if self.kind == Kind::StepUp => {
                self.caller.begin_again(client);
                Next::TakeLock(client.patience_ms() / 2)
            }
            Then::TakeLock => Next::TakeLock(client.patience_ms()),
            Then::Send => self.send(self.token.clone()),
            Then::SignOut => {
                self.token = client.latest().cloned();
                Next::Tell(Event::SignOutBegun)
            }
            Then::Renew if client.is_overtaken(&self.caller, now) => Next::Done(Err(Code::TokenNotFound.into())),
            Then::Renew => Next::Renew(self.token.clone()),
            // The page belongs to another user, and is being loaded again.
            Then::End(Ok(_)) if self.is_late(client) => Next::Done(Err(Code::SessionEnded.into())),
            Then::End(result) => Next::Done(result),
            Then::SignIn(refused) | Then::Confirm(refused) => Next::Done(Err(refused)),
        }
    }

    /// Whether somebody signed in or out since the user's proof was sent: its answer is about an earlier session.
    fn is_late(&self, client: &Client) -> bool {
        self.kind == Kind::StepUp && client.is_another_epoch(&self.caller)
    }

    fn get_token(&mut self, client: &Client, now: &Moment) -> Next {
        match client.current(now) {
            Some(token) => self.use_token(Rc::clone(token)),
            None => self.renew(client.latest().cloned()),
        }
    }

    fn renew(&mut self, spent: Option<Rc<Token>>) -> Next {
        (self.token, self.failures) = (spent, 0);
        Next::Renew(self.token.clone())
    }

    /// While the server can't be reached, the call keeps trying, as the page says. That is safe: nothing has been sent
    /// yet that could be carried out twice. If the session is over and the page stays, it waits for the same user's
    /// next sign-in.
    fn renewed(&mut self, outcome: Outcome, now: &Moment) -> Next {
        match outcome {
            Ok(token) => self.use_token(token),
            Err(lost) if lost.code.is_passing() => {
                self.failures += 1;
                self.wait(Then::Renew, Next::BackOff(self.failures))
            }
            Err(over) if over.code.ends_session() && now.is_interrupted() => {
                self.wait(Then::SignIn(over), Next::Wait(Waiting::SignIn))
            }
            Err(refused) => Next::Done(Err(refused)),
        }
    }

    fn use_token(&mut self, token: Rc<Token>) -> Next {
        if !self.caller.may_use(&token) {
            return Next::Done(Err(self.refused.take().unwrap_or(Code::TokenNotFound.into())));
        }
        if self.kind == Kind::StepUp {
            self.token = Some(token);
            return self.wait(Then::TakeLock, Next::Land(None));
        }
        self.send(Some(token))
    }

    fn send(&mut self, token: Option<Rc<Token>>) -> Next {
        self.token = token;
        Next::Send(self.token.clone())
    }

    fn was_refused(&mut self, refused: ApiError, client: &Client, now: &Moment) -> Next {
        let is_first = self.refused.is_none();
        let with_token = !matches!(self.kind, Kind::SignIn | Kind::SignOut);
        if refused.code.wants_refresh() && with_token && is_first && !client.is_overtaken(&self.caller, now) {
            self.refused = Some(refused);
            return self.renew(self.token.clone());
        }
        match (self.kind, refused.code) {
            (Kind::Protected, Code::StepUpRequired) => {
                let refused = ApiError { message: NOT_CONFIRMED.into(), ..refused };
                let newer = client.newer_than(self.token.as_ref(), now).filter(|newer| self.caller.may_use(newer));
                if let Some(newer) = newer.filter(|_| std::mem::take(&mut self.may_be_confirmed)) {
                    return self.use_token(Rc::clone(newer));
                }
                // Only this user may be asked.
                if std::mem::replace(&mut self.was_asked, true) || !self.caller.is_there(now) {
                    return Next::Done(Err(refused));
                }
                self.wait(Then::Confirm(refused), Next::Wait(Waiting::StepUp))
            }
            // The proof was late, or this machine's clock was changed; the client knows the server's time by now.
            (Kind::StepUp, Code::StaleRequest) if is_first => {
                self.refused = Some(refused);
                self.wait(Then::TakeLock, Next::Land(None))
            }
            (Kind::StepUp, code) if code.ends_session() => {
                let over = Event::SessionOver(refused.end_reason());
                self.end_and_tell(Err(refused), over)
            }
            _ => Next::Done(Err(refused)),
        }
    }

    fn waited(&mut self, happened: bool, client: &Client, now: &Moment) -> Next {
        match (&self.then, client.current(now)) {
            (Then::SignIn(_), Some(token)) if happened => self.use_token(Rc::clone(token)),
            (Then::Confirm(_), _) if happened && self.caller.is_there(now) => {
                self.refused = None;
                self.caller.begin_again(client);
                self.get_token(client, now)
            }
            _ => self.go_on(client, now),
        }
    }

    fn end_and_tell(&mut self, result: Result<Secret, ApiError>, event: Event) -> Next {
        self.wait(Then::End(result), Next::Tell(event))
    }

    fn wait(&mut self, then: Then, next: Next) -> Next {
        self.then = then;
        next
    }
}
