//! Several protected calls at once, as dashboards make them: the panel that shows the one shared
//! refresh at work.

use freshkey::app::{
    api::{me::me, protected::protected},
    components::LiveText,
    error::ApiError,
};
use leptos::{ev::SubmitEvent, html, prelude::*};

/// Calls when the page opens.
const AT_FIRST: usize = 3;
/// Calls at most.
const AT_MOST: usize = 100;

#[derive(Clone, PartialEq)]
struct Answer {
    index: usize,
    call: &'static str,
    /// None while it is under way.
    outcome: Option<Result<(), ApiError>>,
}

impl Answer {
    fn text(&self) -> String {
        match &self.outcome {
            None => "waiting".to_owned(),
            Some(Ok(())) => "200 OK".to_owned(),
            Some(Err(error)) => format!("{}: {}", error.code.text(), error.message),
        }
    }
}

/// The panel. It calls when it opens, and as often as it is told to.
#[component]
pub fn ProtectedCalls() -> impl IntoView {
    let answers = RwSignal::new(Vec::<Answer>::new());
    let run = StoredValue::new(0_u32);
    let number = NodeRef::<html::Input>::new();
    let call = move |count: usize| {
        run.update_value(|run| *run += 1);
        let this_run = run.get_value();
        let names = (0..count).map(|index| if index % 2 == 0 { "GET /api/protected" } else { "GET /api/me" });
        answers.set(names.enumerate().map(|(index, call)| Answer { index, call, outcome: None }).collect());
        for index in 0..count {
            leptos::task::spawn_local(async move {
                let outcome = if index % 2 == 0 { protected().await.map(drop) } else { me().await.map(drop) };
                // The page may be gone by now, or have called again.
                if run.try_get_value() == Some(this_run) {
                    answers.update(|answers| answers[index].outcome = Some(outcome));
                }
            });
        }
    };
    // Effects run in the browser only.
    Effect::new(move |_| call(AT_FIRST));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let count = number.get_untracked().and_then(|input| input.value().parse().ok()).unwrap_or(AT_FIRST);
        call(count.clamp(1, AT_MOST));
    };
    let summary = Signal::derive(move || {
        answers.with(|answers| {
            let done = answers.iter().filter(|answer| answer.outcome.is_some()).count();
            let good = answers.iter().filter(|answer| matches!(answer.outcome, Some(Ok(())))).count();
            match answers.len() {
                0 => String::new(),
                all if done < all => format!("{done} of {all} answered"),
                all => format!("{good} of {all} succeeded"),
            }
        })
    });
    view! {
        <section class="panel" aria-labelledby="calls-heading">
            <h2 id="calls-heading">"Protected calls"</h2>
            <p>
                "Each of these needs an access token. When it has run out, they all wait for one refresh \
                 and are sent again. Watch the network panel, or wait for the token to expire and call again."
            </p>
            <noscript><p class="notice">"Your browser makes these calls with WebAssembly, which is switched off."</p></noscript>
            <form class="row" on:submit=submit>
                <label for="calls-count">"Calls at once"</label>
                <input id="calls-count" type="number" min="1" max=AT_MOST.to_string() value="20" node_ref=number />
                <button class="button button-small">"Call now"</button>
                <span class="panel-summary" role="status"><LiveText text=summary /></span>
            </form>
            <ul class="results" aria-label="Results">
                <For each=move || answers.get() key=|answer| (answer.index, answer.text()) let:answer>
                    <li class="result" class:result-good=matches!(answer.outcome, Some(Ok(()))) class:result-bad=matches!(answer.outcome, Some(Err(_)))>
                        <code>{answer.call}</code> " " <span>{answer.text()}</span>
                    </li>
                </For>
            </ul>
        </section>
    }
}
