//! The client: WebAssembly only.
//!
//! | file | what it does |
//! |---|---|
//! | [`access`] | the access token, in memory and nowhere else |
//! | [`refresh`] | THE refresh, shared by all who wait for it |
//! | [`flight`] | what makes it one: a future that any number of callers join |
//! | [`call`] | a server function's way from the browser: attach, refresh once, send once more |
//! | [`fetch`] | one request, one answer |
//! | [`lab`] | what the page `/lab` does, with throw-away tokens |
//! | [`tabs`] | signing in and out reaches the other tabs |

pub mod access;
pub mod call;
pub mod fetch;
pub mod flight;
pub mod lab;
pub mod refresh;
pub mod server_clock;
pub mod tabs;

use crate::app::{
    App,
    session::{Session, SessionState, SessionView},
    types::{EndReason, TokenAnswer},
};
use leptos::prelude::*;
use std::cell::Cell;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

thread_local! {
    static SESSION: Cell<Option<Session>> = const { Cell::new(None) };
}

/// Takes over the page that the server rendered.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}

/// Lets the client set the page's session, and marks the page as live.
pub fn attach(session: Session) {
    SESSION.set(Some(session));
    tabs::listen();
    match session.0.get_untracked() {
        SessionState::SignedIn(view) => tabs::announce(Some(&view.user.id)),
        // The server could not say. By now it may; the page changes when the answer comes.
        SessionState::Unknown => spawn_local(async { drop(refresh::instead_of(None).await) }),
        SessionState::SignedOut(_) => {}
    }
    if let Some(body) = document().body() {
        // The attribute is for tests and for style sheets; nothing depends on it.
        let _ = body.set_attribute("data-hydrated", "");
    }
}

/// The user that the page was made for, while it shows somebody signed in.
fn page_user() -> Option<String> {
    let Session(state) = SESSION.get()?;
    state.with_untracked(|state| match state {
        SessionState::SignedIn(view) => Some(view.user.id.clone()),
        _ => None,
    })
}

/// A refresh was answered: this user is signed in here. False if the page was made for another one:
/// then it starts afresh, and nothing that it had begun is sent in the name of the new one.
fn still_signed_in(answer: &TokenAnswer) -> bool {
    let Some(Session(state)) = SESSION.get() else { return true };
    if page_user().is_some_and(|user| user != answer.user.id) {
        access::forget();
        reload();
        return false;
    }
    let now = SessionView { user: answer.user.clone(), csrf_token: answer.csrf_token.reveal().to_owned() };
    let now = SessionState::SignedIn(now);
    if state.with_untracked(|before| *before != now) {
        state.set(now);
    }
    true
}

/// Nobody is signed in any more, and why: the tokens are forgotten, the page and the other tabs are
/// told.
pub fn signed_out(reason: Option<EndReason>) {
    access::forget();
    tabs::announce(None);
    if let Some(Session(state)) = SESSION.get() {
        state.set(SessionState::SignedOut(reason));
    }
}

fn reload() {
    // A page that can't be loaded again stays as it is.
    let _ = window().location().reload();
}

#[cfg(test)]
mod tests;
