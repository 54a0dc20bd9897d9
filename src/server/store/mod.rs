//! All SQL, a file per table. One text that SQLite and Postgres both take: `$1` placeholders,
//! `RETURNING`, `ON CONFLICT`.

pub mod keys;
pub mod sessions;
pub mod users;

use sqlx::{
    AnyConnection, AnyPool, Executor,
    any::AnyPoolOptions,
    migrate::{MigrateError, Migrator},
};
use std::{path::Path, time::Duration};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Connections that read while one writes.
const READERS: u32 = 4;
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
}

/// The database.
///
/// SQLite takes one writer at a time: with one connection for writing they queue here, fairly,
/// instead of in its busy handler; reading goes on beside it.
#[derive(Clone, Debug)]
pub struct Store {
    read: AnyPool,
    write: AnyPool,
}

impl Store {
    /// Opens the SQLite database in `file`, makes it if it is not there, and brings its tables up
    /// to date.
    ///
    /// # Errors
    /// The file can't be used.
    pub async fn open_sqlite(file: &Path) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let url = url::Url::from_file_path(file)
            .map_err(|()| sqlx::Error::Configuration("the database needs an absolute path".into()))?;
        let url = format!("sqlite://{}?mode=rwc", url.path());
        let write = pool(1).connect(&url).await?;
        MIGRATIONS.run(&write).await?;
        let read = pool(READERS).connect(&url).await?;
        Ok(Self { read, write })
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

fn pool(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .after_connect(|connection, _| Box::pin(prepare(connection)))
}

/// WAL, so that reading goes on while one writes; FULL, so that nothing acknowledged is lost to a
/// power cut.
async fn prepare(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for pragma in ["journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000"] {
        connection.execute(sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"))).await?;
    }
    Ok(())
}
