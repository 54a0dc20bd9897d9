//! The world's server, and the network before it; signing in and out, as `browser::call` does it.

use super::{Answered, Of, Request, Stage, Task, TaskStep, World};
use crate::{
    app::{
        error::{ApiError, Code},
        types::EndReason,
    },
    client::{
        event::{Event, Reach},
        tests::{answer, signed_in},
    },
};

/// The life of an access token, in seconds.
const LIFE_S: i64 = 900;

impl World {
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
            Of::Task(task) => {
                // A sign-in, too, ends the session of the cookie.
                self.end(cookie.as_ref(), EndReason::SignedOut);
                self.tabs[tab].tasks[task].user.clone().map_or(Answered::Fine, |user| {
                    let name = format!("session {}", self.sessions.len());
                    self.sessions.insert(name.clone(), (user, None));
                    Answered::Session(name, self.served)
                })
            }
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

    pub(super) fn take_cookie(&mut self, of: Of, answered: &Answered, tab: usize) {
        let signs_out = |task: usize| self.tabs[tab].tasks[task].user.is_none();
        match (of, answered) {
            (_, Answered::Session(session, _)) => self.cookie = Some(session.clone()),
            (Of::Refresh, Answered::Refused(code, _)) if code.ends_session() => self.cookie = None,
            (Of::Task(task), Answered::Fine) if signs_out(task) => self.cookie = None,
            _ => {}
        }
    }
}
