//! All SQL, a file per table. One text that SQLite and Postgres both take: `$1` placeholders,
//! `RETURNING`, `ON CONFLICT`.

pub mod accounts;
pub mod activity;
pub mod keys;
pub mod notes;
pub mod notices;
pub mod sessions;
pub mod throw_away;
pub mod users;
mod writer;

use crate::server::settings::Database;
use sqlx::{
    AnyConnection, AnyPool, Connection, Executor,
    any::AnyPoolOptions,
    migrate::{MigrateError, Migrator},
};
use std::{fs::File, io, path::Path, time::Duration};
use writer::{Work, Writer};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Connections that read SQLite while one writes.
const READERS: u32 = 4;
/// Connections to Postgres, of each instance.
const CONNECTIONS: u32 = 10;
/// How long a request waits for a connection before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What the driver says.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrateError),
    /// The file beside the database that start-ups take turns by.
    #[error("its lock file can't be used: {0}")]
    Lock(#[from] io::Error),
}

/// The database.
#[derive(Clone)]
pub struct Store {
    read: AnyPool,
    write: AnyPool,
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    /// One connection writes, what waits is grouped; others read beside it.
    Sqlite(Writer),
    /// One pool for all. Its URL, for the connection that listens.
    Postgres(String),
}

impl Store {
    /// Opens the database, and brings its tables up to date. Of several instances that start at
    /// once, one does so and the others wait.
    ///
    /// # Errors
    /// It can't be used.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        match database {
            Database::Sqlite(file) => Self::open_sqlite(file).await,
            Database::Postgres(url) => Self::open_postgres(url).await,
        }
    }

    async fn open_sqlite(file: &Path) -> Result<Self, StoreError> {
        let url = url::Url::from_file_path(file)
            .map_err(|()| sqlx::Error::Configuration("the database needs an absolute path".into()))?;
        let url = format!("sqlite://{}?mode=rwc", url.path());
        let lock = lock_beside(file).await?;
        // A pool would try again and again, and in the end say only that it gave up.
        let mut first = AnyConnection::connect(&url).await?;
        prepare(&mut first).await?;
        first.close().await?;
        let write = sqlite_pool(1).connect(&url).await?;
        MIGRATIONS.run(&write).await?;
        drop(lock);
        let read = sqlite_pool(READERS).connect(&url).await?;
        let engine = Engine::Sqlite(Writer::start(write.clone()));
        Ok(Self { read, write, engine })
    }

    async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        let pool = AnyPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).connect(url).await?;
        MIGRATIONS.run(&pool).await?;
        Ok(Self { read: pool.clone(), write: pool, engine: Engine::Postgres(url.to_owned()) })
    }

    /// Does the work in a transaction: all of it, or nothing. It may be done twice, the first time
    /// for nothing.
    async fn transact<T: Send + 'static>(&self, work: Work<T>) -> Result<T, StoreError> {
        match &self.engine {
            Engine::Sqlite(writer) => writer.write(work).await,
            Engine::Postgres(_) => {
                let pool = self.write.clone();
                // Whole, whether or not the caller waits for it.
                let done = tokio::spawn(async move {
                    let mut connection = pool.acquire().await?;
                    let mut transaction = connection.begin().await?;
                    let done = work(&mut transaction).await?;
                    transaction.commit().await?;
                    Ok::<_, sqlx::Error>(done)
                });
                Ok(done.await.map_err(|_| sqlx::Error::WorkerCrashed)??)
            }
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").fetch_all(&self.read).await?;
        Ok(())
    }

    /// Closes the connections, which writes SQLite's log back into its file.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

fn sqlite_pool(connections: u32) -> AnyPoolOptions {
    // There is no network between us. All are opened now and kept: one that was still being opened
    // when we stop would be closed after us, and SQLite's log would stay beside its file.
    AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(prepare(connection)))
}

/// WAL, so that reading goes on while one writes; FULL, so that nothing acknowledged is lost to a
/// power cut.
async fn prepare(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for pragma in ["busy_timeout = 5000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"] {
        connection.execute(sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"))).await?;
    }
    Ok(())
}

/// Start-ups on one SQLite file take turns: sqlx's migrator takes no lock there. The lock goes with
/// the process that holds it, however that ends.
async fn lock_beside(file: &Path) -> Result<File, StoreError> {
    let mut name = file.as_os_str().to_owned();
    name.push(".lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).truncate(false).write(true).open(name)?;
        file.lock()?;
        Ok::<_, io::Error>(file)
    });
    Ok(locked.await.map_err(|_| sqlx::Error::WorkerCrashed)??)
}
