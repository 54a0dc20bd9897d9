//! Metrics for Prometheus, on a listener of their own, never on the public port.
//!
//! Requests are counted where they are answered, in series made at the start, so that counting is a few atomic
//! additions. Events are counted from the log: every line with a name counts as an event, so no event can be logged and
//! not counted.

use super::{
    clock::Clock,
    serve::{Bounds, serve},
    settings::Timeouts,
    store::Store,
};
use crate::app::types::Millis;
use axum::{Router, extract::State, routing::get};
use futures::FutureExt;
use http::{
    HeaderMap, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use std::{
    collections::{BTreeSet, HashMap},
    future::pending,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::net::TcpListener;
use tower::ServiceExt;
use tracing::{Event, Subscriber, field::Field};
use tracing_subscriber::{Layer, layer::Context};

/// The route of all unknown paths.
const OTHER: &str = "other";
/// Prometheus's own text format, and the standard that grew out of it: the text is valid in both.
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The metrics of a server.
pub struct Metrics {
    registry: Registry,
    routes: HashMap<String, Series>,
    other: Series,
    mail_waiting: Gauge,
    mail_oldest_seconds: Gauge,
}

/// The outbox, where there is email.
pub type Outbox = Option<(Store, Clock)>;

/// The series of a route.
struct Series {
    /// Counters by the first digit of the status.
    answers: [Counter; 5],
    seconds: Histogram,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    route: String,
    status: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Named {
    event: String,
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfEmail {
    kind: String,
    outcome: String,
}

/// The events that deploy/alerts.yaml watches. They start at 0: Prometheus sees no increase in a series that begins
/// with 1.
const ALARMS: [&str; 17] = [
    "account_secured",
    "background_write_dropped",
    "database_unavailable",
    "hashing_panicked",
    "instances_differ",
    "internal_error",
    "not_ready",
    "origin_differs",
    "panicked",
    "proxy_not_trusted",
    "proxy_silent",
    "redis_reached",
    "redis_unreachable",
    "refresh_token_replayed",
    "signing_keys_delayed",
    "task_restarted",
    "write_panicked",
];

/// The counters of the log's events.
#[derive(Default)]
struct Events {
    named: Family<Named, Counter>,
    emails: Family<OfEmail, Counter>,
}

/// Returns the event counters of this process: it has one log, and so one set of counters.
fn events() -> &'static Events {
    static EVENTS: OnceLock<Events> = OnceLock::new();
    EVENTS.get_or_init(Events::default)
}

impl Metrics {
    /// Creates metrics with all counts at zero. `paths` are the routes that get a series of their own.
    pub fn new(paths: impl IntoIterator<Item = String>) -> Self {
        let mut registry = Registry::with_prefix("freshkey");
        let answers = Family::<Answer, Counter>::default();
        let seconds =
            Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(exponential_buckets(0.000_25, 4.0, 9)));
        registry.register("http_requests", "Requests that were answered", answers.clone());
        registry.register("http_request_seconds", "How long an answer took", seconds.clone());
        registry.register("events", "What the log has a name for", events().named.clone());
        registry.register("emails", "Emails by kind, and what came of them", events().emails.clone());
        for event in ALARMS {
            drop(events().named.get_or_create(&Named { event: event.to_owned(), ..Named::default() }));
        }
        let (mail_waiting, mail_oldest_seconds) = (Gauge::default(), Gauge::default());
        registry.register("mail_waiting", "Emails that wait to be sent", mail_waiting.clone());
        registry.register("mail_oldest_seconds", "How long the oldest of them has waited", mail_oldest_seconds.clone());
        let series = |route: &str| Series {
            answers: std::array::from_fn(|at| {
                answers.get_or_create(&Answer { route: route.to_owned(), status: format!("{}xx", at + 1) }).clone()
            }),
            seconds: seconds.get_or_create(&Route { route: route.to_owned() }).clone(),
        };
        let paths: BTreeSet<String> = paths.into_iter().collect();
        let routes = paths.into_iter().map(|path| (path.clone(), series(&path))).collect();
        Self { other: series(OTHER), routes, registry, mail_waiting, mail_oldest_seconds }
    }

    /// Counts an answer.
    pub fn answered(&self, path: &str, status: StatusCode, took: Duration) {
        let series = self.routes.get(path).unwrap_or(&self.other);
        if let Some(answers) = series.answers.get(usize::from(status.as_u16() / 100).wrapping_sub(1)) {
            answers.inc();
        }
        series.seconds.observe(took.as_secs_f64());
    }

    /// Serves `GET /metrics` for ever, to a few clients at once.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, timeouts: Timeouts, outbox: Outbox) {
        const CONNECTIONS: usize = 32;
        let router = Router::new().route("/metrics", get(text)).with_state((self, outbox));
        let answer = move |request| router.clone().oneshot(request).map(Result::unwrap_or_default);
        serve(listener, answer, Bounds::total(CONNECTIONS), timeouts, pending()).await;
    }
}

async fn text(
    State((metrics, outbox)): State<(Arc<Metrics>, Outbox)>,
    headers: HeaderMap,
) -> Result<([(http::HeaderName, &'static str); 1], String), StatusCode> {
    if let Some((store, clock)) = outbox
        && let Ok(figures) = store.mail_figures().await
    {
        metrics.mail_waiting.set(figures.waiting);
        let waited = figures.oldest_at.map_or(Millis::ZERO, |at| (clock.now() - at).max(Millis::ZERO));
        metrics.mail_oldest_seconds.set(waited.whole_seconds().0);
    }
    let mut text = String::new();
    encode(&mut text, &metrics.registry).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = if accepts.contains("application/openmetrics-text") { OPEN_METRICS } else { PLAIN };
    Ok(([(CONTENT_TYPE, kind)], text))
}

/// Counts the log's lines that have a name.
pub struct CountEvents;

impl<S: Subscriber> Layer<S> for CountEvents {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let (mut named, mut kind) = (Named::default(), String::new());
        event.record(&mut |field: &Field, value: &dyn std::fmt::Debug| {
            // All values are words from our code, so the number of series is bounded.
            match field.name() {
                "event" => named.event = unquoted(value),
                "reason" => named.reason = unquoted(value),
                "kind" => kind = unquoted(value),
                _ => {}
            }
        });
        if let Some(outcome) = named.event.strip_prefix("mail_").filter(|_| !kind.is_empty()) {
            events().emails.get_or_create(&OfEmail { kind, outcome: outcome.to_owned() }).inc();
        }
        if !named.event.is_empty() {
            events().named.get_or_create(&named).inc();
        }
    }
}

/// Returns the text that `Debug` has quoted.
fn unquoted(value: &dyn std::fmt::Debug) -> String {
    format!("{value:?}").trim_matches('"').to_owned()
}
