//! Whether the server can be reached, shown as one quiet line, and the retries until it is.

use super::{page, presence};
use crate::app::session::{Network, NetworkState};
use futures::channel::oneshot;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use wasm_bindgen_futures::spawn_local;

/// Milliseconds before the first retry; doubles each time.
const PAUSE_MS: u32 = 2000;
/// The longest pause, in milliseconds.
const LONGEST_PAUSE_MS: u32 = 30_000;

thread_local! {
    static STATE: Cell<NetworkState> = const { Cell::new(NetworkState::Fine) };
    /// The signal that the page shows.
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

/// Records that the server answered.
pub(super) fn reached() {
    set(NetworkState::Fine);
    for waiting in WAITING.take() {
        // The waiting task may be gone with its page.
        let _ = waiting.send(());
    }
}

/// Waits for the server's next answer, after a request got none.
pub(super) async fn back() {
    let (reached, wait) = oneshot::channel();
    WAITING.with_borrow_mut(|waiting| waiting.push(reached));
    // The sender is never dropped before it sends.
    let _ = wait.await;
}

/// Waits before a retry after `failures` failures in a row: until the server answers, and longer each time if only
/// this call keeps failing.
pub async fn back_after(failures: u32) {
    if !fine() {
        back().await;
    }
    if failures > 1 {
        let pause = PAUSE_MS << (failures - 2).min(4);
        TimeoutFuture::new(super::refresh::jittered(pause.min(LONGEST_PAUSE_MS))).await;
    }
}

/// Records that no answer came. The page says so, and the client retries until one does.
pub(super) fn lost() {
    set(if window().navigator().on_line() { NetworkState::Unreachable } else { NetworkState::Offline });
    keep_trying();
}

/// Records that the server is too busy.
pub(super) fn busy() {
    set(NetworkState::Busy);
    keep_trying();
}

fn set(state: NetworkState) {
    if STATE.replace(state) != state {
        show();
    }
}

/// Shows the state on the page, once it is live.
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
                // Don't wait for it: a call whose session is over waits for a sign-in.
                spawn_local(presence::check());
            }
        }
        TRYING.set(false);
    });
}
