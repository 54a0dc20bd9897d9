//! The way to a task that writes what waits together. How many wait is bounded, and so is how long a
//! caller waits to be let in: then the database is busy.

use super::{StoreError, connection::PATIENCE};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// Pieces of work in one commit at the most.
pub(super) const TOGETHER: usize = 64;
/// Pieces of work that wait at the most; more callers wait to be let in.
pub(super) const WAITING: usize = 1024;

/// Where the task sends what came of a piece of work.
pub(super) type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Hands a piece of work to the task, and waits for what comes of it.
pub(super) async fn have_done<J, T>(
    queue: &mpsc::Sender<J>,
    job: impl FnOnce(Answer<T>) -> J,
) -> Result<T, StoreError> {
    let place = timeout(PATIENCE, queue.reserve()).await.map_err(|_| StoreError::Busy)?;
    let (answer, outcome) = oneshot::channel();
    place.map_err(|_| sqlx::Error::PoolClosed)?.send(job(answer));
    // Dropped without an answer: the work panicked.
    outcome.await.unwrap_or(Err(StoreError::Panicked))
}
