//! Calls that wait until the user has signed in again, or has confirmed a sensitive action.

use futures::channel::oneshot;
use std::{cell::RefCell, thread::LocalKey};

/// The calls that wait for the same event.
pub type Waiting = RefCell<Vec<oneshot::Sender<()>>>;

thread_local! {
    /// Calls whose session ended meanwhile.
    pub static SIGN_IN: Waiting = const { RefCell::new(Vec::new()) };
    /// Calls that need a more recent sign-in.
    pub static STEP_UP: Waiting = const { RefCell::new(Vec::new()) };
}

/// Waits; returns true once the user has done it, false if they decline.
pub async fn wait(for_what: &'static LocalKey<Waiting>) -> bool {
    let (done, wait) = oneshot::channel();
    for_what.with_borrow_mut(|waiting| waiting.push(done));
    wait.await.is_ok()
}

/// Lets the waiting calls go on.
pub fn resume(what: &'static LocalKey<Waiting>) {
    for waiting in what.take() {
        // The waiting call may be gone with its page.
        let _ = waiting.send(());
    }
}

/// Fails the waiting calls.
pub fn give_up(what: &'static LocalKey<Waiting>) {
    what.take();
}
