//! What the parts of the page are made of.

use crate::app::{
    components::{FormAlert, LiveText},
    error::ApiError,
};
use leptos::prelude::*;
use std::pin::Pin;

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

/// Text that never changes, as HTML: as a view it would be several times as much to download.
pub(super) fn fixed(html: &'static str) -> impl IntoView {
    view! { <div class="lab-text" inner_html=html></div> }
}

/// A part of the page: what it is about, then what is live, then where it comes from.
#[component]
pub(super) fn Part(
    /// For the table of contents.
    id: &'static str,
    /// Its heading.
    title: &'static str,
    /// The code behind it.
    #[prop(optional, into)]
    code: Option<Code>,
    /// The standards behind it.
    #[prop(optional)]
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
            {code.map(|code| view! {
                <details class="lab-code">
                    <summary>"The code behind it: " <code>{code.file}</code></summary>
                    <pre tabindex="0" role="region" aria-label=format!("Code from {}", code.file)><code>{code.text}</code></pre>
                </details>
                <p class="lab-standards">"Standards: " {links}</p>
            })}
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

/// What a button begins.
pub(super) type Begin = Box<dyn Fn()>;

/// A button that waits for the page to be live, and for what it has begun.
#[component]
pub(super) fn Run(
    /// What it says.
    label: &'static str,
    /// Whether something is under way.
    busy: RwSignal<bool>,
    /// Whether it is the lesser one of two.
    quiet: bool,
    /// What it does. (Boxed: a button of each kind of closure would be downloaded as often.)
    run: Begin,
) -> impl IntoView {
    let live = hydrated();
    let press = move |_| {
        if busy.try_get_untracked() == Some(false) {
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

/// What is under way in a part, and what went wrong with it.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) busy: RwSignal<bool>,
    failed: RwSignal<Option<String>>,
}

impl Work {
    pub(super) fn new() -> Self {
        Self { busy: RwSignal::new(false), failed: RwSignal::new(None) }
    }

    /// Does it. (Boxed, as above.)
    pub(super) fn begin(self, work: Pin<Box<dyn Future<Output = Result<(), ApiError>>>>) {
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            let done = work.await;
            self.failed.try_set(done.err().as_ref().map(told));
            self.busy.try_set(false);
        });
    }
}

/// The buttons of a part, and in a line what came of them.
#[component]
pub(super) fn Controls(
    work: Work,
    /// The buttons: what they say and do, the important one first.
    buttons: Vec<(&'static str, Begin)>,
    /// What came of it.
    say: Signal<String>,
    /// A field before the buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let runs = buttons.into_iter().enumerate().map(|(at, (label, run))| {
        view! { <Run label busy=work.busy quiet=at != 0 run /> }
    });
    view! {
        <FormAlert message=work.failed />
        <div class="lab-actions">
            {children.map(|children| children())}
            {runs.collect_view()}
            <span class="panel-summary" role="status"><LiveText text=say /></span>
        </div>
    }
}

/// The answer to a request: outlined while it is only to be expected, filled when the server has given it.
#[component]
pub(super) fn Answer(
    /// What it says.
    text: Signal<String>,
    /// Whether the server has said it.
    given: Signal<bool>,
) -> impl IntoView {
    let refused = Signal::derive(move || text.with(|text| !text.starts_with('2')));
    view! {
        <code class="answer" class:answer-given=given class:answer-refused=refused><LiveText text /></code>
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
