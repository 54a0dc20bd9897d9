//! What every form carries that changes something, so that it works without WASM as well.

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
        {(!public).then(|| view! { <input type="hidden" name="_csrf" value=move || session.csrf_token() /> })}
        <input type="hidden" name="next" value=move || next.get() />
        <input type="hidden" name="form" value=move || page.get() />
    }
}
