//! Whether the user is there. While they are, the token is renewed shortly before it expires; while they are not, the
//! client asks nothing of the server. When they come back, from another window, from sleep, or from no network, the
//! client checks the network and the session.

use super::{
    event::{Effect, Pause, Timer},
    state::Step,
    token::Token,
};
use crate::app::{session::SessionState, types::Millis};
use std::rc::Rc;

/// How long before its expiry a token is renewed, in milliseconds. A token that hardly lives longer is not renewed
/// ahead of time.
const AHEAD_MS: f64 = 30_000.0;
/// The user counts as away after this many milliseconds without input.
const IDLE_MS: f64 = 5.0 * 60_000.0;
/// After the page was hidden for this many milliseconds, the client checks the session.
const AWAY_MS: f64 = 60_000.0;

impl Step<'_> {
    pub(super) fn loaded(&mut self, rendered_at: Millis) {
        self.client.touched_ms = self.now.wall_ms;
        if !self.now.is_online {
            self.lost();
        }
        if self.now.page == SessionState::Unknown {
            // The server did not know while it rendered the page who is signed in. It may by now.
            self.begin_refresh();
        } else {
            self.client.issued_at = rendered_at;
        }
    }

    /// Somebody may have signed in or out since the page was left.
    pub(super) fn restored(&mut self) {
        if self.now.user().is_some() {
            self.check();
        } else {
            self.begin_refresh();
        }
    }

    /// Checks the network, and the session if there is one.
    pub(super) fn check(&mut self) {
        let what = if self.now.user().is_some() { Effect::CheckSession } else { Effect::CheckNetwork };
        self.push(what);
    }

    pub(super) fn touched(&mut self) {
        self.client.touched_ms = self.now.wall_ms;
        self.renew_if_due();
    }

    pub(super) fn visibility_changed(&mut self) {
        if !self.now.is_visible {
            self.client.hidden_ms = Some(self.now.wall_ms);
            return;
        }
        self.client.touched_ms = self.now.wall_ms;
        match self.client.hidden_ms.take() {
            Some(hidden) if self.since(hidden) > AWAY_MS => self.check(),
            _ => self.renew_if_due(),
        }
    }

    pub(super) fn connection_changed(&mut self) {
        if self.now.is_online {
            self.check();
        } else {
            self.lost();
        }
    }

    /// Sets the timer for the renewal of a new token.
    pub(super) fn plan_renewal(&mut self, token: &Token) {
        if lives_long(token) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a token's life")]
            let wait = (token.remaining_ms(&self.now) - AHEAD_MS).max(0.0) as u32;
            self.push(Effect::Wait(Timer::Renewal, Pause::Exactly(wait)));
        }
    }

    pub(super) fn renew_if_due(&mut self) {
        let is_there = self.now.is_visible && self.since(self.client.touched_ms) < IDLE_MS && self.now.user().is_some();
        let is_due = |token: &Rc<Token>| lives_long(token) && token.remaining_ms(&self.now) <= AHEAD_MS;
        if is_there && self.client.latest().is_some_and(is_due) {
            self.begin_refresh();
        }
    }

    /// Milliseconds since then, by the wall clock, which goes on while the machine sleeps. If the clock was set back,
    /// the difference counts as time away.
    fn since(&self, at_ms: f64) -> f64 {
        (self.now.wall_ms - at_ms).abs()
    }
}

fn lives_long(token: &Token) -> bool {
    token.life_ms() > 2.0 * AHEAD_MS
}
