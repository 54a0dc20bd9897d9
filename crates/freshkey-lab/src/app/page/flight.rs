//! Many calls with an expired token and one shared refresh; beside it, the same with a refresh per call.

use super::{
    flight_drawing::{BOX, NAMES, drawing, example, table},
    parts::{Code, Controls, Part, Standard, Work, fixed},
};
use crate::app::{seam, types::Run};
use freshkey::app::components::LiveText;
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

/// This part of the page.
#[component]
pub(super) fn OneRefresh(live: bool) -> impl IntoView {
    let runs = RwSignal::new(None::<[Run; 2]>);
    view! {
        <Part id="one-refresh" title="Expiry and one refresh" code=CODE standards=STANDARDS>
            {fixed(include_str!("text/flight.html"))}
            <div class="stage">
                {live.then(|| view! { <Play runs /> })}
                <Outcome runs />
            </div>
        </Part>
    }
}

#[component]
fn Play(runs: RwSignal<Option<[Run; 2]>>) -> impl IntoView {
    let (work, number) = (Work::new(), NodeRef::<html::Input>::new());
    let go = move || {
        let count =
            number.try_get_untracked().flatten().and_then(|input| input.value().parse().ok()).unwrap_or(AT_FIRST);
        work.begin(Box::pin(async move {
            let done = seam::compare(count.clamp(FEWEST, MOST)).await?;
            runs.try_set(Some(done));
            Ok(())
        }));
    };
    let say = Signal::derive(move || {
        match (work.busy.get(), runs.with(Option::is_some)) {
            (true, _) => "Letting the tokens expire …",
            (false, true) => "This is what has just happened.",
            (false, false) => "This is what to expect.",
        }
        .to_owned()
    });
    view! {
        <Controls work say buttons=vec![("Expire the token, then call", Box::new(go))]>
            <label for="lab-calls">"Calls at once"</label>
            <input id="lab-calls" type="number" min=FEWEST max=MOST value=AT_FIRST node_ref=number />
        </Controls>
    }
}

/// The measured result, or before a run the expected one.
#[component]
fn Outcome(runs: RwSignal<Option<[Run; 2]>>) -> impl IntoView {
    let shown = Memo::new(move |_| runs.get().unwrap_or_else(|| example(AT_FIRST)));
    let refreshes = Signal::derive(move || {
        shown.with(|[one, each]| format!("{} instead of {}", refreshes(one.refreshes()), each.refreshes()))
    });
    let requests = Signal::derive(move || {
        shown.with(|[one, each]| format!("{} requests instead of {}", one.requests(), each.requests()))
    });
    view! {
        <p class="headline" class:headline-given=move || runs.with(Option::is_some)>
            <strong><LiveText text=refreshes /></strong> <strong><LiveText text=requests /></strong>
        </p>
        <p class="legend" aria-hidden="true">
            <Key class="span-first" name="sent, refused: 401" />
            <Key class="span-wait" name="waiting" />
            <Key class="span-refresh" name="refresh" />
            <Key class="span-again" name="sent again: 200" />
        </p>
        {NAMES.into_iter().enumerate().map(|(which, name)| view! {
            <h3 class="lanes-name">{name}</h3>
            <svg
                class="lanes"
                viewBox=BOX
                preserveAspectRatio="none"
                role="img"
                aria-label=format!("{name}: the table below says the same.")
                inner_html=move || shown.with(|runs| drawing(runs, which))
            ></svg>
        }).collect_view()}
        <p class="lanes-axis">"Time, the same scale for both"</p>
        <details class="lanes-details">
            <summary>"As a table, with milliseconds"</summary>
            <div class="lanes-table" tabindex="0" role="region" aria-label="Both ways, as a table" inner_html=move || shown.with(table)></div>
        </details>
        <p class="lab-aside">
            "After a warm-up that does not count, each way is run twice, in turn; the quicker run is drawn. Without single \
             flight nobody is signed out here either: this server gives the losers of a race the same successor. A strict \
             one would take the second refresh for a theft."
        </p>
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
