//! Who is signed in: signing in and out, in this tab and in others.
//!
//! A session that is over stays over: what is late, an answer or another tab's word, never takes the place of what
//! came after it.

use super::{Effect, Now, State, TabMessage, Token};
use crate::app::{
    session::{SessionState, SessionView},
    types::{EndReason, TokenAnswer},
};
use std::rc::Rc;

/// Milliseconds that a token must still last to be worth handing on.
const WORTH_MS: f64 = 5000.0;

impl State {
    /// The page's user, while it shows what is theirs.
    pub(super) fn user(&self) -> Option<String> {
        self.session.view().map(|view| view.user.id.clone())
    }

    /// The token, if it has not run out.
    pub(super) fn current(&self, now: &Now) -> Option<Rc<Token>> {
        self.token.clone().filter(|token| token.remaining_ms(now) > 0.0)
    }

    /// The token, if it has not run out and is not `spent`.
    pub(super) fn newer_than(&self, spent: Option<&Rc<Token>>, now: &Now) -> Option<Rc<Token>> {
        self.current(now).filter(|current| !spent.is_some_and(|spent| spent.is(&current.answer)))
    }

    /// What this tab's session is called here.
    fn known_session(&self) -> Option<&str> {
        let token = self.token.as_ref().map(|token| token.session());
        token.or(self.session.view().map(|view| view.csrf_token.as_str()))
    }

    /// The same, unless it is over.
    pub(super) fn current_session(&self) -> Option<String> {
        self.known_session().filter(|session| !self.is_over(session)).map(str::to_owned)
    }

    fn is_over(&self, session: &str) -> bool {
        self.over.iter().any(|over| over == session)
    }

    /// Takes over the session of an answer. None if the page was made for another user: then it starts afresh, and
    /// nothing that it had begun is sent in the name of the new one.
    pub(super) fn adopt(&mut self, answer: TokenAnswer, now: &Now) -> Option<Rc<Token>> {
        if self.user().is_some_and(|user| user != answer.user.id) {
            self.forget();
            self.effects.push(Effect::Reload);
            return None;
        }
        let csrf_token = answer.csrf_token.reveal().to_owned();
        let before = self.current_session();
        if before.as_ref() != Some(&csrf_token) {
            self.over.extend(before);
            self.epoch = self.epoch.wrapping_add(1);
        }
        self.show(SessionState::SignedIn(SessionView { user: answer.user.clone(), csrf_token }));
        Some(self.keep(answer, now))
    }

