//! Devices that have signed in to an account before. Each has its own count of failures, so that guessing elsewhere
//! can't lock its user out.

use super::{
    auth::{
        device_token::{DeviceId, KnownTo},
        device_trust::Trust,
    },
    cookies::{self, set_cookies},
    device::caller_device,
    settings::CookieName,
    state::AppState,
    store::users::UserRow,
};
use crate::app::types::{Millis, Seconds};
use http::request::Parts;
use leptos::prelude::with_context;

/// How long a device is known: the longest time that browsers keep a cookie.
const DEVICE_KNOWN: Seconds = Millis::from_days(400).whole_seconds();

/// Returns the device, if it has signed in to the account before.
pub(crate) fn known_device(state: &AppState, user: &UserRow) -> Option<DeviceId> {
    with_context(|parts: &Parts| {
        let tokens = cookies::every(&state.settings.http, &parts.headers, CookieName::Device);
        state.devices.verify(tokens, known_to(user))
    })
    .flatten()
}

/// Sets the cookie that gives this browser its own allowance.
pub(crate) fn remember_device(state: &AppState, user: &UserRow) {
    let http = &state.settings.http;
    let issue = |parts: &Parts| {
        let tokens = cookies::every(http, &parts.headers, CookieName::Device);
        state.devices.issue(tokens, &caller_device(), known_to(user))
    };
    if let Some(token) = with_context(issue) {
        set_cookies([cookies::set_short(http, CookieName::Device, &token, DEVICE_KNOWN)]);
    }
}

/// Returns the proofs of trust for this account that the browser sent.
pub(crate) fn shown_trust(state: &AppState, user: &UserRow) -> Vec<Trust> {
    let find = |parts: &Parts| {
        let tokens = cookies::every(&state.settings.http, &parts.headers, CookieName::Trust);
        state.trust.find(tokens, &user.id)
    };
    with_context(find).unwrap_or_default()
}

/// Sets the cookie that proves that the user's account trusts this browser.
pub(crate) fn keep_trust(state: &AppState, user: &str, trust: Trust) {
    let http = &state.settings.http;
    let issue = |parts: &Parts| state.trust.issue(cookies::every(http, &parts.headers, CookieName::Trust), user, trust);
    if let Some(token) = with_context(issue) {
        set_cookies([cookies::set_short(http, CookieName::Trust, &token, DEVICE_KNOWN)]);
    }
}

fn known_to(user: &UserRow) -> KnownTo<'_> {
    KnownTo { user: &user.id, password_changed_at: user.password_changed_at }
}
