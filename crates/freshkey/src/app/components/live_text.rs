//! A text that changes in the page.

use leptos::{html, prelude::*};

/// The text. It changes even where a translator has put nodes of its own in the place of the text's: those are
/// replaced with it. (The framework changes its own text node, which is no longer in the page.)
#[component]
pub fn LiveText(
    /// What it says.
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
