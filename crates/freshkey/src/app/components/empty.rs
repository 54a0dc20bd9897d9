//! What an empty list shows.

use super::icon::Shape;
use leptos::prelude::*;

/// A picture, a line that says what is missing, and a line on how to add it.
#[component]
pub fn Empty(
    /// The picture.
    shape: Shape,
    /// Says what is missing.
    #[prop(into)]
    title: String,
    /// Says how to add it.
    #[prop(optional, into)]
    text: String,
) -> impl IntoView {
    view! {
        <div class="empty">
            <svg viewBox="0 0 24 24" aria-hidden="true">
                <circle cx="12" cy="12" r="11.5" stroke="none" />
                <path fill="none" transform="translate(5.4 5.4) scale(.55)" d=shape.path() />
            </svg>
            <p>{title}</p>
            <p>{text}</p>
        </div>
    }
}
