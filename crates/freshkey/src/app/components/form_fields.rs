//! What every form carries that changes something, so that it works without WASM as well.

use super::fixed;
use crate::app::session::Session;
use leptos::prelude::*;

/// The hidden fields. A browser need not say where a form came from (`Referer`): the form says it.
#[component]
pub fn FormFields(
    /// The page to open when all went well.
    #[prop(into)]
    next: Signal<String>,
    /// The page that the form is on, with the query that it needs to be there.
    #[prop(into)]
    page: Signal<String>,
    /// Whether nobody need be signed in: then there is no CSRF token.
    #[prop(optional)]
    public: bool,
) -> impl IntoView {
    let session = Session::get_context();
    view! {
        // Not by a signal of this component's: the end of a session takes the form away, and changes this.
        {(!public).then(|| view! {
            <input value=move || session.csrf_token().unwrap_or_default() {..fixed([("type", "hidden"), ("name", "_csrf")])} />
        }.into_any())}
        <input value=move || next.get() {..fixed([("type", "hidden"), ("name", "next")])} />
        <input value=move || page.get() {..fixed([("type", "hidden"), ("name", "form")])} />
    }
}
