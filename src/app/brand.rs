//! The product's name and mark. With `style/tokens.css` and `public/favicon.svg` that is all that a
//! rebrand changes: the README's "Make it yours" says how.

use super::seam;
use leptos::prelude::*;

/// The name, in the header, in titles and in the footer.
pub const NAME: &str = "Freshkey";

/// What it is, in a few words.
pub const WHAT: &str = "Sign-in for Rust web apps";

/// What it is, in a sentence, for those who find it by a search.
pub const DESCRIPTION: &str = "Sign-in for Rust web apps: accounts, sessions and their protection, in Leptos and axum.";

/// Names the window after a page, in the HTML and in the browser. A page does it first of all.
pub fn set_title(page: &str) {
    seam::set_title(&format!("{page} · {NAME}"));
}

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
