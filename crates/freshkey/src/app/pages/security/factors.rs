//! The sections of passkeys and of authenticator apps, with their items.

use super::Changes;
use crate::app::{
    address::use_open,
    api::factors::{AddTotp, RemoveFactor, RenameFactor},
    components::{AddPasskey, CallForm, FormAlert, FormField, Icon, Shape, Typed, When, fixed, passkeys_follow},
    paths,
    refused_form::RefusedForm,
    types::{FactorsView, Millis, PasskeyItem, TotpEnrolment, TotpItem},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// The passkeys.
#[component]
pub(super) fn Passkeys(view: FactorsView, changes: Changes) -> impl IntoView {
    passkeys_follow(view.clone());
    let (none, failed) = (view.passkeys.is_empty(), RwSignal::new(None));
    let item = move |PasskeyItem { id, name, created_at, last_used_at, synced, .. }: PasskeyItem| {
        let kept = if synced { "On your devices" } else { "On one device" };
        view! { <Item kind=Kind::Passkey id name created_at last_used_at kept changes /> }
    };
    view.rp_id.is_some().then(|| view! {
        <section class="hanging" aria-labelledby="passkeys-heading">
            <div class="sheet-head">
                <h2 id="passkeys-heading">"Passkeys"</h2>
                <AddPasskey done=move |_| changes.done("Passkey added.") failed />
            </div>
            <FormAlert message=Signal::derive(move || failed.with(|failed| failed.as_ref().map(ToString::to_string))) />
            <p class="quiet">"Sign in with your fingerprint, your face or your device's PIN: no password, and no second step."</p>
            {none.then(|| view! { <p class="quiet">"You have none yet."</p> })}
            {(!none).then(|| view! { <ul class="sessions">{view.passkeys.into_iter().map(item).collect_view()}</ul> })}
        </section>
    })
}

/// The authenticator apps.
#[component]
pub(super) fn Apps(view: FactorsView, changes: Changes) -> impl IntoView {
    let open = use_open();
    let begun = move |_: TotpEnrolment| open.to(paths::SECURITY_TOTP.to_owned());
    let none = view.totp.is_empty();
    let item = move |TotpItem { id, name, created_at, last_used_at }: TotpItem| {
        view! { <Item kind=Kind::App id name created_at last_used_at changes /> }
    };
    view! {
        <section class="hanging" aria-labelledby="apps-heading">
            <div class="sheet-head">
                <h2 id="apps-heading">"Authenticator apps"</h2>
                <CallForm page=paths::SECURITY next=Signal::stored(paths::SECURITY_TOTP.to_owned()) class="form-inline"
                    button="Add an app" button_class="button button-quiet button-small"
                    input=|_| AddTotp { name: None, challenge: None } done=begun />
            </div>
            <p class="quiet">"An app on your phone shows a new code every 30 seconds, which you type after your password."</p>
            {none.then(|| view! { <p class="quiet">"You have none yet."</p> })}
            {(!none).then(|| view! { <ul class="sessions">{view.totp.into_iter().map(item).collect_view()}</ul> })}
        </section>
    }
}

/// The kind of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Passkey,
    App,
}

impl Kind {
    const fn shape(self) -> Shape {
        match self {
            Self::Passkey => Shape::Key,
            Self::App => Shape::Phone,
        }
    }

    const fn removed(self) -> &'static str {
        match self {
            Self::Passkey => "Passkey removed. We signed you out everywhere else.",
            Self::App => "Authenticator app removed. We signed you out everywhere else.",
        }
    }
}

/// One passkey or app.
#[component]
fn Item(
    kind: Kind,
    id: String,
    name: String,
    created_at: Millis,
    last_used_at: Option<Millis>,
    /// Where it is kept, in words.
    #[prop(optional)]
    kept: &'static str,
    changes: Changes,
) -> impl IntoView {
    let (popover, named) = (format!("rename-{id}"), format!("factor-{id}"));
    let [renamed, removed, hidden] = [(); 3].map(|()| id.clone());
    // The dialog is closed when the page comes back.
    let refused = RefusedForm::about(RenameFactor::PATH, Some(&("id", id.clone())));
    let refused = untrack(|| refused.sentence("name"));
    let rename = move |form: Typed| RenameFactor { id: renamed.clone(), name: form.text("name") };
    let remove = move |_| RemoveFactor { id: removed.clone() };
    let used = match last_used_at {
        Some(at) => view! { "used " <When at /> }.into_any(),
        None => "not used yet".into_any(),
    };
    view! {
        <li class="session" {..fixed([("aria-labelledby", named.as_str())])}>
            <Icon shape=kind.shape() />
            <div class="session-about">
                <p class="session-name" id=named.clone()><bdi>{name.clone()}</bdi></p>
                <p class="session-facts">
                    {(!kept.is_empty()).then(|| view! { {kept} "\u{a0}· " })} "added " <When at=created_at /> "\u{a0}· " {used}
                </p>
                {refused.map(|refused| view! { <p class="field-error"><span>"Not renamed. " {refused}</span></p> })}
            </div>
            <div class="session-acts">
                <button class="button button-quiet button-small" {..fixed([("type", "button"), ("popovertarget", popover.as_str())])}>
                    "Rename"
                </button>
                <CallForm page=paths::SECURITY class="form-inline" button="Remove" button_class="button button-quiet button-small"
                    item=("id", hidden) input=remove done=move |()| changes.done(kind.removed()) />
            </div>
            <div class="dialog" {..fixed([("id", popover.as_str()), ("popover", "auto")])}>
                <h3>"Rename"</h3>
                <CallForm page=paths::SECURITY button="Save" item=("id", id) input=rename
                    done=move |_: FactorsView| changes.done("Name saved.")>
                    <FormField name="name" label="Name" value=name autofocus=true last=true />
                </CallForm>
                <button class="button button-bare" {..fixed([("type", "button"), ("popovertarget", popover.as_str()), ("popovertargetaction", "hide")])}>
                    "Cancel"
                </button>
            </div>
        </li>
    }
}
