//! What the five parts are made of.

use crate::app::error::ApiError;
use leptos::prelude::*;

/// A few lines of the code behind a part.
#[derive(Clone, Copy)]
pub(super) struct Code {
    /// Where they stand.
    pub(super) file: &'static str,
    /// The lines.
    pub(super) text: &'static str,
}

/// A link to a standard: its name and its address.
pub(super) type Standard = (&'static str, &'static str);

/// A part of the page: what it is about, then what is live, then where it comes from.
#[component]
pub(super) fn Part(
    /// For the table of contents.
    id: &'static str,
    /// Its heading.
    title: &'static str,
    /// The code behind it.
    code: Code,
    /// The standards behind it.
    standards: &'static [Standard],
    /// What it says.
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-heading");
    let links = standards
        .iter()
        .enumerate()
        .map(|(at, (name, address))| view! { {(at > 0).then_some(" · ")} <a href=*address>{*name}</a> })
        .collect_view();
    view! {
        <section class="lab-part" id=id aria-labelledby=heading.clone() tabindex="-1">
            <h2 id=heading.clone()>{title}</h2>
            {children()}
            <details class="lab-code">
                <summary>"The code behind it: " <code>{code.file}</code></summary>
                <pre tabindex="0" role="region" aria-label=format!("Code from {}", code.file)><code>{code.text}</code></pre>
            </details>
            <p class="lab-standards">"Standards: " {links}</p>
        </section>
    }
}

/// Whether the page is live: a button before that would do nothing.
pub(super) fn hydrated() -> ReadSignal<bool> {
    let (live, set) = signal(false);
    // Effects run in the browser only.
    Effect::new(move |_| set.set(true));
    live
}

/// A button that waits for the page to be live, and for what it has begun.
#[component]
pub(super) fn Run(
    /// What it says.
    #[prop(into)]
    label: Signal<String>,
    /// Whether something is under way.
    busy: RwSignal<bool>,
    /// Whether it is the lesser one of two.
    #[prop(optional)]
    quiet: bool,
    /// What it does.
    run: impl Fn() + 'static,
) -> impl IntoView {
    let live = hydrated();
    let press = move |_| {
        if !busy.get_untracked() {
            run();
        }
    };
    view! {
        <button
            type="button"
            class="button"
            class:button-quiet=quiet
            disabled=move || !live.get()
            aria-busy=move || busy.get().to_string()
            on:click=press
        >
            {label}
        </button>
    }
}

/// What a person is told when a part can't go on.
pub(super) fn told(error: &ApiError) -> String {
    match error.retry_after {
        Some(seconds) => format!("{} ({seconds} s)", error.message),
        None => error.to_string(),
    }
}

/// The answer to a call, as it is shown: `200`, or the refusal's status and code.
pub(super) fn status(answer: &Result<(), ApiError>) -> String {
    match answer {
        Ok(()) => "200 OK".to_owned(),
        Err(error) => format!("{} {}", error.code.status(), error.code.text()),
    }
}
