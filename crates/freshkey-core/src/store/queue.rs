//! A queue to a task that writes waiting jobs in one commit. Its length is bounded, and so is the time that a caller
//! waits for a place; after that, the job fails as [`StoreError::Busy`].

use super::{StoreError, connection::PATIENCE};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// The most jobs in one commit.
pub(super) const TOGETHER: usize = 64;
/// The most jobs in the queue. Further callers wait for a place.
pub(super) const WAITING: usize = 1024;

/// Where the task sends the result of a job.
pub(super) type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Hands a job to the task and waits for its result.
pub(super) async fn submit<J, T>(queue: &mpsc::Sender<J>, job: impl FnOnce(Answer<T>) -> J) -> Result<T, StoreError> {
    let place = timeout(PATIENCE, queue.reserve()).await.map_err(|_| StoreError::Busy)?;
    let (answer, outcome) = oneshot::channel();
    place.map_err(|_| sqlx::Error::PoolClosed)?.send(job(answer));
    // It was dropped without an answer, so the job panicked.
    outcome.await.unwrap_or(Err(StoreError::Panicked))
}
