//! Who is signed in on this page.

use super::{
    answer::Answer,
    event::{Effect, TabMessage, Waiting},
    state::Step,
    token::Token,
};
use crate::app::{
    session::{SessionState, SessionView},
    types::{EndReason, Secret},
};
use std::rc::Rc;

/// How long a token must still live to be worth sharing, in milliseconds.
const WORTH_MS: f64 = 5000.0;

impl Step<'_> {
    /// A sign-in on this page. The page with the form shows the new session by itself; only one that waits for its
    /// user to sign in again has to be told.
    pub(super) fn signed_in(&mut self, answer: Answer) {
        self.forget(Some(&answer.csrf_token));
        self.learn(&answer);
        if !self.now.is_interrupted() || self.belongs_to(&answer) {
            self.keep(answer.clone());
        }
        self.push(Effect::Say(TabMessage::SignedIn(answer)));
    }

    /// The user confirmed a sensitive action on this page. The answer is that of a refresh.
    pub(super) fn stepped_up(&mut self, answer: Answer) {
        self.push(Effect::Say(TabMessage::SteppedUp(answer.clone())));
        self.adopt_and_confirm(answer);
    }

    pub(super) fn signed_out(&mut self, reason: Option<EndReason>) {
        let session = self.session();
        self.push(Effect::Say(TabMessage::SignedOut(session)));
        self.signed_out_here(reason);
    }

    /// Other tabs are not told, so that what was typed there is not lost.
    pub(super) fn signed_out_here(&mut self, reason: Option<EndReason>) {
        self.forget(None);
        self.push(Effect::GiveUp(Waiting::SignIn));
        self.push(Effect::GiveUp(Waiting::StepUp));
        self.show(SessionState::SignedOut(reason));
    }

    pub(super) fn session_over(&mut self, reason: Option<EndReason>) {
        let session = self.session();
        self.push(Effect::Say(TabMessage::Over(session, reason)));
        self.over_here(reason);
    }

    /// Ends the session in this tab. A page that shows the user's data stays as it is, with everything typed, and asks
    /// the user to sign in again. The first reason wins: the cookie goes with that answer, so a late call that asks
    /// again is told no reason.
    fn over_here(&mut self, reason: Option<EndReason>) {
        let reason = self.now.page.reason().or(reason);
        match self.now.page.view().filter(|_| self.now.is_protected).cloned() {
            Some(view) => {
                self.forget(None);
                self.show(SessionState::Interrupted(view, reason));
            }
            None => self.signed_out_here(reason),
        }
    }

    pub(super) fn heard(&mut self, message: TabMessage) {
        if self.is_late(&message) {
            return self.doubt(&message);
        }
        match message {
            TabMessage::Ask => {
                let current = self.client.current(&self.now);
                if let Some(token) = current.filter(|token| token.remaining_ms(&self.now) > WORTH_MS) {
                    let shared = self.shared(token);
                    self.push(Effect::Say(TabMessage::Refreshed(shared)));
                }
            }
            TabMessage::Refreshed(answer) => drop(self.adopt(answer)),
            TabMessage::SignedIn(answer) => {
                self.forget(Some(&answer.csrf_token));
                self.adopt_and_confirm(answer);
            }
            TabMessage::SteppedUp(answer) => self.adopt_and_confirm(answer),
            TabMessage::SignedOut(session) => {
                self.end(session);
                self.signed_out_here(Some(EndReason::SignedOut));
            }
            TabMessage::Over(session, reason) => {
                self.end(session);
                self.over_here(reason);
            }
        }
    }

    /// Whether the message is not of this tab's session, but of one that is over or may be: the tabs' messages have no
    /// common order, so a token may arrive after the news that its session ended, and that news after a later sign-in.
    fn is_late(&self, message: &TabMessage) -> bool {
        let own = self.session();
        match message {
            TabMessage::Ask => false,
            TabMessage::Refreshed(answer) | TabMessage::SignedIn(answer) | TabMessage::SteppedUp(answer) => {
                let is_another = own.is_none_or(|own| own != answer.csrf_token);
                self.is_over(&answer.csrf_token) || is_another && answer.issued_at() < self.client.issued_at
            }
            TabMessage::SignedOut(session) | TabMessage::Over(session, _) => {
                matches!(self.now.page, SessionState::SignedIn(_)) && *session != own
            }
        }
    }

    /// Asks the server, if a late message may still be right: the other tab may not have known of the session that it
    /// ended, the page may have been rendered before the sign-in's cookie arrived, and servers' clocks differ.
    fn doubt(&mut self, message: &TabMessage) {
        match message {
            TabMessage::SignedOut(_) | TabMessage::Over(..) => self.check(),
            TabMessage::SignedIn(answer) if !self.is_over(&answer.csrf_token) => self.restored(),
            _ => {}
        }
    }

    fn end(&mut self, session: Option<Secret>) {
        let session = session.filter(|session| !self.is_over(session));
        self.client.over.extend(session);
    }

    fn is_over(&self, session: &Secret) -> bool {
        self.client.over.contains(session)
    }

    /// Keeps the token of a session whose user has just signed in, or confirmed.
    fn adopt_and_confirm(&mut self, answer: Answer) {
        if self.adopt(answer).is_some() {
            self.push(Effect::Resume(Waiting::StepUp));
        }
    }

    /// Keeps the token of an answer, unless the page belongs to another user. Returns it.
    pub(super) fn adopt(&mut self, answer: Answer) -> Option<Rc<Token>> {
        self.learn(&answer);
        self.belongs_to(&answer).then(|| self.keep(answer))
    }

    /// Shows that the answer's user is signed in, and lets the calls go on that wait for it. A page that belongs to
    /// another user is loaded again instead; nothing that it had begun is sent as the new user.
    fn belongs_to(&mut self, answer: &Answer) -> bool {
        if self.now.user().is_some_and(|user| user != answer.user.id) {
            self.forget(None);
            self.push(Effect::Reload);
            return false;
        }
        let anew = self.now.is_interrupted();
        let csrf_token = answer.csrf_token.reveal().to_owned();
        self.show(SessionState::SignedIn(SessionView { user: answer.user.clone(), csrf_token }));
        self.push(Effect::Resume(Waiting::SignIn));
        if anew {
            self.push(Effect::Resume(Waiting::StepUp));
        }
        true
    }

    /// Takes over the server's time, when the answer was issued, and the timeout that it asks for.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
    fn learn(&mut self, answer: &Answer) {
        self.client.patience_ms = (answer.refresh_timeout * 1000.0) as u32;
        self.client.issued_at = self.client.issued_at.max(answer.issued_at());
        self.client.ahead_ms = Some(answer.server_time.0 as f64 - self.now.wall_ms);
    }

    fn keep(&mut self, answer: Answer) -> Rc<Token> {
        self.client.over.retain(|over| *over != answer.csrf_token);
        let token = Rc::new(Token::new(answer, &self.now));
        self.client.token = Some(Rc::clone(&token));
        self.plan_renewal(&token);
        self.land_early();
        token
    }

    /// The CSRF token of this tab's session.
    fn session(&self) -> Option<Secret> {
        let of_page = || self.now.page.view().map(|view| view.csrf_token.clone().into());
        self.client.token.as_ref().map(|token| token.answer.csrf_token.clone()).or_else(of_page)
    }

    /// Forgets the token and its session, because somebody signed out, or in to the `next` session.
    fn forget(&mut self, next: Option<&Secret>) {
        let session = self.session().filter(|session| Some(session) != next);
        self.end(session);
        self.client.token = None;
        self.client.epoch = self.client.epoch.wrapping_add(1);
    }

    pub(super) fn spoil_token(&mut self) {
        self.client.token = self.client.token.as_deref().map(|token| Rc::new(token.spoiled()));
    }

    fn show(&mut self, page: SessionState) {
        self.now.page = page.clone();
        self.push(Effect::Show(page));
    }
}
