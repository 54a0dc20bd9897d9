//! What a list shows that has nothing yet.

use super::icon::Shape;
use leptos::prelude::*;

/// A picture, a line that says what is missing, and one on how it comes to be there.
#[component]
pub fn Empty(
    /// What is drawn.
    shape: Shape,
    /// What is missing.
    #[prop(into)]
    title: String,
    /// How it comes to be there.
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
