//! A text that changes while the page is open.

use leptos::{html, prelude::*};

/// The text. It also changes if a translator has replaced its text node with nodes of its own: those are replaced.
/// (The framework would change its own text node, which is no longer in the page.)
#[component]
pub fn LiveText(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let (at, first) = (NodeRef::<html::Span>::new(), untrack(|| text.get()));
    let rendered = first.clone();
    Effect::new(move |before: Option<String>| {
        let now = text.get();
        if now != *before.as_ref().unwrap_or(&rendered)
            && let Some(element) = at.try_get_untracked().flatten()
        {
            element.set_text_content(Some(&now));
        }
        now
    });
    view! { <span node_ref=at>{first}</span> }
}
