//! "Confirm it's you", as a page. If a form sent without WASM needs a more recent sign-in, the server redirects here,
//! and this page leads back to it.

use super::use_next;
use crate::app::{
    api::step_up::step_up_status,
    brand,
    components::{
        ConfirmFields, FormAlert, FormCard, FormFields, HEADING, Load, Protected, SubmitButton, UsePasskey, WHY,
    },
    error::{ApiError, Code},
    paths,
    refused_form::use_refusal,
    seam,
    types::{Secret, StepUpMethod, StepUpView},
    wire::load,
};
use leptos::prelude::*;

/// The page. The browser sends its form, even with WASM: the server keeps what was typed into the original form and
/// shows it there again.
#[component]
pub fn StepUp() -> impl IntoView {
    brand::set_title(HEADING);
    let (next, how) = (use_next(), load(|| (), |()| step_up_status()));
    view! {
        <Protected>
            // The way back is loaded by the browser, too, for what the server keeps.
            <FormCard title=HEADING lead=WHY foot=move || view! { <a rel="external" href=move || next.get()>"Not now"</a> }>
                <Load data=how let:how>
                    <Form how next />
                </Load>
            </FormCard>
        </Protected>
    }
}

#[component]
fn Form(how: StepUpView, next: Memo<String>) -> impl IntoView {
    let refusal = use_refusal();
    let page = Signal::derive(move || next.with(|next| paths::with_next(paths::STEP_UP, next)));
    let [by_password, by_code] =
        [StepUpMethod::Password, StepUpMethod::Code].map(|method| how.methods.contains(&method));
    // The address does not say which of the two was wrong.
    let wrong = move |is_last: bool, sentence: &'static str| {
        Signal::derive(move || (is_last && refusal() == Some(Code::Validation)).then(|| sentence.to_owned()))
    };
    let (options, failed) = (how.passkey_options.map(|options| options.json()), RwSignal::new(None::<ApiError>));
    let used = move |credential| {
        let call = seam::confirm(Secret::default(), None, Some(credential));
        async move {
            match call.await {
                // Leave by a document load, as after the form.
                Ok(()) => drop(next.try_get_untracked().map(|next| window().location().assign(&next))),
                Err(error) => drop(failed.try_set(Some(error))),
            }
        }
    };
    let errors = [wrong(!by_code, "This is not your password."), wrong(by_code, "The password or the code is wrong.")];
    view! {
        <form class="form" method="post" action=paths::API_STEP_UP novalidate>
            <ConfirmFields ids=["password", "code"] by_password=Signal::stored(by_password) by_code=Signal::stored(by_code)
                errors nodes=[NodeRef::new(), NodeRef::new()] />
            <FormFields next page />
            {(by_password || by_code).then(|| view! { <SubmitButton busy=false>"Confirm"</SubmitButton> })}
        </form>
        <FormAlert message=Signal::derive(move || failed.with(|failed| failed.as_ref().map(ToString::to_string))) />
        <div class="other-way"><UsePasskey options=Signal::stored(options) used failed /></div>
    }
}
