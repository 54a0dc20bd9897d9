//! What is written off the request's way: as many as wait in one commit.

use crate::server::store::StoreError;
use std::{future::Future, time::Duration};
use tokio::{sync::mpsc, task::JoinHandle};

/// After the database did not take them.
const PAUSE: Duration = Duration::from_secs(1);

/// The way to the task that writes.
pub struct Background<T>(mpsc::Sender<T>);

impl<T: Clone + Send + 'static> Background<T> {
    /// Starts the task: at most `waiting` wait, and at most `together` are written at once. It ends,
    /// with all written, when this is dropped.
    pub fn start<W>(
        waiting: usize,
        together: usize,
        write: impl Fn(Vec<T>) -> W + Send + Sync + 'static,
    ) -> (Self, JoinHandle<()>)
    where
        W: Future<Output = Result<(), StoreError>> + Send,
    {
        let (new, mut waiting) = mpsc::channel(waiting);
        let task = tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, together).await > 0 {
                while write(batch.clone()).await.is_err() {
                    if waiting.is_closed() {
                        return;
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                batch.clear();
            }
        });
        (Self(new), task)
    }

    /// Has it written; false if too many wait.
    pub fn take(&self, new: T) -> bool {
        self.0.try_send(new).is_ok()
    }
}
