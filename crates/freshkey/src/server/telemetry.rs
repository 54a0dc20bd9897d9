//! The log: on standard error, one line per event, pretty on a terminal and JSON elsewhere, in UTC.

mod text;

use super::metrics::CountEvents;
use std::io::{IsTerminal, stderr};
use text::EachOnce;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{LevelFilter, dynamic_filter_fn},
    fmt,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
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
    // A dynamic filter, so that both are asked about each line and each span. `sqlx` asks whether it should log a query,
    // and then doesn't; a filter that is not asked again applies its "no" to the next span, whose lines then name neither
    // request nor user.
    let counted =
        dynamic_filter_fn(|line, _| *line.level() <= LevelFilter::INFO).with_max_level_hint(LevelFilter::INFO);
    // A second start, in a test, leaves the first one in place.
    let _ = registry().with(log).with(CountEvents.with_filter(counted)).try_init();
}
