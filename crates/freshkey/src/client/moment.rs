//! What the browser says at the time of an event. The client asks for nothing else, so that tests can say it.

use crate::app::session::SessionState;

/// The moment of an event.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that have nothing to do with each other")]
pub struct Moment {
    /// Milliseconds on the monotonic clock; infinite if there is none.
    pub monotonic_ms: f64,
    /// Milliseconds since 1970 on this machine's clock, which may be wrong, and goes on while the machine sleeps.
    pub wall_ms: f64,
    /// What the page shows of the session.
    pub page: SessionState,
    /// Whether the page's address is a protected one.
    pub is_protected: bool,
    /// Whether the page is visible.
    pub is_visible: bool,
    /// Whether the machine has a network, as far as the browser knows.
    pub is_online: bool,
    /// Whether other tabs can be asked.
    pub has_channel: bool,
}
