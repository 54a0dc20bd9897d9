//! Writes to SQLite. It has one writer at a time, and each commit waits for the disk, so waiting work is written
//! together, up to [`TOGETHER`] jobs in one commit. Each caller gets the result of its own job after the commit.
//!
//! Rotations go further: all that wait are one statement. Each statement is a round trip to the thread that runs
//! SQLite, which costs more than the rotation itself.
//!
//! The writing task survives any failure: an error or a panic fails only the job that caused it.

use super::{
    StoreError,
    connection::{Lease, settle},
    queue::{Answer, TOGETHER, WAITING, submit},
    sessions::{
        LiveSession,
        rotations::{ON_SQLITE, Rotation, RotationRequest, rotate},
    },
};
use futures::{FutureExt, future::BoxFuture};
use sqlx::{AnyConnection, AnyPool};
use std::{panic::AssertUnwindSafe, sync::Arc};
use tokio::sync::mpsc;

/// Takes the write lock at the beginning: a transaction that begins by reading could not wait for another process's
/// lock.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// A job inside a transaction. It may run a second time, after the first was rolled back.
pub(super) type Work<T> =
    Box<dyn for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + Sync>;

/// A queue to the task that writes. The task ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Waiting>);

/// A job that waits to be written.
enum Waiting {
    Work(Box<dyn Job>),
    Rotation(Box<Rotation>),
}

impl Writer {
    /// Starts the task, which writes through `pool`.
    pub(super) fn start(pool: AnyPool) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING);
        tokio::spawn(write(pool, waiting));
        Self(jobs)
    }

    /// Queues the job, and waits for its result. The job is done even if the caller stops waiting.
    pub(super) async fn write<T: Send + 'static>(&self, work: Work<T>) -> Result<T, StoreError> {
        submit(&self.0, |answer| Waiting::Work(Box::new(Pending { work, done: None, answer }))).await
    }

    /// Rotates a chain, as [`rotate`] does.
    pub(super) async fn rotate(&self, request: RotationRequest) -> Result<Option<LiveSession>, StoreError> {
        submit(&self.0, |answer| Waiting::Rotation(Box::new(Rotation { request, done: None, answer }))).await
    }
}

impl Waiting {
    fn committed(self) {
        match self {
            Self::Work(job) => job.committed(),
            Self::Rotation(rotation) => rotation.committed(),
        }
    }

    fn failed(self, error: StoreError) {
        match self {
            Self::Work(job) => job.failed(error),
            Self::Rotation(rotation) => rotation.failed(error),
        }
    }
}

trait Job: Send {
    fn run<'a>(&'a mut self, connection: &'a mut AnyConnection) -> BoxFuture<'a, Result<(), sqlx::Error>>;
    fn committed(self: Box<Self>);
    fn failed(self: Box<Self>, error: StoreError);
}

struct Pending<T> {
    work: Work<T>,
    done: Option<T>,
    answer: Answer<T>,
}

impl<T: Send> Job for Pending<T> {
    fn run<'a>(&'a mut self, connection: &'a mut AnyConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async {
            self.done = Some((self.work)(connection).await?);
            Ok(())
        })
    }

    fn committed(self: Box<Self>) {
        if let Some(done) = self.done {
            let _ = self.answer.send(Ok(done));
        }
    }

    fn failed(self: Box<Self>, error: StoreError) {
        let _ = self.answer.send(Err(error));
    }
}

/// Why a batch was not written.
enum Failure {
    /// The database accepted no transaction, so no job is to blame.
    Refused(Arc<sqlx::Error>),
    /// One of the jobs failed, or all of them together.
    Work(StoreError),
}

impl Failure {
    fn refused(error: sqlx::Error) -> Self {
        Self::Refused(Arc::new(error))
    }
}

async fn write(pool: AnyPool, mut waiting: mpsc::Receiver<Waiting>) {
    let mut jobs = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut jobs, TOGETHER).await > 0 {
        let Err(failure) = commit(&pool, &mut jobs).await else {
            jobs.drain(..).for_each(Waiting::committed);
            continue;
        };
        match failure {
            // The waiting callers have waited as long as for a lock, so all are told now, not one after the other.
            Failure::Refused(error) => {
                let waiting = std::iter::from_fn(|| waiting.try_recv().ok());
                let refused = jobs.drain(..).chain(waiting);
                refused.for_each(|job| job.failed(StoreError::Database(Arc::clone(&error))));
            }
            Failure::Work(error) if jobs.len() == 1 => {
                if let Some(job) = jobs.pop() {
                    job.failed(error);
                }
            }
            Failure::Work(_) => one_by_one(&pool, &mut jobs).await,
        }
    }
}

/// Writes each job alone, so that a failure affects no other.
async fn one_by_one(pool: &AnyPool, jobs: &mut Vec<Waiting>) {
    let mut refused = None;
    for mut job in jobs.drain(..) {
        if let Some(error) = &refused {
            job.failed(StoreError::Database(Arc::clone(error)));
            continue;
        }
        match commit(pool, std::slice::from_mut(&mut job)).await {
            Ok(()) => job.committed(),
            Err(Failure::Work(error)) => job.failed(error),
            Err(Failure::Refused(error)) => job.failed(StoreError::Database(Arc::clone(refused.insert(error)))),
        }
    }
}

/// Does all jobs in one transaction, or none.
async fn commit(pool: &AnyPool, jobs: &mut [Waiting]) -> Result<(), Failure> {
    let mut lease = Lease::take(pool).await.map_err(Failure::refused)?;
    let mut transaction = lease.begin(Some(BEGIN)).await.map_err(Failure::refused)?;
    let Ok(done) = AssertUnwindSafe(run(&mut transaction, jobs)).catch_unwind().await else {
        // The lease closes the connection.
        tracing::error!(event = "write_panicked");
        return Err(Failure::Work(StoreError::Panicked));
    };
    let (done, has_ended) = settle(transaction, done).await;
    if has_ended {
        lease.give_back();
    }
    done.map_err(|error| Failure::Work(error.into()))
}

async fn run(connection: &mut AnyConnection, jobs: &mut [Waiting]) -> Result<(), sqlx::Error> {
    let mut rotations = Vec::new();
    for job in jobs {
        match job {
            Waiting::Work(job) => job.run(connection).await?,
            Waiting::Rotation(rotation) => rotations.push(rotation.as_mut()),
        }
    }
    rotate(connection, rotations, ON_SQLITE).await
}

#[cfg(test)]
mod tests;
