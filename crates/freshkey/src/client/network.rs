//! Whether the server can be reached, and the retries until it is.

use super::{
    event::{Effect, Pause, Reach, Timer, Waiting},
    state::Step,
};
use crate::app::session::NetworkState;

/// Milliseconds before the server is looked for the first time; doubles each time.
const PAUSE_MS: u32 = 2000;
/// The longest pause, in milliseconds.
const LONGEST_PAUSE_MS: u32 = 30_000;

impl Step<'_> {
    pub(super) fn reached(&mut self, reach: Reach) {
        match reach {
            Reach::Answered => {
                self.set_network(NetworkState::Fine);
                self.push(Effect::Resume(Waiting::Network));
            }
            Reach::Busy => self.look_for_it(NetworkState::Busy),
            Reach::Lost => self.lost(),
        }
    }

    pub(super) fn lost(&mut self) {
        self.look_for_it(if self.now.is_online { NetworkState::Unreachable } else { NetworkState::Offline });
    }

    /// Looks for the server again, while the page is visible.
    pub(super) fn retry(&mut self) {
        if self.client.network == NetworkState::Fine {
            self.client.retry_ms = None;
            return;
        }
        if self.now.is_visible {
            self.check();
        }
        let before = self.client.retry_ms.unwrap_or(PAUSE_MS);
        self.retry_after((before * 2).min(LONGEST_PAUSE_MS));
    }

    fn look_for_it(&mut self, state: NetworkState) {
        self.set_network(state);
        if self.client.retry_ms.is_none() {
            self.retry_after(PAUSE_MS);
        }
    }

    fn retry_after(&mut self, pause_ms: u32) {
        self.client.retry_ms = Some(pause_ms);
        self.push(Effect::Wait(Timer::Retry, Pause::Jittered(pause_ms, 0)));
    }

    fn set_network(&mut self, state: NetworkState) {
        if self.client.network != state {
            self.client.network = state;
            self.push(Effect::ShowNetwork(state));
        }
    }
}
