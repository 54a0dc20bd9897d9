//! A button that copies a text.

use super::Toasts;
use crate::app::seam;
use leptos::prelude::*;

/// A button that copies a text to the clipboard. A toast says whether that worked.
#[component]
pub fn CopyButton(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// The button's text.
    #[prop(default = "Copy")]
    label: &'static str,
    /// The button's class. With `live-only`, it is hidden until the page is live: before that, a press does nothing.
    #[prop(default = "live-only button button-quiet button-small")]
    class: &'static str,
) -> impl IntoView {
    let toasts = Toasts::get_context();
    let copy = move |_| {
        let text = text.try_get_untracked().unwrap_or_default();
        leptos::task::spawn_local(async move {
            toasts.say(if seam::copy(&text).await {
                "Copied."
            } else {
                "Your browser did not allow that. Mark the text, and copy it by hand."
            });
        });
    };
    view! { <button type="button" class=class on:click=copy>{label}</button> }
}
