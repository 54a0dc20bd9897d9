//! Calls that wait: until the user has signed in again, until they have confirmed a sensitive action, or until the
//! server answers.

use crate::client::event::Waiting;
use futures::channel::oneshot;
use std::cell::RefCell;

thread_local! {
    /// The calls that wait for each.
    static WAITING: RefCell<[Vec<oneshot::Sender<()>>; 3]> = const { RefCell::new([const { Vec::new() }; 3]) };
}

/// Waits; returns true once it has happened, false if it will not.
pub async fn wait(what: Waiting) -> bool {
    let (done, wait) = oneshot::channel();
    WAITING.with_borrow_mut(|waiting| waiting[what as usize].push(done));
    wait.await.is_ok()
}

/// Lets the waiting calls go on.
pub fn resume(what: Waiting) {
    for waiting in take(what) {
        // The waiting call may be gone with its page.
        let _ = waiting.send(());
    }
}

/// Fails the waiting calls.
pub fn give_up(what: Waiting) {
    drop(take(what));
}

fn take(what: Waiting) -> Vec<oneshot::Sender<()>> {
    WAITING.with_borrow_mut(|waiting| std::mem::take(&mut waiting[what as usize]))
}
