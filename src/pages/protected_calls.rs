//! Several protected calls at once, as dashboards make them: the panel shows the live session, and one refresh that
//! all calls share.

use freshkey::app::{
    api::{me::me, protected::protected},
    components::{LiveText, SessionStrip},
    error::ApiError,
    seam,
};
use leptos::{ev::SubmitEvent, html, prelude::*};

/// The number of calls when the page opens. The first one gets the access token.
const AT_FIRST: usize = 3;
/// The number of calls at a press of the button, unless the user types another number.
const USUALLY: usize = 20;
/// The maximum number of calls.
const AT_MOST: usize = 100;

#[derive(Clone, PartialEq)]
struct Answer {
    index: usize,
    call: &'static str,
    /// `None` while the call is under way.
    outcome: Option<Result<(), ApiError>>,
}

impl Answer {
    fn text(&self) -> String {
        match &self.outcome {
            None => "waiting".to_owned(),
            Some(Ok(())) => "200".to_owned(),
            Some(Err(error)) => error.code.text().to_owned(),
        }
    }
}

/// The summary of the calls: `1 refresh, 20 answers`.
fn summary(answers: &[Answer], refreshes: u32) -> String {
    let count =
        |is: fn(&Option<Result<(), ApiError>>) -> bool| answers.iter().filter(|answer| is(&answer.outcome)).count();
    let (all, done, good) = (answers.len(), count(Option::is_some), count(|outcome| matches!(outcome, Some(Ok(())))));
    let refreshes = match refreshes {
        0 => "No refresh".to_owned(),
        1 => "1 refresh".to_owned(),
        several => format!("{several} refreshes"),
    };
    match all {
        0 => String::new(),
        _ if done < all => format!("{done} of {all} answered"),
        _ if good < all => format!("{refreshes}, {good} answers, {} refused", all - good),
        1 => format!("{refreshes}, 1 answer"),
        _ => format!("{refreshes}, {all} answers"),
    }
}

/// The panel. It makes calls when it opens and whenever the user presses the button.
#[component]
pub fn ProtectedCalls() -> impl IntoView {
    let answers = RwSignal::new(Vec::<Answer>::new());
    let (run, refreshes) = (StoredValue::new(0_u32), RwSignal::new(0_u32));
    let expired = RwSignal::new(false);
    let number = RwSignal::new(USUALLY);
    let next_run = move || {
        run.try_update_value(|run| {
            *run += 1;
            *run
        })
    };
    let call = move |count: usize| {
        let (this_run, before) = (next_run(), seam::refreshes());
        expired.set(false);
        let names = (0..count).map(|index| if index % 2 == 0 { "GET /api/protected" } else { "GET /api/me" });
        answers.set(names.enumerate().map(|(index, call)| Answer { index, call, outcome: None }).collect());
        for index in 0..count {
            leptos::task::spawn_local(async move {
                let outcome = if index % 2 == 0 { protected().await.map(drop) } else { me().await.map(drop) };
                // By now the page may be gone, or have started another run.
                if this_run.is_some() && run.try_get_value() == this_run {
                    refreshes.set(seam::refreshes() - before);
                    answers.update(|answers| answers[index].outcome = Some(outcome));
                }
            });
        }
    };
    // Effects only run in the browser.
    Effect::new(move |_| call(AT_FIRST));
    let input = NodeRef::<html::Input>::new();
    let typed = move || {
        input
            .try_get_untracked()
            .flatten()
            .and_then(|input| input.value().parse().ok())
            .unwrap_or(USUALLY)
            .clamp(1, AT_MOST)
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        call(typed());
    };
    let expire = move |_| {
        seam::expire_token();
        next_run();
        answers.set(Vec::new());
        expired.set(true);
    };
    let says = Signal::derive(move || {
        if expired.get() {
            return "The token is expired. The next calls get a 401.".to_owned();
        }
        answers.with(|answers| summary(answers, refreshes.get()))
    });
    view! {
        <section class="panel" aria-labelledby="calls-heading">
            <h2 id="calls-heading">"Live session"</h2>
            <p>"Expire the token, then call: one refresh, every call retried."</p>
            <SessionStrip />
            <noscript><p class="notice">"Your browser makes these calls with WebAssembly, which is switched off."</p></noscript>
            <form class="row" on:submit=submit>
                <button type="button" class="button button-quiet" on:click=expire>"Expire the token now"</button>
                <button class="button">{move || format!("Call {} times", number.get())}</button>
                <label class="calls-number">
                    <span>"Calls at once"</span>
                    <input type="number" inputmode="numeric" min="1" max=AT_MOST.to_string() value=USUALLY.to_string()
                        on:input=move |_| number.set(typed()) node_ref=input />
                </label>
            </form>
            <p class="panel-summary" role="status"><LiveText text=says /></p>
            <ul class="results" aria-label="Results">
                <For each=move || answers.get() key=|answer| (answer.index, answer.text()) let:answer>
                    <li class="result" class:result-good=matches!(answer.outcome, Some(Ok(()))) class:result-bad=matches!(answer.outcome, Some(Err(_)))
                        title=answer.call>
                        <span class="unseen">{answer.call}</span> " " {answer.text()}
                    </li>
                </For>
            </ul>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use freshkey::app::error::Code;

    #[test]
    fn what_came_of_the_calls_is_counted() {
        let answer = |outcome| Answer { index: 0, call: "GET /api/me", outcome };
        let good = || answer(Some(Ok(())));
        assert_eq!(summary(&[], 0), "");
        assert_eq!(summary(&[good(), answer(None)], 0), "1 of 2 answered");
        assert_eq!(summary(&[good(), good()], 1), "1 refresh, 2 answers");
        assert_eq!(summary(&[good()], 0), "No refresh, 1 answer");
        let refused = answer(Some(Err(Code::Forbidden.into())));
        assert_eq!(summary(&[good(), refused], 2), "2 refreshes, 1 answers, 1 refused");
    }
}
