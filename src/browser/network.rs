//! Whether the server can be reached, for the page to say in one quiet line; and the way back.

use super::presence;
use crate::app::session::{Network, NetworkState};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use std::cell::Cell;
use wasm_bindgen_futures::spawn_local;

/// Milliseconds before it is tried again; twice that each time.
const PAUSE_MS: u32 = 2000;
/// Milliseconds at the most.
const LONGEST_PAUSE_MS: u32 = 30_000;

thread_local! {
    static NETWORK: Cell<Option<Network>> = const { Cell::new(None) };
    static TRYING: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn attach(network: Network) {
    NETWORK.set(Some(network));
    if !window().navigator().on_line() {
        lost();
    }
}

/// The server answered.
pub(super) fn reached() {
    set(NetworkState::Fine);
}

/// No answer came: the page says so, and it is tried until one does.
pub(super) fn lost() {
    set(if window().navigator().on_line() { NetworkState::Unreachable } else { NetworkState::Offline });
    keep_trying();
}

/// The server answered that it is too busy.
pub(super) fn busy() {
    set(NetworkState::Busy);
    keep_trying();
}

fn set(state: NetworkState) {
    if let Some(Network(network)) = NETWORK.get()
        && network.get_untracked() != state
    {
        network.set(state);
    }
}

fn fine() -> bool {
    NETWORK.get().is_none_or(|Network(network)| network.get_untracked() == NetworkState::Fine)
}

fn keep_trying() {
    if TRYING.replace(true) {
        return;
    }
    spawn_local(async {
        let mut pause = PAUSE_MS;
        while !fine() {
            TimeoutFuture::new(super::refresh::jittered(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE_MS);
            if !fine() && presence::is_visible() {
                // Not waited for: a call whose session is over waits for a sign-in.
                spawn_local(presence::check());
            }
        }
        TRYING.set(false);
    });
}
