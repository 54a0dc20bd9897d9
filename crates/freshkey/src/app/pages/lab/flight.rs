//! Many calls whose token has run out, and one refresh for all of them; beside it, the same without.

use super::parts::{Code, Part, Run as RunButton, Standard, told};
use crate::app::{
    components::{FormAlert, LiveText},
    seam::lab,
    types::lab::{Lane, Run, Span},
};
use leptos::{html, prelude::*};

pub(super) const CODE: Code = Code {
    file: "crates/freshkey/src/browser/flight.rs",
    text: r"if let Some(under_way) = self.under_way() {
    return under_way;
}
let (slot, work) = (Rc::clone(&self.0), begin());
let landing = async move {
    let result = work.await;
    slot.take();
    result
};
let flight = landing.boxed_local().shared();
self.0.replace(Some(flight.clone()));
spawn_local(flight.clone().map(drop));
flight",
};
const STANDARDS: &[Standard] = &[
    ("RFC 6750, bearer tokens", "https://www.rfc-editor.org/rfc/rfc6750"),
    ("RFC 6749, refreshing", "https://www.rfc-editor.org/rfc/rfc6749#section-6"),
];
const FEWEST: usize = 2;
const MOST: usize = 50;
const AT_FIRST: usize = 12;

/// Of a drawing.
const WIDTH: f64 = 320.0;
const LANE: f64 = 8.0;
const TOP: f64 = 14.0;

/// The part.
#[component]
pub(super) fn OneRefresh(live: bool) -> impl IntoView {
    view! {
        <Part id="one-refresh" title="One refresh for many calls" code=CODE standards=STANDARDS>
            <p>
                "A page makes many calls at once. When their token has run out, each is answered 401. If each then asked \
                 for a new token by itself, there would be as many refreshes as calls, all racing for one refresh token. \
                 Here the first one to be refused starts the refresh; the others wait for it, and every call is sent again \
                 once. This is the code that the whole app uses."
            </p>
            {live.then(|| view! { <Live /> })}
        </Part>
    }
}

