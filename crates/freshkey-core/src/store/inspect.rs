//! What `freshkey doctor` needs to know about a database: the settings of a Postgres server, and the running
//! instances. It changes nothing and runs no migrations.

use super::{
    StoreError,
    connection::{PATIENCE, POSTGRES_AT_MOST},
    error::timed_out,
    instances::{InstanceRow, running},
    keys::{KEYS, KeyRow},
    sqlite_url,
};
use crate::settings::Database;
use sqlx::{AnyConnection, Connection};
use tokio::time::timeout;

/// The most connections that an instance opens: for requests, for queries of ended sessions, and one that listens.
pub const POSTGRES_CONNECTIONS: u32 = POSTGRES_AT_MOST;

/// The relevant settings of a Postgres server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresSettings {
    /// Whether a power cut can destroy the database: `fsync` or `full_page_writes` is off.
    pub may_be_destroyed: bool,
    /// Whether a crash can lose the latest acknowledged writes: `synchronous_commit` is off.
    pub may_forget: bool,
    /// Whether it accepts no writes: it is a replica, or set to read-only.
    pub is_read_only: bool,
    /// How many connections are available to users other than its superuser.
    pub connections: i64,
}

/// Reads the settings of a Postgres server.
///
/// # Errors
/// The server can't be reached.
pub async fn postgres_settings(url: &str) -> Result<PostgresSettings, StoreError> {
    sqlx::any::install_default_drivers();
    timeout(PATIENCE, read(url)).await.unwrap_or_else(|_| Err(timed_out().into()))
}

async fn read(url: &str) -> Result<PostgresSettings, StoreError> {
    const SETTINGS: &str = "SELECT current_setting('fsync'), current_setting('full_page_writes'),
        current_setting('synchronous_commit'), current_setting('transaction_read_only'),
        current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint";
    let mut connection = AnyConnection::connect(url).await?;
    let row: (String, String, String, String, i64) = sqlx::query_as(SETTINGS).fetch_one(&mut connection).await?;
    // The row was read. How the connection ends does not matter.
    let _ = connection.close().await;
    let (fsync, full_page_writes, synchronous_commit, read_only, connections) = row;
    Ok(PostgresSettings {
        may_be_destroyed: fsync == "off" || full_page_writes == "off",
        may_forget: synchronous_commit == "off",
        is_read_only: read_only == "on",
        connections,
    })
}

/// What a database says about the instances that run on it.
#[derive(Debug, Default)]
pub struct Inside {
    /// The running instances.
    pub instances: Vec<InstanceRow>,
    /// The keys that they sign with, sealed.
    pub keys: Vec<KeyRow>,
}

/// Reads what the database says about the instances. It is empty if no instance was ever started.
///
/// # Errors
/// The database can't be read.
pub async fn inside(database: &Database) -> Result<Inside, StoreError> {
    sqlx::any::install_default_drivers();
    let (url, is_postgres) = match database {
        Database::Sqlite(file) if !file.exists() => return Ok(Inside::default()),
        Database::Sqlite(file) => (sqlite_url(file, "ro")?, false),
        Database::Postgres(url) => (url.clone(), true),
    };
    let read = async {
        let mut connection = AnyConnection::connect(&url).await?;
        let instances = there(sqlx::query_as(running(is_postgres)).fetch_all(&mut connection).await)?;
        let keys = there(sqlx::query_as(KEYS).fetch_all(&mut connection).await)?;
        let _ = connection.close().await;
        Ok(Inside { instances, keys })
    };
    timeout(PATIENCE, read).await.unwrap_or_else(|_| Err(timed_out().into()))
}

/// Returns the rows, or none if the table does not exist.
fn there<T>(rows: Result<Vec<T>, sqlx::Error>) -> Result<Vec<T>, sqlx::Error> {
    const UNDEFINED_TABLE: &str = "42P01"; // Postgres's; SQLite has no separate code for it
    let is_missing = |error: &sqlx::Error| {
        let error = error.as_database_error();
        error.is_some_and(|error| {
            error.code().is_some_and(|code| code == UNDEFINED_TABLE) || error.message().starts_with("no such table")
        })
    };
    match rows {
        Err(error) if is_missing(&error) => Ok(Vec::new()),
        rows => rows,
    }
}
