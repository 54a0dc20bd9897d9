//! All SQL of the library: by table, and by what concerns several tables. SQLite and Postgres share the same text: `$1`
//! placeholders, `RETURNING`, `ON CONFLICT`. Where they differ, the code asks for the `Engine`, or for `locks_rows` and
//! `lock_in_order` (`sessions/changes.rs`).

pub mod account_changes;
pub mod accounts;
pub mod activity;
pub mod backup;
pub mod challenges;
pub mod changes;
mod connection;
pub mod email_keys;
mod error;
mod export;
pub mod factors;
pub mod hooks;
pub mod inspect;
pub mod instances;
pub mod keys;
mod migrations;
pub mod notifications;
pub mod outbox;
pub mod passkeys;
mod queue;
mod readiness;
pub mod removal;
pub mod sessions;
#[cfg(test)]
mod testing;
pub mod throw_away;
pub mod users;
mod writer;

pub use error::{Blame, StoreError};

use crate::settings::Database;
use connection::{Lease, postgres_askers, postgres_pool, settle, sqlite_readers, sqlite_writer};
use error::{is_conflict, timed_out};
use futures::future::BoxFuture;
use hooks::Hooks;
use notifications::Notifier;
use readiness::Readiness;
use sessions::rotations::Rotations;
use sqlx::{
    Any, AnyConnection, AnyPool, FromRow,
    any::{AnyArguments, AnyRow},
    migrate::Migrator,
    query::{Query, QueryAs},
};
use std::{fs::File, io, path::Path, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};
use writer::{Work, Writer};

/// How many times a transaction is tried that conflicts with others.
const ATTEMPTS: u32 = 5;
/// How long a transaction may take before its connection is closed. It is longer than Postgres's own limits, which
/// have no effect when the server is cut off or stopped.
const TRANSACTION_LIMIT: Duration = Duration::from_secs(15);

/// The database.
#[derive(Clone)]
pub struct Store {
    read: AnyPool,
    write: AnyPool,
    engine: Engine,
    readiness: Arc<Readiness>,
    hooks: Hooks,
}

#[derive(Clone)]
enum Engine {
    /// One connection writes, and writes that wait are grouped. Other connections read meanwhile.
    Sqlite(Writer),
    /// One pool for reads and writes.
    Postgres(Postgres),
}

#[derive(Clone)]
struct Postgres {
    /// The URL for the connection that listens.
    url: Arc<str>,
    /// The connections that query ended sessions.
    ask: AnyPool,
    /// Rotates the sessions that wait together in one statement.
    rotations: Rotations,
    /// Tells the other instances which sessions ended.
    notifier: Notifier,
}

