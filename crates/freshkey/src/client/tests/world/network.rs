//! The world's server, and the network before it.

use super::{Answered, Does, Of, Request, Running, Waits, World};
use crate::{
    app::{
        error::{ApiError, Code},
        types::{EndReason, Secret},
    },
    client::{
        call::News,
        event::{Event, Reach},
        tests::answer,
    },
};

/// The life of an access token, in seconds.
const LIFE_S: i64 = 900;

impl World {
    /// The server handles a request.
    pub fn serve(&mut self, at: usize) {
        let Request { tab, of, ref cookie, .. } = self.requests[at];
        let cookie = cookie.clone();
        self.served += 1;
        let answered = match of {
            Of::Refresh => self.refreshed(cookie),
            Of::Call(number) => {
                let Running { does, waits, .. } = &self.tabs[tab].calls[&number];
                let Waits::Answer(token) = waits else { unreachable!("it was sent") };
                let session = token.as_ref().map(|token| token.answer.text().to_owned());
                self.answered(&does.clone(), session, cookie.as_ref())
            }
        };
        self.requests[at].answered = Some(answered);
    }

    fn refreshed(&self, cookie: Option<String>) -> Answered {
        match cookie {
            Some(session) => match self.sessions[&session].1 {
                None => Answered::Session(session, self.served),
                reason => Answered::Refused(Code::InvalidRefreshToken, reason),
            },
            None => Answered::Refused(Code::RefreshTokenNotFound, None),
        }
    }

    /// Answers a call with the access token of this session; a spoiled token has no name.
    fn answered(&mut self, does: &Does, session: Option<String>, cookie: Option<&String>) -> Answered {
        if let Does::SignIn(_) | Does::SignOut = does {
            // A sign-in, too, ends the session of the cookie.
            self.end(cookie, EndReason::SignedOut);
        }
        match (does, session) {
            (Does::SignOut, _) => Answered::Fine,
            (Does::SignIn(user), _) => {
                let name = format!("session {}", self.sessions.len());
                self.sessions.insert(name.clone(), (user.clone(), None));
                Answered::Session(name, self.served)
            }
            (_, session) => match session.filter(|session| !session.is_empty()) {
                None => Answered::Refused(Code::TokenNotFound, None),
                Some(session) if self.sessions[&session].1.is_some() => Answered::Refused(Code::SessionEnded, None),
                Some(session) if *does == Does::Sensitive && !self.confirmed.contains(&session) => {
                    Answered::Refused(Code::StepUpRequired, None)
                }
                Some(session) if *does == Does::Confirm => match self.refreshed(cookie.cloned()) {
                    // The cookie of another session.
                    Answered::Session(..) if cookie != Some(&session) => Answered::Refused(Code::TokenNotFound, None),
                    answered => {
                        self.confirmed.push(session);
                        answered
                    }
                },
                Some(_) => Answered::Fine,
            },
        }
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
            Of::Call(number) => {
                self.free_lock(tab, of);
                let answered = News::Answered(refused.map_or_else(|| Ok(Secret::default()), Err));
                self.go_on(tab, number, session.map_or(answered, News::Session));
            }
        }
    }

    fn take_cookie(&mut self, of: Of, answered: &Answered, tab: usize) {
        let does = |number: usize| &self.tabs[tab].calls[&number].does;
        match (of, answered) {
            (_, Answered::Session(session, _)) => self.cookie = Some(session.clone()),
            (Of::Refresh, Answered::Refused(code, _)) if code.ends_session() => self.cookie = None,
            (Of::Call(number), Answered::Fine) if *does(number) == Does::SignOut => self.cookie = None,
            _ => {}
        }
    }
}
