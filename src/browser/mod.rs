//! The client: WebAssembly only.
//!
//! | file | what it does |
//! |---|---|
//! | [`access`] | the access token, in memory and nowhere else |
//! | [`refresh`] | THE refresh, shared by all who wait for it |
//! | [`flight`] | what makes it one in a tab: a future that any number of callers join |
//! | [`turn`] | what makes it one among tabs: a lock that saves requests |
//! | [`tabs`] | what one tab learns, all know |
//! | [`call`] | a server function's way from the browser: attach, refresh once, send once more |
//! | [`waiting`] | calls whose session ended under them, until the person has signed in again |
//! | [`fetch`] | one request, one answer |
//! | [`parts`] | the code of a page that has a file of its own |
//! | [`json`] | what an answer says |
//! | [`lab`] | what the page `/lab` does, with throw-away tokens |
//! | [`presence`] | whether somebody is there, and what is looked after then |
//! | [`network`] | whether the server can be reached, for the page to say |
//! | [`server_clock`] | the server's time, as far as it is known here |

pub mod access;
pub mod call;
pub mod fetch;
pub mod flight;
pub mod json;
pub mod lab;
pub mod network;
pub mod parts;
pub mod presence;
pub mod refresh;
pub mod server_clock;
pub mod tabs;
pub mod turn;
pub mod waiting;

use crate::app::{
    App, notes, paths,
    session::{Network, Session, SessionState, SessionView},
    types::{EndReason, TokenAnswer},
};
use leptos::{mount::hydrate_from_async, prelude::*, tachys::dom::body};
use std::cell::Cell;
use tabs::Said;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

thread_local! {
    static SESSION: Cell<Option<Session>> = const { Cell::new(None) };
}

/// Takes over the page that the server rendered.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    spawn_local(async {
        hydrate_from_async(body(), App).await.forget();
        // The attribute is for tests and for style sheets; nothing depends on it.
        let _ = body().set_attribute("data-hydrated", "");
    });
}

/// Lets the client set the page's session and network.
pub fn attach(session: Session, network: Network) {
    SESSION.set(Some(session));
    network::attach(network);
    tabs::open();
    presence::watch();
    // The server could not say. By now it may; the page changes when the answer comes.
    if session.0.with_untracked(|state| *state == SessionState::Unknown) {
        spawn_local(async { drop(refresh::instead_of(None).await) });
    }
}

/// Milliseconds since 1970 on the server's clock; on this machine's while the server's is not known.
#[expect(clippy::cast_possible_truncation, reason = "a moment after 1970")]
pub fn now() -> i64 {
    let server = server_clock::now().and_then(|now| i64::try_from(now).ok());
    server.unwrap_or_else(|| js_sys::Date::now() as i64)
}

/// The user that the page was made for, while it shows what is his.
fn page_user() -> Option<String> {
    let Session(state) = SESSION.get()?;
    state.with_untracked(|state| state.view().map(|view| view.user.id.clone()))
}

/// Whether the page waits for its user to sign in again.
fn is_interrupted() -> bool {
    let interrupted = |state: &SessionState| matches!(state, SessionState::Interrupted(..));
    SESSION.get().is_some_and(|Session(state)| state.with_untracked(interrupted))
}

/// This user is signed in here. False if the page was made for another one: then it starts afresh,
/// and nothing that it had begun is sent in the name of the new one.
fn signed_in_here(answer: &TokenAnswer) -> bool {
    let Some(Session(state)) = SESSION.get() else { return true };
    if page_user().is_some_and(|user| user != answer.user.id) {
        access::forget();
        // A page that can't be loaded again stays as it is.
        let _ = window().location().reload();
        return false;
    }
    let now = SessionView { user: answer.user.clone(), csrf_token: answer.csrf_token.reveal().to_owned() };
    let now = SessionState::SignedIn(now);
    if state.with_untracked(|before| *before != now) {
        state.set(now);
    }
    waiting::resume();
    true
}

/// The person signed out: the tokens are forgotten, the page and the other tabs are told.
pub fn signed_out(reason: Option<EndReason>) {
    tabs::say(&Said::SignedOut);
    signed_out_here(reason);
}

/// The person will not sign in again over this page. Others may: what was typed there is not lost.
pub fn leave(reason: Option<EndReason>) {
    signed_out_here(reason);
}

fn signed_out_here(reason: Option<EndReason>) {
    access::forget();
    waiting::give_up();
    if let Some(Session(state)) = SESSION.get() {
        state.set(SessionState::SignedOut(reason));
    }
}

/// The server said that the session is over: the tokens are forgotten, the page and the other tabs
/// are told.
fn over(reason: Option<EndReason>) {
    tabs::say(&Said::Over(reason));
    over_here(reason);
}

/// A page that shows what is the user's stays as it is, with all that was typed, and asks to sign in
/// again. The first word on why stands: the cookie goes with it, and who asks once more, for a call that
/// came back late, is told of no reason.
fn over_here(reason: Option<EndReason>) {
    let Some(Session(state)) = SESSION.get() else { return access::forget() };
    let (view, known) = state.with_untracked(|state| (state.view().cloned(), state.reason()));
    let reason = known.or(reason);
    match view {
        Some(view) if paths::is_protected(&here()) => {
            access::forget();
            state.set(SessionState::Interrupted(view, reason));
        }
        _ => signed_out_here(reason),
    }
}

fn here() -> String {
    window().location().pathname().unwrap_or_default()
}

/// Names the window.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// A new id for something of the user's. It has to be unique among theirs and is no secret, so that
/// any randomness will do.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255, and whole")]
pub fn fresh_id() -> String {
    notes::id_of(std::array::from_fn(|_| (js_sys::Math::random() * 256.0).floor() as u8))
}

#[cfg(test)]
mod tests;