impl Store {
    /// Opens the database and runs its migrations. If several instances start at once, one does this and the others
    /// wait.
    ///
    /// # Errors
    /// The database can't be used.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        match database {
            Database::Sqlite(file) => Self::open_sqlite(file).await,
            Database::Postgres(url) => Self::open_postgres(url).await,
        }
    }

    /// Runs the app's hooks when something happens to an account.
    #[must_use]
    pub fn with_hooks(self, hooks: Hooks) -> Self {
        Self { hooks, ..self }
    }

    /// Runs the app's own migrations. Call it after [`Store::open`], which runs the library's.
    ///
    /// # Errors
    /// A migration failed, or was changed after it was applied.
    pub async fn migrate(database: &Database, own: &Migrator) -> Result<(), StoreError> {
        let own = migrations::of_app(own);
        match database {
            Database::Sqlite(file) => {
                let lock = lock_beside(file).await?;
                migrations::sqlite(&sqlite_url(file, "rwc")?, &own).await?;
                drop(lock);
                Ok(())
            }
            Database::Postgres(url) => migrations::postgres(url, &own).await,
        }
    }

    async fn open_sqlite(file: &Path) -> Result<Self, StoreError> {
        let url = sqlite_url(file, "rwc")?;
        let lock = lock_beside(file).await?;
        migrations::sqlite(&url, &migrations::of_sqlite()).await?;
        let (write, read) = (sqlite_writer(&url).await?, sqlite_readers(&url).await?);
        // From here on, a restore sees that the file is in use.
        drop(lock);
        let engine = Engine::Sqlite(Writer::start(write.clone()));
        Ok(Self { read, write, engine, readiness: Arc::default(), hooks: Hooks::default() })
    }

    async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        migrations::postgres(url, &migrations::of_postgres()).await?;
        let pool = postgres_pool(url).await?;
        let (rotations, notifier) = (Rotations::start(pool.clone()), Notifier::start(pool.clone()));
        let engine = Engine::Postgres(Postgres { url: url.into(), ask: postgres_askers(url)?, rotations, notifier });
        let hooks = Hooks::default();
        Ok(Self { read: pool.clone(), write: pool, engine, readiness: Arc::default(), hooks })
    }

    /// Changes rows in a transaction: all of them or none. `work` gets a connection inside the transaction, and the
    /// input. It may run twice, with the first run rolled back, so it must do nothing but SQL.
    ///
    /// # Errors
    /// The database failed; nothing has changed.
    pub async fn write<A, T>(
        &self,
        input: A,
        work: for<'c> fn(&'c mut AnyConnection, A) -> BoxFuture<'c, Result<T, sqlx::Error>>,
    ) -> Result<T, StoreError>
    where
        A: Clone + Send + Sync + 'static,
        T: Send + 'static,
    {
        self.transact(Box::new(move |connection| work(connection, input.clone()))).await
    }

    /// Does the work in a transaction: all of it or nothing. The work may run twice, with the first run rolled back.
    async fn transact<T: Send + 'static>(&self, work: Work<T>) -> Result<T, StoreError> {
        let done = match &self.engine {
            Engine::Sqlite(writer) => writer.write(work).await,
            Engine::Postgres(_) => {
                let pool = self.write.clone();
                // The task completes even if the caller stops waiting.
                tokio::spawn(async move { retried(&pool, &work).await }).await.unwrap_or(Err(StoreError::Panicked))
            }
        };
        self.readiness.note(&done);
        done
    }

    /// Reads rows. If the database does not answer in time, its connection is closed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rows<T>(&self, query: QueryAs<'_, Any, T, AnyArguments>) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let answer = async {
            let mut lease = Lease::take(&self.read).await?;
            let rows = query.fetch_all(lease.connection()?).await;
            lease.give_back();
            rows
        };
        Ok(timeout(TRANSACTION_LIMIT, answer).await.map_err(|_| timed_out())??)
    }

    /// Changes rows with one statement, which is a transaction by itself. Returns the number of rows changed.
    ///
    /// # Errors
    /// The database failed; nothing has changed.
    pub async fn execute(&self, query: Query<'_, Any, AnyArguments>) -> Result<u64, StoreError> {
        let done = async {
            let mut lease = Lease::take(&self.write).await?;
            let done = query.execute(lease.connection()?).await?;
            lease.give_back();
            Ok::<_, sqlx::Error>(done.rows_affected())
        };
        let done = timeout(TRANSACTION_LIMIT, done).await.map_err(|_| timed_out()).flatten().map_err(StoreError::from);
        self.readiness.note(&done);
        done
    }

    /// Closes the connections. SQLite then writes its log back into its file.
    pub async fn close(&self) {
        if let Engine::Postgres(postgres) = &self.engine {
            postgres.ask.close().await;
        }
        self.read.close().await;
        self.write.close().await;
    }
}

fn sqlite_url(file: &Path, mode: &str) -> Result<String, StoreError> {
    let url = url::Url::from_file_path(file)
        .map_err(|()| sqlx::Error::Configuration("the database needs an absolute path".into()))?;
    Ok(format!("sqlite://{}?mode={mode}", url.path()))
}

/// Does the work in its own transaction. Retries if it conflicts with another one.
async fn retried<T>(pool: &AnyPool, work: &Work<T>) -> Result<T, StoreError> {
    for attempt in 1..ATTEMPTS {
        match once(pool, work).await {
            Err(error) if is_conflict(&error) => sleep(Duration::from_millis(5) * attempt).await,
            done => return Ok(done?),
        }
    }
    Ok(once(pool, work).await?)
}

async fn once<T>(pool: &AnyPool, work: &Work<T>) -> Result<T, sqlx::Error> {
    let mut lease = Lease::take(pool).await?;
    let transaction = async {
        let mut transaction = lease.begin(None).await?;
        let done = work(&mut transaction).await;
        Ok::<_, sqlx::Error>(settle(transaction, done).await)
    };
    let (done, has_ended) = timeout(TRANSACTION_LIMIT, transaction).await.map_err(|_| timed_out())??;
    if has_ended {
        lease.give_back();
    }
    done
}

/// Makes start-ups on one SQLite file take turns, because sqlx's migrator takes no lock there. The lock ends with the
/// process that holds it, however it ends.
async fn lock_beside(file: &Path) -> Result<File, StoreError> {
    let mut name = file.as_os_str().to_owned();
    name.push(".lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).truncate(false).write(true).open(name)?;
        file.lock()?;
        Ok::<_, io::Error>(file)
    });
    Ok(locked.await.map_err(|_| StoreError::Panicked)??)
}

#[cfg(test)]
mod tests;
