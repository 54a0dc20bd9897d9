//! The account's protection (passkeys, authenticator apps, recovery codes, trusted devices) and its activity.

pub(in crate::app::pages) mod activity;
mod factors;
mod recovery_codes;
pub(in crate::app::pages) mod totp;
mod two_step;

pub use recovery_codes::RecoveryCodes;
pub use totp::AddApp;

use crate::app::{
    address::use_query_value,
    api::{activity::activity as events, factors::factors as look},
    brand,
    components::{Icon, Load, Protected, Shape, Toasts},
    types::{ActivityItem, FactorsView},
    wire::{Loaded, load},
};
use activity::Timeline;
use factors::{Apps, Passkeys};
use leptos::{html, prelude::*};
use two_step::{RecoveryCodesLeft, Switch, TrustedDevices};

/// The security page.
#[component]
pub fn Security() -> impl IntoView {
    brand::set_title("Security");
    let (view, list, done) = (load(|| (), |()| look()), load(|| (), |()| events()), use_query_value("done"));
    let changes = Changes { view, list, heading: NodeRef::new(), toasts: Toasts::get_context() };
    let done = move || done.with(|done| done.as_deref().and_then(said));
    view! {
        <Protected>
            <section class="page-head">
                <h1 tabindex="-1" node_ref=changes.heading>"Security"</h1>
                <p class="lead">"What it takes to sign in to your account, and what happened to it."</p>
            </section>
            {move || done().map(|done| view! { <p class="notice notice-page" role="status">{done}</p> })}
            <Load data=view let:view>
                {protected(&view)}
                <Passkeys view=view.clone() changes />
                <Apps view=view.clone() changes />
                <Switch view=view.clone() changes />
                <RecoveryCodesLeft left=view.recovery_codes.left made=view.recovery_codes.created_at on=view.two_step />
                <TrustedDevices count=view.trusted_devices on=view.two_step changes />
            </Load>
            <Timeline list />
        </Protected>
    }
}

/// What to update when something on the page changes.
#[derive(Clone, Copy)]
struct Changes {
    view: Loaded<FactorsView>,
    list: Loaded<Vec<ActivityItem>>,
    heading: NodeRef<html::H1>,
    toasts: Toasts,
}

impl Changes {
    /// Shows a message and reloads the data.
    fn done(self, words: &'static str) {
        self.toasts.say(words);
        self.view.refetch();
        self.list.refetch();
        // The button may be gone or replaced. If the page is gone, there is nothing to focus.
        let _ = self.heading.try_get_untracked().flatten().map(|heading| heading.focus());
    }
}

/// Returns the message for an action done on another page, by its name in the address.
fn said(done: &str) -> Option<&'static str> {
    (done == "app").then_some("Authenticator app added.")
}

/// How well the account is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// Only by the password, or in a way that may lock out its owner.
    Open,
    /// By two steps.
    Good,
    /// By two steps, with a passkey.
    Best,
}

/// Returns the level, and advice in one or two sentences.
fn protection(view: &FactorsView) -> (Level, &'static str) {
    let (codes, has_passkey, passkeys) = (view.recovery_codes.left, !view.passkeys.is_empty(), view.rp_id.is_some());
    match (view.two_step, has_passkey) {
        (false, false) if passkeys => {
            (Level::Open, "Only your password protects your account. Add a passkey or an authenticator app.")
        }
        (false, false) => (Level::Open, "Only your password protects your account. Add an authenticator app."),
        (false, true) => (
            Level::Open,
            "You have a passkey, but your password alone still opens your account. Turn on two-step sign-in.",
        ),
        (true, _) if codes == 0 => (
            Level::Open,
            "A stolen password is not enough, but without recovery codes a lost phone locks you out. Make some.",
        ),
        (true, _) if codes <= FEW => {
            (Level::Good, "A stolen password is not enough. Your recovery codes are running out: make new ones.")
        }
        (true, false) if passkeys => {
            (Level::Good, "A stolen password is not enough. A passkey would be quicker, and can't be phished.")
        }
        (true, false) => (Level::Good, "A stolen password is not enough. There is nothing left to do."),
        (true, true) => (Level::Best, "Your account is as well protected as can be. There is nothing left to do."),
    }
}

/// At this number of recovery codes or fewer, the page warns the user.
const FEW: u32 = 3;

fn protected(view: &FactorsView) -> impl IntoView + use<> {
    let (level, sentence) = protection(view);
    view! { <Protection level sentence /> }
}

#[component]
fn Protection(level: Level, sentence: &'static str) -> impl IntoView {
    let level = match level {
        Level::Open => "open",
        Level::Good => "good",
        Level::Best => "best",
    };
    view! {
        <p class="protection" data-level=level>
            <Icon shape=Shape::Shield />
            <span>{sentence}</span>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::types::Millis;
    use crate::app::types::{PasskeyItem, RecoveryCodesView};

    fn view(two_step: bool, passkey: bool, left: u32) -> FactorsView {
        let item = PasskeyItem {
            id: String::new(),
            credential_id: String::new(),
            name: String::new(),
            created_at: Millis::ZERO,
            last_used_at: None,
            synced: true,
        };
        FactorsView {
            two_step,
            required: false,
            password_changed_at: None,
            totp: Vec::new(),
            passkeys: passkey.then_some(item).into_iter().collect(),
            recovery_codes: RecoveryCodesView { left, created_at: None },
            trusted_devices: 0,
            user_handle: None,
            rp_id: Some("localhost".into()),
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        for (two_step, passkey, left, level, next) in [
            (false, false, 0, Level::Open, "Add a passkey or an authenticator app"),
            (false, true, 0, Level::Open, "Turn on two-step sign-in"),
            (true, true, 0, Level::Open, "Make some"),
            (true, true, 3, Level::Good, "make new ones"),
            (true, false, 10, Level::Good, "A passkey would be quicker"),
            (true, true, 4, Level::Best, "nothing left to do"),
        ] {
            let (is, sentence) = protection(&view(two_step, passkey, left));
            assert_eq!(is, level, "{sentence}");
            assert!(sentence.contains(next), "{sentence}");
        }
        let (_, sentence) = protection(&FactorsView { rp_id: None, ..view(false, false, 0) });
        assert!(!sentence.contains("passkey"), "none is offered where there are none: {sentence}");
    }
}
