//! Tasks that must not end while the server runs.

use futures::FutureExt;
use std::{panic::AssertUnwindSafe, time::Duration};

/// The pause before a task is restarted.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs the task forever. If it panics, the panic is logged under its name and the task restarts after a second.
pub async fn forever<T: Future<Output = ()>>(name: &'static str, task: impl Fn() -> T) {
    loop {
        if AssertUnwindSafe(task()).catch_unwind().await.is_err() {
            tracing::error!(event = "task_restarted", task = name);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Notify;

    #[tokio::test]
    async fn a_task_that_panics_is_started_again() {
        let (starts, done) = (AtomicUsize::new(0), Notify::new());
        let task = forever("test", || async {
            assert!(starts.fetch_add(1, Ordering::SeqCst) > 0, "the first one fails");
            done.notify_one();
            std::future::pending::<()>().await;
        });
        futures::future::select(Box::pin(task), Box::pin(done.notified())).await;
        assert_eq!(starts.load(Ordering::SeqCst), 2);
    }
}
