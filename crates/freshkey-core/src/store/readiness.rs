//! Whether the database can be written, tested by writing.

use super::{Store, StoreError};
use freshkey_types::Millis;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long a successful write counts as a probe, so that frequent checks cause few writes.
const STANDS: Duration = Duration::from_millis(250);
/// The length of a probe, in characters. It takes more new pages than a sign-in, so a disk without room for a sign-in
/// has no room for a probe.
const FILLER: usize = 16 * 1024;

/// The results of the last write and the last probe.
#[derive(Default)]
pub(super) struct Readiness {
    /// When a write last succeeded.
    written: Mutex<Option<Instant>>,
    /// Whether a write has failed since the last probe. A small one may succeed where another fails.
    has_failed: AtomicBool,
    /// Only one probe runs at a time. Callers that waited while it ran take its result.
    last: tokio::sync::Mutex<Option<Probe>>,
}

struct Probe {
    began: Instant,
    outcome: Result<(), Arc<StoreError>>,
}

impl Readiness {
    /// Notes the result of a write.
    pub(super) fn note<T>(&self, done: &Result<T, StoreError>) {
        match done {
            Ok(_) => *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now()),
            Err(error) if error.is_passing() => self.has_failed.store(true, Ordering::Relaxed),
            // The fault of the caller or the query. It says nothing about the database.
            Err(_) => {}
        }
    }

    fn was_written(&self) -> bool {
        let written = *self.written.lock().unwrap_or_else(PoisonError::into_inner);
        !self.has_failed.load(Ordering::Relaxed) && written.is_some_and(|written| written.elapsed() < STANDS)
    }
}

impl Store {
    /// Checks that the database can be read and written. While it can't, each call tries again.
    ///
    /// # Errors
    /// The database can't be read or written.
    pub async fn probe(&self, now: Millis) -> Result<(), Arc<StoreError>> {
        let asked = Instant::now();
        let mut last = self.readiness.last.lock().await;
        if let Some(probe) = last.as_ref().filter(|probe| probe.began > asked) {
            return probe.outcome.clone();
        }
        let began = Instant::now();
        let outcome = self.probe_now(now).await.map_err(Arc::new);
        *last = Some(Probe { began, outcome: outcome.clone() });
        outcome
    }

    async fn probe_now(&self, now: Millis) -> Result<(), StoreError> {
        if !self.readiness.was_written() {
            self.write_probe(now).await?;
            self.readiness.has_failed.store(false, Ordering::Relaxed);
        }
        let sql = "SELECT id FROM write_probes LIMIT 1";
        self.rows::<(String,)>(sqlx::query_as(sql)).await.map(drop)
    }

    /// Adds a probe before deleting the last one, so that it needs room.
    async fn write_probe(&self, now: Millis) -> Result<(), StoreError> {
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
