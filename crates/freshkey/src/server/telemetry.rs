//! The log: on standard error, one line per event, pretty on a terminal and JSON elsewhere, in UTC.

mod text;

use super::metrics::CountEvents;
use std::io::{IsTerminal, stderr};
use text::EachOnce;
use tracing_subscriber::{
    EnvFilter, Layer, filter::LevelFilter, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

/// Starts the log. `RUST_LOG` sets the level; the default is what an operator needs.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,freshkey=info"));
    // If the log can't be written, to a full disk say, the server goes on: by default the layer would complain on
    // standard error, and panic if that fails too.
    let log = fmt::layer().with_writer(stderr).with_target(false).log_internal_errors(false);
    let log = if stderr().is_terminal() {
        log.compact().fmt_fields(EachOnce).with_filter(filter).boxed()
    } else {
        log.json().flatten_event(true).with_span_list(false).with_filter(filter).boxed()
    };
    // A second start, in a test, leaves the first one in place.
    let _ = registry().with(log).with(CountEvents.with_filter(LevelFilter::INFO)).try_init();
}
