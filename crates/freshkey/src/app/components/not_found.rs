//! Nothing is here.

use crate::app::paths;
use leptos::prelude::*;

/// The page for every address that has none.
#[component]
pub fn NotFound() -> impl IntoView {
    crate::app::brand::set_title("Not found");
    view! {
        <section class="card card-narrow">
            <h1>"There is no page here"</h1>
            <p>"The address may have a typing error, or the page has moved."</p>
            <p><a href=paths::HOME>"Go to the front page"</a></p>
        </section>
    }
}
