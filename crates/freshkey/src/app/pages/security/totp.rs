//! Adding an authenticator app.

use crate::app::{
    address::use_open_instead,
    api::factors::{AddTotp, ConfirmTotp, factors, waiting_totp},
    brand,
    components::{CallForm, FormCard, FormContext, FormField, Load, Protected, Typed, ticked},
    device,
    error::ApiError,
    paths,
    types::{TotpAnswer, TotpEnrolment},
    wire::load,
};
use leptos::{html, prelude::*};

/// The page.
#[component]
pub fn AddApp() -> impl IntoView {
    brand::set_title("Add an authenticator app");
    let begun = RwSignal::new(0);
    let waiting = load(move || begun.get(), |_| look());
    let foot = || view! { <a href=paths::SECURITY>"Back to security"</a> };
    view! {
        <Protected>
            <FormCard title="Add an authenticator app" foot>
                <Load data=waiting let:waiting>
                    {match waiting {
                        (Some(totp), has_codes) => view! { <Confirm totp has_codes /> }.into_any(),
                        (None, _) => view! { <Begin begun /> }.into_any(),
                    }}
                </Load>
            </FormCard>
        </Protected>
    }
}

/// Loads the pending app, and whether the account has recovery codes.
async fn look() -> Result<(Option<TotpEnrolment>, bool), ApiError> {
    let waiting = waiting_totp().await?;
    Ok((waiting, factors().await?.recovery_codes.left > 0))
}

#[component]
fn Begin(begun: RwSignal<u32>) -> impl IntoView {
    view! {
        <p class="card-lead">"An app on your phone shows a new code every 30 seconds, which you type after your password. It needs no network."</p>
        <CallForm page=paths::SECURITY_TOTP button="Set up an app" done=move |_: TotpEnrolment| begun.update(|begun| *begun += 1)
            input=|form| AddTotp { name: Some(form.text("name")), challenge: None }>
            <FormField name="name" label="Name" optional=true />
        </CallForm>
    }
}

#[component]
fn Confirm(totp: TotpEnrolment, has_codes: bool) -> impl IntoView {
    let id = totp.id.clone();
    let others = NodeRef::<html::Input>::new();
    let input = move |form: Typed| ConfirmTotp {
        id: id.clone(),
        code: form.text("code").into(),
        end_others: Some(ticked(others)),
        challenge: None,
    };
    let open_instead = use_open_instead();
    let done = move |answer| {
        let told = matches!(answer, TotpAnswer::Added(view) if view.recovery_codes.is_some());
        open_instead.to(if told { paths::SECURITY_RECOVERY_CODES } else { ADDED }.to_owned());
    };
    let next = if has_codes { ADDED } else { paths::SECURITY_RECOVERY_CODES };
    let hidden = totp.id.clone();
    view! {
        <Scan totp />
        <CallForm page=paths::SECURITY_TOTP next=Signal::stored(next.to_owned()) button="Confirm" input done>
            <input type="hidden" name="id" value=hidden />
            <FormField name="code" label="Code" autocomplete="one-time-code" inputmode="numeric" autofocus=true />
            <ClockOff />
            <label class="check">
                <input type="checkbox" name="end_others" node_ref=others />
                "Sign out my other devices"
            </label>
        </CallForm>
    }
}

/// The page that opens once the app is added.
const ADDED: &str = "/app/security?done=app";

/// Shows the seed as a QR code and as text.
#[component]
pub(in crate::app::pages) fn Scan(totp: TotpEnrolment) -> impl IntoView {
    let TotpEnrolment { secret, uri, qr_svg, .. } = totp;
    let secret = secret.reveal().to_owned();
    let fours = secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned());
    // The style sheet spaces the groups, so that the copied text has no spaces.
    let fours = fours.map(|four| view! { <span>{four}</span> <wbr /> }).collect_view();
    view! {
        <div class="scan">
            <p>"Scan this with your authenticator app:"</p>
            <div class="qr" inner_html=qr_svg.reveal().to_owned()></div>
            <p class="quiet">
                "Can't scan it? " <a href=uri.reveal().to_owned() rel="external">"Open the app on this device"</a>
                ", or type this key into it:"
            </p>
            <p class="key"><code>{fours}</code></p>
            <p>"Then type the code that the app shows."</p>
        </div>
    }
}

/// A note in the form of the first code: if the code is wrong because the phone's clock is, it says so.
#[component]
pub(in crate::app::pages) fn ClockOff() -> impl IntoView {
    let FormContext { error, .. } = expect_context();
    let off = move || error.with(|error| error.as_ref()?.clock_off_seconds).map(device::clock_off);
    view! { <div role="status">{move || off().map(|off| view! { <p class="notice">{off}</p> })}</div> }
}
