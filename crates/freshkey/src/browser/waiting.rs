//! Calls that wait for their person: until they have signed in again, or confirmed that it is them.

use futures::channel::oneshot;
use std::{cell::RefCell, thread::LocalKey};

/// The calls that wait for the same.
pub type Waiting = RefCell<Vec<oneshot::Sender<()>>>;

thread_local! {
    /// Those whose session ended under them.
    pub static SIGN_IN: Waiting = const { RefCell::new(Vec::new()) };
    /// Those that need a more recent sign-in.
    pub static STEP_UP: Waiting = const { RefCell::new(Vec::new()) };
}

/// Waits; true once the person has done it, false if they won't.
pub async fn wait(for_what: &'static LocalKey<Waiting>) -> bool {
    let (done, wait) = oneshot::channel();
    for_what.with_borrow_mut(|waiting| waiting.push(done));
    wait.await.is_ok()
}

/// They go on.
pub fn resume(what: &'static LocalKey<Waiting>) {
    for waiting in what.take() {
        // Whoever waited may be gone, with its page.
        let _ = waiting.send(());
    }
}

/// They fail.
pub fn give_up(what: &'static LocalKey<Waiting>) {
    what.take();
}
