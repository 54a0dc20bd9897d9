//! The hidden fields of every form that changes something, so that it works without WASM.

use super::fixed;
use crate::app::session::Session;
use leptos::prelude::*;

/// The hidden fields. A browser may withhold where a form came from (`Referer`), so the form says it itself.
#[component]
pub fn FormFields(
    /// The page to open after success.
    #[prop(into)]
    next: Signal<String>,
    /// The page that the form is on, with the query needed to show it.
    #[prop(into)]
    page: Signal<String>,
    /// Whether the form works without a session; then it has no CSRF token.
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
