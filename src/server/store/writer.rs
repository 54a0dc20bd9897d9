//! Writing to SQLite. It takes one writer at a time, and each commit waits for the disk: so what
//! waits is written together, up to [`TOGETHER`] pieces of work in one commit. Each caller is
//! answered after the commit, with the outcome of its own work.
//!
//! Rotations go further: all that wait are one statement. Each statement is a way to the thread
//! that runs SQLite and back, which costs more than the rotation itself.

use super::{
    StoreError,
    sessions::{
        SessionRow,
        rotations::{Asked, rotate},
    },
};
use futures::future::BoxFuture;
use sqlx::{AnyConnection, AnyPool, Connection};
use tokio::sync::{mpsc, oneshot};

/// Pieces of work in one commit at the most.
const TOGETHER: usize = 64;
/// Pieces of work that wait at the most; more callers wait to be let in.
const WAITING: usize = 1024;
/// Takes the lock at the beginning: a transaction that begins by reading could not wait for
/// another process's.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// A piece of work inside a transaction. It may be done a second time, after the first was rolled
/// back.
pub(super) type Work<T> =
    Box<dyn for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + Sync>;

/// The way to the task that writes, which ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Waiting>);

/// What waits to be written.
enum Waiting {
    Work(Box<dyn Job>),
    Rotation(Box<Rotation>),
}

struct Rotation {
    asked: Asked,
    done: Option<SessionRow>,
    answer: oneshot::Sender<Result<Option<SessionRow>, sqlx::Error>>,
}

impl Writer {
    /// Starts the task, which writes through `pool`.
    pub(super) fn start(pool: AnyPool) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING);
        tokio::spawn(write(pool, waiting));
        Self(jobs)
    }

    /// Has the work done; it is, whether or not the caller waits for the outcome.
    pub(super) async fn write<T: Send + 'static>(&self, work: Work<T>) -> Result<T, StoreError> {
        let (answer, outcome) = oneshot::channel();
        self.have_done(Waiting::Work(Box::new(Pending { work, done: None, answer })), outcome).await
    }

    /// Has a chain rotated, as [`rotate`] does.
    pub(super) async fn rotate(&self, asked: Asked) -> Result<Option<SessionRow>, StoreError> {
        let (answer, outcome) = oneshot::channel();
        self.have_done(Waiting::Rotation(Box::new(Rotation { asked, done: None, answer })), outcome).await
    }

    async fn have_done<T>(
        &self,
        waiting: Waiting,
        outcome: oneshot::Receiver<Result<T, sqlx::Error>>,
    ) -> Result<T, StoreError> {
        self.0.send(waiting).await.map_err(|_| sqlx::Error::PoolClosed)?;
        Ok(outcome.await.map_err(|_| sqlx::Error::WorkerCrashed)??)
    }
}

impl Waiting {
    fn committed(self) {
        match self {
            Self::Work(job) => job.committed(),
            Self::Rotation(rotation) => drop(rotation.answer.send(Ok(rotation.done))),
        }
    }

    fn failed(self, error: sqlx::Error) {
        match self {
            Self::Work(job) => job.failed(error),
            Self::Rotation(rotation) => drop(rotation.answer.send(Err(error))),
        }
    }
}

trait Job: Send {
    fn run<'a>(&'a mut self, connection: &'a mut AnyConnection) -> BoxFuture<'a, Result<(), sqlx::Error>>;
    fn committed(self: Box<Self>);
    fn failed(self: Box<Self>, error: sqlx::Error);
}

struct Pending<T> {
    work: Work<T>,
    done: Option<T>,
    answer: oneshot::Sender<Result<T, sqlx::Error>>,
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

    fn failed(self: Box<Self>, error: sqlx::Error) {
        let _ = self.answer.send(Err(error));
    }
}

async fn write(pool: AnyPool, mut waiting: mpsc::Receiver<Waiting>) {
    let mut jobs = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut jobs, TOGETHER).await > 0 {
        if jobs.len() > 1 && commit(&pool, &mut jobs).await.is_ok() {
            jobs.drain(..).for_each(Waiting::committed);
            continue;
        }
        // Alone, or one of them failed: each by itself, so that it fails nobody else's.
        for mut job in jobs.drain(..) {
            match commit(&pool, std::slice::from_mut(&mut job)).await {
                Ok(()) => job.committed(),
                Err(error) => job.failed(error),
            }
        }
    }
}

/// Does all of them in one transaction, or none.
async fn commit(pool: &AnyPool, jobs: &mut [Waiting]) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin_with(BEGIN).await?;
    let mut rotations = Vec::new();
    for job in jobs {
        match job {
            Waiting::Work(job) => job.run(&mut transaction).await?,
            Waiting::Rotation(rotation) => rotations.push(rotation.as_mut()),
        }
    }
    if !rotations.is_empty() {
        let asked: Vec<Asked> = rotations.iter().map(|rotation| rotation.asked).collect();
        let mut rotated = rotate(&mut transaction, &asked).await?;
        for rotation in rotations {
            rotation.done = rotated.remove(&rotation.asked.token);
        }
    }
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{settings::Database, store::Store};

    async fn store(folder: &std::path::Path) -> (Store, Writer) {
        let store = Store::open(&Database::Sqlite(folder.join("freshkey.db"))).await.expect("it opens");
        let writer = Writer::start(store.write.clone());
        (store, writer)
    }

    fn insert(id: u32) -> Work<()> {
        Box::new(move |connection| {
            Box::pin(async move {
                let sql =
                    "INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES ($1, $1, $1, '', 0)";
                sqlx::query(sql).bind(id.to_string()).execute(connection).await.map(drop)
            })
        })
    }

    #[tokio::test]
    async fn what_fails_fails_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, writer) = store(folder.path()).await;
        // Each twice: of two, one must fail, and all are written at once.
        let outcomes = futures::future::join_all((0..200).map(|n| writer.write(insert(n / 2)))).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 100);
        let count: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM users").fetch_one(&store.read).await.expect("a count");
        assert_eq!(count.0, 100);
        store.close().await;
    }

    #[tokio::test]
    async fn what_is_answered_is_committed_and_the_log_does_not_grow() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, writer) = store(folder.path()).await;
        for round in 0..40 {
            let written = futures::future::join_all((0..100).map(|n| writer.write(insert(round * 100 + n)))).await;
            assert!(written.iter().all(Result::is_ok));
            let count: (i64,) =
                sqlx::query_as("SELECT COUNT(*) FROM users").fetch_one(&store.read).await.expect("a count");
            assert_eq!(count.0, i64::from(round + 1) * 100);
        }
        let log = std::fs::metadata(folder.path().join("freshkey.db-wal")).expect("a log").len();
        assert!(log < 16 << 20, "{log} bytes");
        store.close().await;
    }
}
