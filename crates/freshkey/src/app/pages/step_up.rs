//! "Confirm it's you", as a page: a form that was sent without WASM and needs a more recent sign-in leads here, and this page
//! back to it.

use super::use_next;
use crate::app::{
    brand,
    components::{ConfirmFields, FormCard, FormFields, HEADING, Protected, SubmitButton, WHY},
    error::Code,
    paths,
    refused_form::use_refusal,
};
use leptos::prelude::*;

/// The page. Its form is the browser's to send, with WASM as well: the server keeps what was typed into the form that
/// needs this, and shows it there.
#[component]
pub fn StepUp() -> impl IntoView {
    brand::set_title(HEADING);
    let (next, refusal) = (use_next(), use_refusal());
    let page = Signal::derive(move || next.with(|next| paths::with_next(paths::STEP_UP, next)));
    let wrong = move || (refusal.get() == Some(Code::Validation)).then(|| "This is not your password.".to_owned());
    view! {
        <Protected>
            // The way back is loaded by the browser, too, for what the server keeps.
            <FormCard title=HEADING lead=WHY foot=move || view! { <a rel="external" href=move || next.get()>"Not now"</a> }>
                <form class="form" method="post" action=paths::API_STEP_UP novalidate>
                    <ConfirmFields id="password" error=Signal::derive(wrong) node=NodeRef::new() />
                    <FormFields next page />
                    <SubmitButton busy=false>"Confirm"</SubmitButton>
                </form>
            </FormCard>
        </Protected>
    }
}
