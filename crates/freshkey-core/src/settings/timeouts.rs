//! How long clients are waited for.

use std::time::Duration;

/// How long we wait.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For the head of a request, the first or the next on a connection.
    pub head: Duration,
    /// For the body of a call.
    pub body: Duration,
    /// For a client that takes nothing of its answer.
    pub write: Duration,
    /// For requests in flight when the server stops.
    pub stop: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let [head, body, write, stop] = [30, 10, 20, 10].map(Duration::from_secs);
        Self { head, body, write, stop }
    }
}
