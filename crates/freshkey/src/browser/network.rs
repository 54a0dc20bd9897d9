//! Whether the server can be reached, for the page to say in one quiet line; and the way back.

use super::{page, presence};
use crate::app::session::{Network, NetworkState};
use futures::channel::oneshot;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use wasm_bindgen_futures::spawn_local;

/// Milliseconds before it is tried again; twice that each time.
const PAUSE_MS: u32 = 2000;
/// Milliseconds at the most.
const LONGEST_PAUSE_MS: u32 = 30_000;

thread_local! {
    static STATE: Cell<NetworkState> = const { Cell::new(NetworkState::Fine) };
    /// Where the page says so.
    static SHOWN: Cell<Option<Network>> = const { Cell::new(None) };
    static WAITING: RefCell<Vec<oneshot::Sender<()>>> = const { RefCell::new(Vec::new()) };
    static TRYING: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn attach(network: Network) {
    SHOWN.set(Some(network));
    if !window().navigator().on_line() {
        lost();
    }
}

/// The server answered.
pub(super) fn reached() {
    set(NetworkState::Fine);
    for waiting in WAITING.take() {
        // Whoever waited may be gone, with its page.
        let _ = waiting.send(());
    }
}

/// Waits for the next answer of the server, after none came.
pub(super) async fn back() {
    let (reached, wait) = oneshot::channel();
    WAITING.with_borrow_mut(|waiting| waiting.push(reached));
    // What is kept here is sent, not dropped.
    let _ = wait.await;
}

/// Waits until what failed so many times in a row may be tried again: until the server answers, and longer
/// each time if it is that call alone which fails.
pub async fn back_after(failures: u32) {
    if !fine() {
        back().await;
    }
    if failures > 1 {
        let pause = PAUSE_MS << (failures - 2).min(4);
        TimeoutFuture::new(super::refresh::jittered(pause.min(LONGEST_PAUSE_MS))).await;
    }
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
    if STATE.replace(state) != state {
        show();
    }
}

/// The page says so, once it is live.
pub(super) fn show() {
    if let Some(Network(shown)) = SHOWN.get().filter(|_| page::is_live())
        && shown.try_get_untracked() != Some(STATE.get())
    {
        shown.set(STATE.get());
    }
}

fn fine() -> bool {
    STATE.get() == NetworkState::Fine
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
