//! Whether the database can be written: found out by writing.

use super::{Store, StoreError};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long a write that succeeded stands for the next one: whoever asks often does not write often.
const STANDS: Duration = Duration::from_millis(250);
/// Characters of a probe. It takes more new pages than what a sign-in adds, so that a disk that has no
/// room for a sign-in has none for a probe.
const FILLER: usize = 16 * 1024;

/// When a write last succeeded; none since one failed.
#[derive(Default)]
pub(super) struct Readiness {
    written: Mutex<Option<Instant>>,
    /// One probe at a time; who waits for it takes its outcome.
    probing: tokio::sync::Mutex<()>,
}

impl Readiness {
    /// Takes note of what came of a write.
    pub(super) fn note<T>(&self, done: &Result<T, StoreError>) {
        let written = match done {
            Ok(_) => Some(Instant::now()),
            Err(error) if error.is_passing() => None,
            // The caller's fault, or the query's: it says nothing of the database.
            Err(_) => return,
        };
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = written;
    }

    fn was_written(&self) -> bool {
        let written = *self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.is_some_and(|written| written.elapsed() < STANDS)
    }
}

impl Store {
    /// Whether the database can be read and written. While it can't, each call tries again.
    ///
    /// # Errors
    /// It can't.
    pub async fn probe(&self, now: i64) -> Result<(), StoreError> {
        let _only = self.readiness.probing.lock().await;
        if !self.readiness.was_written() {
            self.write_probe(now).await?;
        }
        sqlx::query("SELECT 1").fetch_all(&self.read).await?;
        Ok(())
    }

    /// Adds a probe before it deletes the last one, so that it needs room.
    async fn write_probe(&self, now: i64) -> Result<(), StoreError> {
        let id = Uuid::now_v7().to_string();
        self.transact(Box::new(move |connection| {
            let id = id.clone();
            Box::pin(async move {
                sqlx::query("INSERT INTO write_probes (id, filler, written_at) VALUES ($1, $2, $3)")
                    .bind(&id)
                    .bind(" ".repeat(FILLER))
                    .bind(now)
                    .execute(&mut *connection)
                    .await?;
                sqlx::query("DELETE FROM write_probes WHERE id <> $1").bind(&id).execute(connection).await.map(drop)
            })
        }))
        .await
    }
}
