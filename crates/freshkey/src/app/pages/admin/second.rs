//! An account's second step, and what an administrator can do about it.

use super::act::{Act, ActButton};
use crate::app::types::AccountView;
use leptos::prelude::*;

/// What an administrator sees of the second step.
#[derive(Clone, Copy, Debug)]
pub(super) struct SecondStep {
    on: bool,
    required: Option<bool>,
    apps: u32,
    passkeys: u32,
    codes: u32,
    devices: u32,
}

impl SecondStep {
    pub(super) fn of(view: &AccountView) -> Self {
        Self {
            on: view.account.two_step,
            required: view.two_step_required,
            apps: view.totp,
            passkeys: view.passkeys,
            codes: view.recovery_codes,
            devices: view.trusted_devices,
        }
    }

    /// Whether there are any factors to remove.
    const fn is_any(self) -> bool {
        self.apps + self.passkeys + self.codes + self.devices > 0
    }
}

/// The section.
#[component]
pub(super) fn Second(id: String, page: String, own: bool, second: SecondStep, run: Action<Act, ()>) -> impl IntoView {
    let SecondStep { on, required, apps, passkeys, codes, devices } = second;
    let asked = match required {
        Some(true) => "Yes, by an administrator",
        Some(false) => "No, by an administrator",
        None => "Server default",
    };
    let facts = [
        ("State", if on { "On".to_owned() } else { "Off".to_owned() }),
        ("Required", asked.to_owned()),
        ("Authenticator apps", apps.to_string()),
        ("Passkeys", passkeys.to_string()),
        ("Recovery codes left", codes.to_string()),
        ("Trusted devices", devices.to_string()),
    ];
    let facts = facts.map(|(name, value)| view! { <dt>{name}</dt> <dd>{value}</dd> });
    let is_required = required == Some(true);
    // Administrators can't lift the requirement for their own account.
    let requires = (!own || !is_required).then(|| {
        let (act, label) = if is_required {
            (Act::RequireTwoStep(id.clone(), false), "Don't require two-step sign-in")
        } else {
            (Act::RequireTwoStep(id.clone(), true), "Require two-step sign-in")
        };
        view! { <ActButton act page=page.clone() label run /> }
    });
    // It takes two presses: the user has to set everything up again.
    let removes = (!own && second.is_any()).then(|| view! {
        <details class="disclosure">
            <summary class="button button-quiet button-small">"Remove factors …"</summary>
            <ActButton act=Act::RemoveFactors(id) page label="Yes, remove them" class="button button-danger button-small" run />
        </details>
    });
    view! {
        <section class="hanging" aria-labelledby="second-heading">
            <h2 id="second-heading">"Two-step sign-in"</h2>
            <dl class="facts">{facts.collect_view()}</dl>
            <div class="account-actions">{requires} {removes}</div>
        </section>
    }
}
