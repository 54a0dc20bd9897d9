//! The button that sends a form, and shows that it is being sent.

use super::{changing, fixed, keys::is_key};
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    prelude::*,
    task::spawn_local,
};
use std::future::Future;

/// The button. While its form is under way it is busy, not disabled: a disabled button drops the
/// focus, and who works with the keyboard starts at the top of the page again. What keeps a form
/// from being sent twice is [`once`].
#[component]
pub fn SubmitButton(
    /// Whether the form is under way.
    #[prop(into)]
    busy: Signal<bool>,
    /// How it looks.
    #[prop(default = "button")]
    class: &'static str,
    /// What it is called, where what it shows is too short for that.
    #[prop(optional, into)]
    label: Option<String>,
    /// What it shows.
    children: Children,
) -> impl IntoView {
    view! {
        <button class=class on:keydown=move |event| only_once(&event)
            {..changing("aria-busy", move || busy.get().then_some("true"))} {..fixed(label.map(|label| ("aria-label", label)))}>
            {children()}
        </button>
    }
}

/// A key that is held presses the button once.
fn only_once(event: &KeyboardEvent) {
    if event.repeat() && is_key(event, "Enter") {
        event.prevent_default();
    }
}

/// A form's submit handler: the page sends it, not the browser, and not while it is under way.
pub fn once(busy: impl Into<Signal<bool>>, begin: impl Fn() + 'static) -> impl Fn(SubmitEvent) + 'static {
    let busy = busy.into();
    move |event| {
        event.prevent_default();
        if busy.try_get_untracked() == Some(false) {
            begin();
        }
    }
}

/// A form's submit handler, and whether it is under way. `begin` reads the fields, what it gives back
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
