//! Whether the server can be reached, for the page to say in one quiet line; and when it is tried again.

use super::{Effect, Now, State};
use crate::app::{
    error::{ApiError, Code},
    session::NetworkState,
};

/// Milliseconds before it is tried again; twice that each time.
const PAUSE_MS: u32 = 2000;
/// Milliseconds at the most.
const LONGEST_PAUSE_MS: u32 = 30_000;

/// The next time that it is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retry {
    /// On the monotonic clock.
    pub(super) at: f64,
    /// Milliseconds between this time and the one before, jitter aside.
    pause_ms: u32,
}

impl Retry {
    fn after(pause_ms: u32, now: &Now) -> Self {
        Self { at: now.clock + f64::from(jittered(pause_ms, now)), pause_ms }
    }
}

impl State {
    /// What the answer to a request, or that there was none, says of the network.
    pub(super) fn answered(&mut self, refused: Option<&ApiError>, now: &Now) {
        match refused.map(|refused| refused.code) {
            Some(Code::Unreachable) => self.lost(now),
            Some(Code::Overloaded) => self.lost_as(NetworkState::Busy, now),
            _ => self.set_network(NetworkState::Fine),
        }
    }

    /// No answer came: the page says so, and it is tried until one does.
    pub(super) fn lost(&mut self, now: &Now) {
        self.lost_as(if now.is_online { NetworkState::Unreachable } else { NetworkState::Offline }, now);
    }

    fn lost_as(&mut self, state: NetworkState, now: &Now) {
        self.set_network(state);
        self.retry.get_or_insert_with(|| Retry::after(PAUSE_MS, now));
    }

    fn set_network(&mut self, state: NetworkState) {
        if self.network != state {
            self.network = state;
            if self.live {
                self.effects.push(Effect::ShowNetwork(state));
            }
        }
    }

    pub(super) fn is_reachable(&self) -> bool {
        self.network == NetworkState::Fine
    }

    pub(super) fn retry_due(&mut self, now: &Now) {
        let Some(due) = self.retry.filter(|retry| retry.at <= now.clock) else { return };
        self.retry = None;
        if !self.is_reachable() {
            self.retry = Some(Retry::after((due.pause_ms * 2).min(LONGEST_PAUSE_MS), now));
            if now.is_visible {
                self.check(now);
            }
        }
    }
}

/// Milliseconds before what failed so many times in a row is tried again, though the server answers others.
pub(super) fn pause_after(failures: u32, now: &Now) -> f64 {
    jittered((PAUSE_MS << (failures - 2).min(4)).min(LONGEST_PAUSE_MS), now).into()
}

/// So long, or up to twice that: pages that lost the server together don't come back together.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
pub(super) fn jittered(ms: u32, now: &Now) -> u32 {
    ms + (now.chance * f64::from(ms)) as u32
}
