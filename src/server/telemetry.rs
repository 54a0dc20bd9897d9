//! The log: on standard error, one line each, pretty on a terminal and JSON elsewhere, in UTC.

use std::io::{IsTerminal, stderr};
use tracing_subscriber::{EnvFilter, fmt};

/// Starts the log. `RUST_LOG` says how much; by default what an operator wants to know.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,freshkey=info"));
    let log = fmt().with_env_filter(filter).with_writer(stderr).with_target(false);
    // A second start, in a test, leaves the first one as it is.
    let _ = if stderr().is_terminal() {
        log.compact().try_init()
    } else {
        log.json().flatten_event(true).with_span_list(false).try_init()
    };
}