    /// Keeps the token of an answer. Calls that waited for one go on.
    fn keep(&mut self, answer: TokenAnswer, now: &Now) -> Rc<Token> {
        self.learn_time(&answer, now);
        self.learn_patience(&answer);
        let token = Rc::new(Token::new(answer, now));
        self.over.retain(|over| over != token.session());
        self.token = Some(Rc::clone(&token));
        self.stop_asking();
        self.resume(&token);
        token
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
    fn learn_time(&mut self, answer: &TokenAnswer, now: &Now) {
        self.server_ahead = Some(answer.server_time as f64 - now.wall);
    }

    /// Forgets the token: somebody signed out, or in. The session that it was of is over.
    fn forget(&mut self) {
        self.over.extend(self.current_session());
        self.token = None;
        self.epoch = self.epoch.wrapping_add(1);
    }

    /// A sign-in in this tab was answered. A page with a form for it shows itself who is signed in.
    pub(super) fn signed_in(&mut self, answer: TokenAnswer, now: &Now) {
        if self.is_over(answer.csrf_token.reveal()) {
            return; // the answer comes after another tab's word on how it ended
        }
        self.forget();
        self.effects.push(Effect::Say(TabMessage::SignedIn(answer.clone())));
        if matches!(self.session, SessionState::Interrupted(..)) {
            self.adopt(answer, now);
        } else {
            self.keep(answer, now);
        }
    }

    /// The user signed out in this tab.
    pub(super) fn signed_out(&mut self, reason: Option<EndReason>) {
        self.effects.push(Effect::Say(TabMessage::SignedOut(self.known_session().map(str::to_owned))));
        self.leave(reason);
    }

    /// Nobody is signed in here any more. In other tabs somebody may be: what was typed there is not lost.
    pub(super) fn leave(&mut self, reason: Option<EndReason>) {
        self.forget();
        self.give_up();
        self.show(SessionState::SignedOut(reason));
    }

    /// The server said that the session is over.
    pub(super) fn session_over(&mut self, reason: Option<EndReason>, now: &Now) {
        self.effects.push(Effect::Say(TabMessage::Over(self.known_session().map(str::to_owned), reason)));
        self.over_here(reason, now);
    }

    /// A page that shows what is the user's stays as it is, with all that was typed, and asks to sign in again. The
    /// first word on why stands: the cookie goes with it, and who asks once more, for a call that came back late, is
    /// told of no reason.
    fn over_here(&mut self, reason: Option<EndReason>, now: &Now) {
        let reason = self.session.reason().or(reason);
        match self.session.view().cloned() {
            Some(view) if now.is_protected => {
                self.forget();
                self.show(SessionState::Interrupted(view, reason));
            }
            _ => self.leave(reason),
        }
    }

    pub(super) fn heard(&mut self, message: TabMessage, now: &Now) {
        match message {
            TabMessage::Ask => {
                if let Some(token) = self.current(now).filter(|token| token.remaining_ms(now) > WORTH_MS) {
                    let server_time = self.server_time(now).unwrap_or(token.answer.server_time);
                    self.effects.push(Effect::Say(TabMessage::Refreshed(token.answer_at(server_time, now))));
                }
            }
            TabMessage::Refreshed(answer) | TabMessage::SignedIn(answer)
                if self.is_over(answer.csrf_token.reveal()) => {}
            TabMessage::Refreshed(answer) => self.heard_token(answer, now),
            TabMessage::SignedIn(answer) => self.heard_sign_in(answer, now),
            TabMessage::SignedOut(session) => {
                if self.is_ours(session, now) {
                    self.leave(Some(EndReason::SignedOut));
                }
            }
            TabMessage::Over(session, reason) => {
                if self.is_ours(session, now) {
                    self.over_here(reason, now);
                }
            }
        }
    }

    fn heard_token(&mut self, answer: TokenAnswer, now: &Now) {
        let ours = self.current_session();
        if ours.is_some_and(|ours| ours != answer.csrf_token.reveal()) {
            // One of the tabs has not heard yet of a sign-in. The server knows which.
            return self.check(now);
        }
        let theirs = Token::new(answer, now);
        if !self.token.as_ref().is_some_and(|ours| ours.is(&theirs.answer) || ours.expires_at > theirs.expires_at) {
            self.adopt(theirs.answer, now);
        }
    }

    fn heard_sign_in(&mut self, answer: TokenAnswer, now: &Now) {
        let is_another = self.current_session().is_some_and(|ours| ours != answer.csrf_token.reveal());
        if is_another && self.token.as_ref().is_none_or(|ours| ours.answer.server_time >= answer.server_time) {
            return self.check(now); // it may come late: the server knows
        }
        self.adopt(answer, now);
    }

    /// Whether what another tab says of a session's end is true of this tab's.
    fn is_ours(&mut self, session: Option<String>, now: &Now) -> bool {
        let ours = self.current_session();
        let is_another = ours.is_some() && ours != session;
        if is_another && session.is_none() {
            self.check(now); // that tab could not say which
        } else if is_another {
            self.doubt_refresh(); // its answer may be about that one
        }
        self.over.extend(session);
        !is_another
    }

    /// The page's session is this from now on.
    fn show(&mut self, session: SessionState) {
        if self.session == session {
            return;
        }
        let is_nobodys = session.view().is_none() && self.session.view().is_some();
        self.session = session;
        if self.live {
            self.effects.push(Effect::ShowSession(self.session.clone()));
        } else if is_nobodys {
            // The page may wait for its code for long, and the server has another one.
            self.effects.push(Effect::Reload);
        }
    }
}
