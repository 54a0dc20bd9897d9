//! The components of the page's parts.

use freshkey::app::{
    components::{FormAlert, LiveText},
    error::ApiError,
    types::Seconds,
};
use leptos::prelude::*;
use std::pin::Pin;

/// A few lines of the code behind a part.
#[derive(Clone, Copy)]
pub(super) struct Code {
    /// The file.
    pub(super) file: &'static str,
    /// The lines.
    pub(super) text: &'static str,
}

/// A link to a standard: its name and its URL.
pub(super) type Standard = (&'static str, &'static str);

/// Text that never changes, as HTML. As a view it would be several times as much to download.
pub(super) fn fixed(html: &'static str) -> impl IntoView {
    view! { <div class="lab-text" inner_html=html></div> }
}

/// Rounds a number to be written. The code that writes fractions would be a tenth of what this page downloads.
#[expect(clippy::cast_possible_truncation, reason = "a coordinate, or the milliseconds of a few round trips")]
pub(super) fn whole(number: f64) -> i32 {
    number.round() as i32
}

/// A part of the page: an explanation, something live, and links to code and standards.
#[component]
pub(super) fn Part(
    /// The anchor for the table of contents.
    id: &'static str,
    /// The heading.
    title: &'static str,
    /// The code behind it.
    #[prop(optional, into)]
    code: Option<Code>,
    /// The standards behind it.
    #[prop(optional)]
    standards: &'static [Standard],
    /// The content.
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

/// Whether the page is live; before that, a button would do nothing.
pub(super) fn hydrated() -> ReadSignal<bool> {
    let (live, set) = signal(false);
    // Effects only run in the browser.
    Effect::new(move |_| set.set(true));
    live
}

/// A button's click handler.
pub(super) type Begin = Box<dyn Fn()>;

/// A button that is disabled until the page is live, and busy while its work runs.
#[component]
pub(super) fn Run(
    /// The button's text.
    label: &'static str,
    /// Whether the work is running.
    busy: RwSignal<bool>,
    /// Whether it is the less important one of two buttons.
    quiet: bool,
    /// The click handler. It is boxed: otherwise each type of closure would add another copy of the button to the
    /// download.
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

/// A part's running work, and its error.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) busy: RwSignal<bool>,
    failed: RwSignal<Option<String>>,
}

impl Work {
    pub(super) fn new() -> Self {
        Self { busy: RwSignal::new(false), failed: RwSignal::new(None) }
    }

    /// Runs the work. (Boxed for the same reason.)
    pub(super) fn begin(self, work: Pin<Box<dyn Future<Output = Result<(), ApiError>>>>) {
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            let done = work.await;
            self.failed.try_set(done.err().as_ref().map(told));
            self.busy.try_set(false);
        });
    }
}

/// The buttons of a part, with a line for the result.
#[component]
pub(super) fn Controls(
    work: Work,
    /// The buttons' texts and click handlers, the most important one first.
    buttons: Vec<(&'static str, Begin)>,
    /// The result.
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

/// The answer to a request: outlined while it is only expected, filled once the server has given it.
#[component]
pub(super) fn Answer(
    /// The answer.
    text: Signal<String>,
    /// Whether the server has given it.
    given: Signal<bool>,
) -> impl IntoView {
    let refused = Signal::derive(move || text.with(|text| !text.starts_with('2')));
    view! {
        <code class="answer" class:answer-given=given class:answer-refused=refused><LiveText text /></code>
    }
}

/// The message if a part can't go on.
pub(super) fn told(error: &ApiError) -> String {
    match error.retry_after {
        Seconds::ZERO => error.to_string(),
        wait => format!("{} ({wait} s)", error.message),
    }
}

/// Formats the answer to a call: `200 OK`, or the refusal's status and code.
pub(super) fn status(answer: &Result<(), ApiError>) -> String {
    match answer {
        Ok(()) => "200 OK".to_owned(),
        Err(error) => format!("{} {}", error.code.status(), error.code.text()),
    }
}
