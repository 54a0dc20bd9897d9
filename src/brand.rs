//! The product's name and mark. A rebrand changes only this file, `style/tokens.css` and `public/favicon.svg`: see
//! "Make it yours" in the README.

use freshkey::app::brand::{Accent, Brand};
use leptos::prelude::*;

/// The product's name, mark and description.
pub const BRAND: Brand = Brand {
    name: "Freshkey",
    what: "Sign-in for Rust web apps",
    description: "Sign-in for Rust web apps: accounts, sessions and their protection, in Leptos and axum.",
    mark: || view! { <Mark /> }.into_any(),
    accent: Accent::of(include_str!("../style/tokens.css")),
    how_it_works: Some(freshkey_lab::PATH),
};

/// The mark beside the name. It takes the colour of the surrounding text.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
            <circle cx="8" cy="12" r="4.5" />
            <path d="M12.5 12H22M18.5 12v4" />
        </svg>
    }
}
