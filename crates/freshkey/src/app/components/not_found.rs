//! The page for an unknown address.

use super::FormCard;
use crate::app::paths;
use leptos::prelude::*;

/// The page for every address without a page.
#[component]
pub fn NotFound() -> impl IntoView {
    crate::app::brand::set_title("Not found");
    view! {
        <FormCard title="Page not found" lead="Check the address. The page may have moved.">
            <a class="button" href=paths::HOME>"Go to the home page"</a>
        </FormCard>
    }
}