#[component]
fn Live() -> impl IntoView {
    let runs = RwSignal::new(None::<(Run, Run)>);
    let (failed, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let number = NodeRef::<html::Input>::new();
    let go = move || {
        let count = number.get_untracked().and_then(|input| input.value().parse().ok()).unwrap_or(AT_FIRST);
        let count = count.clamp(FEWEST, MOST);
        busy.set(true);
        runs.set(None);
        leptos::task::spawn_local(async move {
            // One after the other, so that neither gets in the other's way.
            let both = async { Ok((lab::run(count, true).await?, lab::run(count, false).await?)) };
            match both.await {
                Ok(both) => {
                    runs.try_set(Some(both));
                    failed.try_set(None);
                }
                Err(error) => {
                    failed.try_set(Some(told(&error)));
                }
            }
            busy.try_set(false);
        });
    };
    let say = Signal::derive(move || {
        let done = runs.with(|runs| runs.as_ref().map(|(one, each)| (one.refreshes.len(), each.refreshes.len())));
        match done {
            _ if busy.get() => "Waiting for the tokens to run out …".to_owned(),
            Some((one, each)) => format!("{} with single flight, {each} without.", refreshes(one)),
            None => String::new(),
        }
    });
    view! {
        <FormAlert message=failed />
        <div class="row">
            <label for="lab-calls">"Calls at once"</label>
            <input id="lab-calls" type="number" min=FEWEST.to_string() max=MOST.to_string() value=AT_FIRST.to_string() node_ref=number />
            <RunButton label="Let the token run out, and call" busy run=go />
            <span class="panel-summary" role="status"><LiveText text=say /></span>
        </div>
        {move || runs.get().map(|(one, each)| view! {
            <p class="legend" aria-hidden="true">
                <Key class="span-first" name="sent, and refused: 401" />
                <Key class="span-wait" name="waiting" />
                <Key class="span-refresh" name="refresh" />
                <Key class="span-again" name="sent again: 200" />
            </p>
            <div class="flights">
                <Drawing title="One refresh for all" run=one />
                <Drawing title="Single flight switched off" run=each />
            </div>
            <p class="lab-aside">
                "Times are real and drawn slowed down. Without single flight nobody is signed out here, because this server \
                 gives the losers of a race the same successor. A server that is strict about it would have taken the second \
                 refresh for a theft, and ended the session."
            </p>
        })}
    }
}

#[component]
fn Key(class: &'static str, name: &'static str) -> impl IntoView {
    view! {
        <span class="legend-item">
            <svg class="legend-mark" viewBox="0 0 16 8"><rect class=class x="0" y="1" width="16" height="6" /></svg>
            {name}
        </span>
    }
}

fn refreshes(count: usize) -> String {
    if count == 1 { "1 refresh".to_owned() } else { format!("{count} refreshes") }
}

#[component]
fn Drawing(title: &'static str, run: Run) -> impl IntoView {
    let end = run.end();
    let rows = run.lanes.len() + run.refreshes.len();
    #[expect(clippy::cast_precision_loss, reason = "at most a hundred rows")]
    let (top, height) = (|row: usize| TOP + row as f64 * LANE, TOP + rows as f64 * LANE + 2.0);
    let bar = move |class: &'static str, span: Span, row: usize| {
        let x = span.from / end * WIDTH;
        // What took no time is seen all the same.
        let width = ((span.to - span.from) / end * WIDTH).max(0.75);
        view! { <rect class=class x=shown(x) y=shown(top(row) + 1.0) width=shown(width) height=shown(LANE - 2.0) /> }
    };
    let refreshing = run.refreshes.iter().enumerate().map(|(row, span)| bar("span-refresh", *span, row)).collect_view();
    let below = run.refreshes.len();
    let lane = |(at, lane): (usize, &Lane)| {
        let row = below + at;
        let end = if lane.failed.is_some() { "span-failed" } else { "span-again" };
        [bar("span-first", lane.first, row), bar("span-wait", lane.wait, row), bar(end, lane.again, row)].collect_view()
    };
    let lanes = run.lanes.iter().enumerate().map(lane).collect_view();
    let counts = format!(
        "{} of {} calls succeeded: {}, {} requests, {end:.0} ms.",
        run.succeeded(),
        run.lanes.len(),
        refreshes(below),
        run.requests()
    );
    view! {
        <figure class="flight">
            <figcaption><h3>{title}</h3> <p>{counts}</p></figcaption>
            <svg class="lanes" viewBox=format!("0 0 {WIDTH} {height}") role="img" aria-label=format!("{title}: the table below says the same.")>
                <text class="lanes-axis" x="0" y="9">"0 ms"</text>
                <text class="lanes-axis" x=WIDTH.to_string() y="9" text-anchor="end">{format!("{end:.0} ms")}</text>
                <g class="lanes-bars">{refreshing} {lanes}</g>
            </svg>
            <details>
                <summary>"As a table"</summary>
                <div class="lanes-table" tabindex="0" role="region" aria-label=format!("{title}, as a table")>
                    <Table run />
                </div>
            </details>
        </figure>
    }
}

#[component]
fn Table(run: Run) -> impl IntoView {
    let refreshing = run.refreshes.iter().enumerate().map(|(at, span)| {
        view! {
            <tr>
                <th scope="row">{format!("Refresh {}", at + 1)}</th>
                <td>{ms(span.from)}</td> <td>"–"</td> <td>"–"</td> <td>{ms(span.to)}</td>
            </tr>
        }
    });
    let calls = run.lanes.iter().enumerate().map(|(at, lane)| {
        let answer = lane.failed.map_or("200", |code| code.text());
        view! {
            <tr>
                <th scope="row">{format!("Call {}", at + 1)}</th>
                <td>{ms(lane.first.from)}</td>
                <td>{format!("{} {}", ms(lane.first.to), lane.refused.status())}</td>
                <td>{ms(lane.again.from)}</td>
                <td>{format!("{} {answer}", ms(lane.again.to))}</td>
            </tr>
        }
    });
    view! {
        <table>
            <thead>
                <tr>
                    <th scope="col">"Who"</th> <th scope="col">"Sent (ms)"</th> <th scope="col">"Refused"</th>
                    <th scope="col">"Sent again"</th> <th scope="col">"Done"</th>
                </tr>
            </thead>
            <tbody>{refreshing.collect_view()} {calls.collect_view()}</tbody>
        </table>
    }
}

fn ms(time: f64) -> String {
    format!("{time:.0}")
}

fn shown(length: f64) -> String {
    format!("{length:.2}")
}
