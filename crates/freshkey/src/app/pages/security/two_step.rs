//! Turning two-step sign-in on and off, and what belongs to it: recovery codes, trusted devices.

use super::{Changes, FEW};
use crate::app::{
    address::use_open,
    api::factors::{ForgetDevices, MakeRecoveryCodes, set_two_step},
    components::{CallForm, FormAlert, FormFields, When, sending},
    device,
    error::ApiError,
    paths,
    session::PageFacts,
    types::{FactorsView, Millis, RecoveryCodes},
};
use leptos::prelude::*;

/// The switch.
#[component]
pub(super) fn Switch(view: FactorsView, changes: Changes) -> impl IntoView {
    let FactorsView { two_step: on, required, totp, passkeys, recovery_codes, .. } = view;
    let failed = RwSignal::new(None::<ApiError>);
    let fixed = if on { required } else { totp.is_empty() && passkeys.is_empty() };
    let open = use_open();
    let (submit, busy) = sending(move || async move {
        match set_two_step(Some(!on)).await {
            Ok(now) if now.recovery_codes.is_some() => open.to(paths::SECURITY_RECOVERY_CODES.to_owned()),
            Ok(now) if now.two_step => changes.done("Two-step sign-in is on."),
            Ok(_) => changes.done("Two-step sign-in is off. We signed you out everywhere else."),
            Err(error) => failed.set(Some(error)),
        }
    });
    // If there are no recovery codes yet, they are made and shown.
    let next = if !on && recovery_codes.left == 0 { paths::SECURITY_RECOVERY_CODES } else { paths::SECURITY };
    let message = Signal::derive(move || {
        failed.with(|error| error.as_ref().map(|error| error.sentence("on").unwrap_or_else(|| error.to_string())))
    });
    let why = match (on, fixed) {
        (true, true) => "It is required for your account.",
        (true, false) => {
            "Your password alone is not enough: each new sign-in asks for a code or a passkey. Turning it off removes your apps and recovery codes."
        }
        (false, true) => "Add an authenticator app or a passkey first. Then a stolen password is not enough to get in.",
        (false, false) => "Turn it on, and a stolen password is not enough to get in.",
    };
    view! {
        <section class="hanging" aria-labelledby="two-step-heading">
            <div class="sheet-head">
                <h2 id="two-step-heading">"Two-step sign-in"</h2>
                <form class="form-inline" method="post" action=paths::API_TWO_STEP on:submit=submit>
                    <input type="hidden" name="on" value=(!on).to_string() />
                    <FormFields next=next.to_owned() page=paths::SECURITY />
                    <button class="switch" role="switch" aria-checked=on.to_string() aria-labelledby="two-step-heading"
                        aria-describedby="two-step-why" aria-busy=move || busy.get().then_some("true") disabled=fixed></button>
                </form>
            </div>
            <FormAlert message />
            <p class="quiet" id="two-step-why">{why}</p>
        </section>
    }
}

/// How many recovery codes are left.
#[component]
pub(super) fn RecoveryCodesLeft(
    /// The number left.
    left: u32,
    /// When they were made.
    made: Option<Millis>,
    /// Whether two-step sign-in is on.
    on: bool,
) -> impl IntoView {
    let open = use_open();
    let shown = move |_: RecoveryCodes| open.to(paths::SECURITY_RECOVERY_CODES.to_owned());
    let few = match left {
        0 => Some("No recovery code is left. Make new ones.".to_owned()),
        1 => Some("Only one recovery code is left. Make new ones.".to_owned()),
        2..=FEW => Some(format!("Only {left} recovery codes are left. Make new ones.")),
        _ => None,
    };
    view! {
        <section class="hanging" aria-labelledby="codes-heading">
            <div class="sheet-head">
                <h2 id="codes-heading">"Recovery codes"</h2>
                {on.then(|| view! {
                    <CallForm page=paths::SECURITY next=Signal::stored(paths::SECURITY_RECOVERY_CODES.to_owned()) class="form-inline"
                        button="Make new codes" button_class="button button-quiet button-small" input=|_| MakeRecoveryCodes {} done=shown />
                })}
            </div>
            <p class="quiet">"One of these lets you in if you lose your phone or passkey. Each works once."</p>
            {match few {
                _ if !on => view! { <p class="quiet">"They come with two-step sign-in."</p> }.into_any(),
                Some(few) => view! { <p class="notice" role="status">{few}</p> }.into_any(),
                None => view! { <p>{left} " are left" {made.map(|at| view! { ", made " <When at /> })} "."</p> }.into_any(),
            }}
        </section>
    }
}

/// The number of trusted devices, which are not asked for the second step.
#[component]
pub(super) fn TrustedDevices(count: u32, on: bool, changes: Changes) -> impl IntoView {
    let mut trusted = match count {
        0 if !on => "They come with two-step sign-in.".to_owned(),
        0 => "Every device is asked for the second step.".to_owned(),
        1 => "One device is not asked for the second step.".to_owned(),
        several => format!("{several} devices are not asked for the second step."),
    };
    if let Some(life) = expect_context::<PageFacts>().trust_device.filter(|_| count > 0) {
        let each = if count == 1 { "It" } else { "Each" };
        trusted = format!("{trusted} {each} is asked again {} after you trusted it.", device::lasting(life));
    }
    view! {
        <section class="hanging" aria-labelledby="devices-heading">
            <div class="sheet-head">
                <h2 id="devices-heading">"Trusted devices"</h2>
                {(count > 0).then(|| view! {
                    <CallForm page=paths::SECURITY class="form-inline" button="Forget them" button_class="button button-quiet button-small"
                        input=|_| ForgetDevices {} done=move |()| changes.done("Every device is asked again.") />
                })}
            </div>
            <p class="quiet">{trusted}</p>
        </section>
    }
}
