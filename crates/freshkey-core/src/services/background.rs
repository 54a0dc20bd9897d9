//! Writes to the database in the background: everything that waits goes into one commit.

use crate::causes::with_causes;
use crate::store::StoreError;
use futures::FutureExt;
use std::{future::Future, panic::AssertUnwindSafe, time::Duration};
use tokio::{sync::mpsc, task::JoinHandle};

/// The pause after the database could not be reached.
const PAUSE: Duration = Duration::from_secs(1);

/// A queue to the task that writes.
pub struct Background<T>(mpsc::Sender<T>);

impl<T: Clone + Send + 'static> Background<T> {
    /// Starts the task. At most `waiting` entries wait, and at most `together` are written at once. When this is
    /// dropped, the task writes what is left and ends. The log calls it `name`.
    ///
    /// While the database can't be reached, the batch is retried. If the database refuses a batch for another reason,
    /// or writing it panics, its entries are tried one by one. An entry that fails alone is dropped, so that it does
    /// not block the others forever.
    pub fn start<W>(
        name: &'static str,
        waiting: usize,
        together: usize,
        write: impl Fn(Vec<T>) -> W + Send + Sync + 'static,
    ) -> (Self, JoinHandle<()>)
    where
        W: Future<Output = Result<(), StoreError>> + Send + 'static,
    {
        let (new, waiting) = mpsc::channel(waiting);
        let task = tokio::spawn(run(name, waiting, together, write));
        (Self(new), task)
    }

    /// Queues an entry; returns `false` if the queue is full.
    pub fn take(&self, new: T) -> bool {
        self.0.try_send(new).is_ok()
    }
}

async fn run<T: Clone, W: Future<Output = Result<(), StoreError>>>(
    name: &'static str,
    mut waiting: mpsc::Receiver<T>,
    together: usize,
    write: impl Fn(Vec<T>) -> W,
) {
    let mut batch = Vec::new();
    // Logged once, until the database accepts a batch again.
    let mut delayed = false;
    while waiting.recv_many(&mut batch, together).await > 0 {
        let mut parts = vec![std::mem::take(&mut batch)];
        while let Some(part) = parts.pop() {
            let written = AssertUnwindSafe(write(part.clone())).catch_unwind().await;
            match written.unwrap_or(Err(StoreError::Panicked)) {
                Ok(()) => delayed = false,
                Err(error) if error.is_passing() => {
                    if !std::mem::replace(&mut delayed, true) {
                        tracing::warn!(event = "background_write_delayed", writes = name, error = %with_causes(&error));
                    }
                    if waiting.is_closed() {
                        return;
                    }
                    parts.push(part);
                    tokio::time::sleep(PAUSE).await;
                }
                Err(_) if part.len() > 1 => parts.extend(part.into_iter().rev().map(|one| vec![one])),
                Err(error) => {
                    tracing::error!(event = "background_write_dropped", writes = name, error = %with_causes(&error));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    type Written = Arc<Mutex<Vec<u32>>>;

    /// Writing 13 always fails, in a given way.
    fn write(batch: Vec<u32>, written: &Written, error: fn() -> StoreError) -> Result<(), StoreError> {
        if batch.contains(&13) {
            return Err(error());
        }
        written.lock().expect("a lock").extend(batch);
        Ok(())
    }

    async fn run_all(error: fn() -> StoreError) -> Vec<u32> {
        let written = Written::default();
        let into = Arc::clone(&written);
        let (background, task) = Background::start("test", 100, 10, move |batch| {
            let into = Arc::clone(&into);
            async move { write(batch, &into, error) }
        });
        assert!((0..30).all(|number| background.take(number)));
        drop(background);
        task.await.expect("it ends");
        let written = written.lock().expect("a lock");
        written.clone()
    }

    #[tokio::test]
    async fn what_always_fails_is_dropped_and_nothing_else() {
        let all_but_one: Vec<u32> = (0..30).filter(|number| *number != 13).collect();
        assert_eq!(run_all(|| sqlx::Error::RowNotFound.into()).await, all_but_one);
        assert_eq!(run_all(|| panic!("as a mistake would")).await, all_but_one);
    }

    #[tokio::test]
    async fn what_the_database_could_not_take_is_written_later() {
        let (attempts, written) = (Arc::new(AtomicUsize::new(0)), Written::default());
        let (tried, into) = (Arc::clone(&attempts), Arc::clone(&written));
        let (background, task) = Background::start("test", 100, 10, move |batch: Vec<u32>| {
            let (tried, into) = (Arc::clone(&tried), Arc::clone(&into));
            async move {
                if tried.fetch_add(1, Ordering::SeqCst) == 0 {
                    return Err(sqlx::Error::PoolTimedOut.into());
                }
                into.lock().expect("a lock").extend(batch);
                Ok(())
            }
        });
        assert!(background.take(1));
        while attempts.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        assert!(background.take(2));
        while written.lock().expect("a lock").len() < 2 {
            tokio::task::yield_now().await;
        }
        drop(background);
        task.await.expect("it ends");
        assert_eq!(*written.lock().expect("a lock"), [1, 2]);
    }
}
