//! The product's name and mark. With `style/tokens.css` and `public/favicon.svg` that is all that a
//! rebrand changes: the README's "Make it yours" says how.

use freshkey::app::brand::{Accent, Brand};
use leptos::prelude::*;

/// Name, mark and what the product is.
pub const BRAND: Brand = Brand {
    name: "Freshkey",
    what: "Sign-in for Rust web apps",
    description: "Sign-in for Rust web apps: accounts, sessions and their protection, in Leptos and axum.",
    mark: || view! { <Mark /> }.into_any(),
    accent: Accent::of(include_str!("../style/tokens.css")),
};

/// The mark beside the name. It takes the colour of the text that it stands in.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
            <circle cx="8" cy="12" r="4.5" />
            <path d="M12.5 12H22M18.5 12v4" />
        </svg>
    }
}
