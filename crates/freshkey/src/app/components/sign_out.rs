//! The button to sign out: a form, so that it works without WASM.

use super::{
    FormFields, LiveText, changing, fixed,
    icon::{Icon, Shape},
    submit::{SubmitButton, sending},
};
use crate::app::{api::account::logout, paths};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The button.
#[component]
pub fn SignOut(
    /// The button's class.
    #[prop(default = "sign-out-button")]
    class: &'static str,
) -> impl IntoView {
    let here = use_location().pathname;
    let failed = RwSignal::new(false);
    let (submit, busy) = sending(move || async move {
        if logout().await.is_err() {
            failed.set(true);
        }
    });
    let why = Signal::derive(move || {
        if failed.get() { "Can't reach the server. You're still signed in." } else { "" }.to_owned()
    });
    view! {
        <form class="sign-out" on:submit={submit} {..fixed([("method", "post"), ("action", paths::API_LOGOUT)])} {..changing("data-failed", move || failed.get().then_some(""))}>
            <FormFields next=paths::LOGIN page=here />
            <SubmitButton busy class>
                <Icon shape=Shape::Leave />
                <span>"Sign out"</span>
            </SubmitButton>
            <span class="sign-out-failed" {..fixed([("role", "status")])}><LiveText text=why /></span>
        </form>
    }
}
