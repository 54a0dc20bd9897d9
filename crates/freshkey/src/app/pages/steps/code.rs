//! What the pages share that ask for an emailed code.

use crate::app::{
    address::use_query_value,
    api::steps::Resend,
    components::{CallForm, FormField, every},
    session::Features,
    types::{RESEND_AFTER, Seconds},
};
use leptos::prelude::*;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Says where the code was sent, and in development links to the mailbox.
#[component]
pub(super) fn SentTo(
    /// The address.
    email: String,
    /// Whether the code was only sent if the address has an account. The page does not reveal that.
    #[prop(optional)]
    if_account: bool,
) -> impl IntoView {
    let features: Features = expect_context();
    view! {
        <p class="card-lead">
            {if if_account { "If there is an account, we sent a code to " } else { "We sent a code to " }}
            <strong><bdi>{email}</bdi></strong> ". It can take a minute. Check your spam folder, too."
        </p>
        {features
            .mailbox
            .then(|| view! { <p class="notice"><a href="/dev/mailbox" rel="external" target="_blank">"Open the development mailbox"</a></p> })}
    }
}

/// The field for the code.
#[component]
pub(super) fn CodeField(
    /// The step that the code belongs to.
    challenge: String,
) -> impl IntoView {
    view! {
        <input type="hidden" name="challenge" value=challenge />
        <FormField name="code" label="Code" autocomplete="one-time-code" inputmode="numeric" autofocus=true />
    }
}

/// The button to send another email, and how many seconds to wait before pressing it. It stays on this page, even
/// without WASM.
#[component]
pub(in crate::app::pages) fn SendAgain(
    /// The page that the button is on.
    #[prop(into)]
    page: Signal<String>,
    /// The step.
    challenge: String,
    /// How long the user has to wait.
    #[prop(optional)]
    wait: Seconds,
    /// Handles that the step is over.
    #[prop(into)]
    gone: Callback<()>,
    /// Whether the form works without a session.
    #[prop(default = true)]
    public: bool,
) -> impl IntoView {
    let named = challenge.clone();
    let sent_before = use_query_value("sent");
    let sent = RwSignal::new(false);
    let next =
        Signal::derive(move || page.with(|page| format!("{page}{}sent=1", if page.contains('?') { '&' } else { '?' })));
    // Without WASM nothing could count down.
    let left = RwSignal::new(0);
    Effect::new(move |_| left.set(wait.0));
    every(SECOND, move || left.update(|left| *left = (*left - 1).max(0)));
    // Short enough for one line on a narrow phone, so that nothing moves when it goes.
    let when = move || match left.get() {
        0 => String::new(),
        left => format!(" Next code in {left} s."),
    };
    let done = move |_| {
        sent.set(true);
        left.set(RESEND_AFTER.0);
    };
    let said = move || sent.get() || sent_before.with(Option::is_some);
    view! {
        <CallForm page next public class="form-again" button="Send a new code" button_class="button button-quiet"
            input=move |_| Resend { challenge: Some(named.clone()) } gone done>
            <p class="quiet">"No email?" {when}</p>
            <input type="hidden" name="challenge" value=challenge />
        </CallForm>
        <div role="status">{move || said().then(|| view! { <p class="notice">"A new code is on its way."</p> })}</div>
    }
}
