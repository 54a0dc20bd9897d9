//! The user in the log lines of a request.

use tracing::{Span, field::display};

/// Records the user in the current span, if it has the empty field `user`, as the span of a request does. Call it as
/// soon as the user is authenticated: each further line of the request then names them.
pub fn record_user(id: &str) {
    Span::current().record("user", display(id));
}
