//! Calls whose session ended under them: they wait until the person has signed in again.

use futures::channel::oneshot;
use std::cell::RefCell;

thread_local! {
    static WAITING: RefCell<Vec<oneshot::Sender<()>>> = const { RefCell::new(Vec::new()) };
}

/// Waits; true once the same person has signed in, false if they won't.
pub async fn for_sign_in() -> bool {
    let (signed_in, wait) = oneshot::channel();
    WAITING.with_borrow_mut(|waiting| waiting.push(signed_in));
    wait.await.is_ok()
}

/// They go on.
pub fn resume() {
    for waiting in WAITING.take() {
        // Whoever waited may be gone, with its page.
        let _ = waiting.send(());
    }
}

/// They fail.
pub fn give_up() {
    WAITING.take();
}
