//! How long to wait for clients.

use std::time::Duration;

/// The timeouts for clients.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For the head of a request, the first or a later one on a connection.
    pub head: Duration,
    /// For the body of a call.
    pub body: Duration,
    /// For a client that reads nothing of its answer.
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
