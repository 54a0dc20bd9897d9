//! Whether somebody is there. While somebody is, the token is renewed shortly before it runs out; while nobody is,
//! nothing is asked of the server. Whoever comes back, from another window, from sleep, from no network, finds what
//! still stands.

use super::{Now, State, Token};
use std::rc::Rc;

/// Renewed so many milliseconds before it runs out. A token that hardly lives longer is not renewed
/// ahead of time.
const AHEAD_MS: f64 = 30_000.0;
/// Nobody is there who has not touched anything for so many milliseconds.
const IDLE_MS: f64 = 5.0 * 60_000.0;
/// Whoever was away for so many milliseconds finds what still stands.
const AWAY_MS: f64 = 60_000.0;

impl State {
    pub(super) fn touched(&mut self, now: &Now) {
        self.touched_at = now.wall;
        self.renew_if_due(now);
    }

    pub(super) fn visibility_changed(&mut self, now: &Now) {
        if !now.is_visible {
            self.hidden_at = Some(now.wall);
            return;
        }
        self.touched_at = now.wall;
        match self.hidden_at.take() {
            Some(at) if since(at, now) > AWAY_MS => self.check(now),
            _ => self.renew_if_due(now),
        }
    }

    /// The page comes out of the back/forward cache, as it was: somebody may have signed in since, or out.
    pub(super) fn returned(&mut self, now: &Now) {
        if self.user().is_some() {
            self.check(now);
        } else if self.current(now).is_none() {
            self.begin_refresh(now);
        }
    }

    pub(super) fn renew_if_due(&mut self, now: &Now) {
        let is_somebody_there = now.is_visible && since(self.touched_at, now) < IDLE_MS;
        let is_due = self.renewable().is_some_and(|token| token.remaining_ms(now) <= AHEAD_MS);
        if is_due && is_somebody_there && self.user().is_some() {
            self.begin_refresh(now);
        }
    }

    pub(super) fn renews_at(&self, now: &Now) -> Option<f64> {
        self.renewable().map(|token| token.expires_at - AHEAD_MS).filter(|at| *at > now.clock)
    }

    fn renewable(&self) -> Option<&Rc<Token>> {
        self.token.as_ref().filter(|token| token.life_ms() > 2.0 * AHEAD_MS)
    }
}

/// Milliseconds since then. On the wall clock, which goes on while the machine sleeps; where it was put
/// back, it is as if nobody had been there.
fn since(at: f64, now: &Now) -> f64 {
    (now.wall - at).abs()
}
