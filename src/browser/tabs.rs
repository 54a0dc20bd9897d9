//! Signing in and out reaches the other tabs: by the fact, in the local storage, of who is signed
//! in here. It is a fact and no proof; what a tab may do, the server decides.

use super::{SESSION, access, reload};
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
    let Some(Session(state)) = SESSION.get() else {
        return;
    };
    let here = state.with_untracked(|state| match state {
        SessionState::SignedIn(view) => Some(view.user.id.clone()),
        _ => None,
    });
    if user == here.as_deref() {
        // Perhaps a new session of the same user: its token is another one.
        access::forget();
    } else if user.is_some() {
        reload();
    } else {
        access::forget();
        state.set(SessionState::SignedOut(Some(EndReason::SignedOut)));
    }
}
