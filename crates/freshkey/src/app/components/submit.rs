//! The button that sends a form, and shows while it is being sent.

use super::{changing, fixed, keys::is_key};
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    prelude::*,
    task::spawn_local,
};
use std::future::Future;

/// The button. While the form is being sent it is busy, not disabled: a disabled button loses the focus, and a
/// keyboard user would start again at the top of the page. [`once`] keeps the form from being sent twice.
#[component]
pub fn SubmitButton(
    /// Whether the form is being sent.
    #[prop(into)]
    busy: Signal<bool>,
    /// The button's class.
    #[prop(default = "button")]
    class: &'static str,
    /// The button's accessible name, if its text is too short for that.
    #[prop(optional, into)]
    label: Option<String>,
    /// The button's content.
    children: Children,
) -> impl IntoView {
    view! {
        <button class=class on:keydown=move |event| only_once(&event)
            {..changing("aria-busy", move || busy.get().then_some("true"))} {..fixed(label.map(|label| ("aria-label", label)))}>
            {children()}
        </button>
    }
}

/// Makes a held key press the button only once.
fn only_once(event: &KeyboardEvent) {
    if event.repeat() && is_key(event, "Enter") {
        event.prevent_default();
    }
}

/// Returns a submit handler: the page sends the form instead of the browser, and ignores the event while it is being
/// sent.
pub fn once(busy: impl Into<Signal<bool>>, begin: impl Fn() + 'static) -> impl Fn(SubmitEvent) + 'static {
    let busy = busy.into();
    move |event| {
        event.prevent_default();
        if busy.try_get_untracked() == Some(false) {
            begin();
        }
    }
}

/// Returns a submit handler, and whether the form is being sent. `begin` reads the fields and returns a future that
/// does the rest.
pub fn sending<Call>(begin: impl Fn() -> Call + 'static) -> (impl Fn(SubmitEvent) + 'static, Signal<bool>)
where
    Call: Future<Output = ()> + 'static,
{
    let busy = RwSignal::new(false);
    let submit = once(busy, move || {
        busy.set(true);
        let call = begin();
        spawn_local(async move {
            call.await;
            // The form may be gone by now, and the signal with it.
            let _ = busy.try_set(false);
        });
    });
    (submit, busy.into())
}
