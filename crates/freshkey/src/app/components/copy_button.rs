//! A button that copies a text.

use super::Toasts;
use crate::app::seam;
use leptos::prelude::*;

/// A button that copies a text to the clipboard and says so. It appears once the page is live.
#[component]
pub fn CopyButton(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// The button's text.
    #[prop(default = "Copy")]
    label: &'static str,
    /// The button's class, beside that which hides it at first.
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
