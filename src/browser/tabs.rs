//! Signing in and out reaches the other tabs: by the fact, in the local storage, of who is signed
//! in here. It is a fact and no proof; what a tab may do, the server decides.

use super::{SESSION, access, page_user, reload};
use crate::app::{
    session::{Session, SessionState},
    types::EndReason,
};
use gloo_storage::{LocalStorage, Storage};
use leptos::{ev, prelude::*};

/// The user's id, while somebody is signed in.
const KEY: &str = "freshkey.user";

/// Tells the other tabs who is signed in now. A browser that keeps nothing tells nobody.
pub(super) fn announce(user: Option<&str>) {
    match user {
        Some(user) => drop(LocalStorage::set(KEY, user)),
        None => LocalStorage::delete(KEY),
    }
}

/// Hears what the other tabs tell.
pub(super) fn listen() {
    let listener = window_event_listener(ev::storage, |event| {
        if event.key().as_deref() == Some(KEY) {
            heard(LocalStorage::get::<String>(KEY).ok().as_deref());
        }
    });
    // As long as the page.
    std::mem::forget(listener);
}

fn heard(user: Option<&str>) {
    let here = page_user();
    access::forget();
    match (user, SESSION.get()) {
        // Perhaps a new session of the same user: its token is another one, and comes when needed.
        (user, _) if user == here.as_deref() => {}
        (Some(_), _) => reload(),
        (None, Some(Session(state))) => state.set(SessionState::SignedOut(Some(EndReason::SignedOut))),
        (None, None) => {}
    }
}
