//! What the pages have in common on which a code from an email is typed.

use crate::app::{
    address::use_query_value,
    api::steps::Resend,
    components::{CallForm, FormField},
    session::Features,
};
use leptos::prelude::*;

/// Where the code was sent to; in development, where to read it.
#[component]
pub(super) fn SentTo(
    /// The address.
    email: String,
    /// What the code is for.
    what: &'static str,
) -> impl IntoView {
    let features: Features = expect_context();
    view! {
        <p class="card-lead">
            "We sent a code " {what} " to " <strong><bdi>{email}</bdi></strong> ". It can take a minute; look into the spam folder, too."
        </p>
        {features
            .mailbox
            .then(|| view! { <p class="notice"><a href="/dev/mailbox" rel="external" target="_blank">"Open the development mailbox"</a></p> })}
    }
}

/// The field for the code.
#[component]
pub(super) fn CodeField(
    /// The step that the code is for.
    challenge: String,
) -> impl IntoView {
    view! {
        <input type="hidden" name="challenge" value=challenge />
        <FormField name="code" label="Code" autocomplete="one-time-code" inputmode="numeric" autofocus=true />
    }
}

/// The button for another email; on this page, without WASM, too.
#[component]
pub(super) fn SendAgain(
    /// The page that the button is on.
    #[prop(into)]
    page: Signal<String>,
    /// The step.
    challenge: String,
) -> impl IntoView {
    let named = challenge.clone();
    let sent_before = use_query_value("sent");
    let sent = RwSignal::new(false);
    let next =
        Signal::derive(move || page.with(|page| format!("{page}{}sent=1", if page.contains('?') { '&' } else { '?' })));
    let said = move || sent.get() || sent_before.with(Option::is_some);
    view! {
        <CallForm page next public=true class="form-again" button="Send a new code" button_class="button button-quiet"
            input=move |_| Resend { challenge: Some(named.clone()) } done=move |_| sent.set(true)>
            <input type="hidden" name="challenge" value=challenge />
        </CallForm>
        <div role="status">{move || said().then(|| view! { <p class="notice">"A new code is on its way."</p> })}</div>
    }
}
