//! Database connections, and when one returns to its pool.
//!
//! The threat: a transaction fails in a way that leaves its connection in an unknown state. For example, a full disk
//! makes SQLite end the transaction by itself, so that the driver's ROLLBACK fails and so does every later BEGIN on
//! that connection. The choice: a connection returns to its pool only after a COMMIT or ROLLBACK that succeeded.
//! Otherwise it is closed, and the pool opens another one.

use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, Transaction, any::AnyPoolOptions, pool::PoolConnection};
use std::time::Duration;

/// Connections that read from SQLite while one writes.
const READERS: u32 = 4;
/// Connections of each instance to Postgres.
const CONNECTIONS: u32 = 10;
/// The most connections that query ended sessions.
const ASKERS: u32 = 4;
/// The most connections of an instance, including the one that listens.
pub(super) const POSTGRES_AT_MOST: u32 = CONNECTIONS + ASKERS + 1;
/// How long a request waits for a connection before it is told to come back later.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Postgres gives a statement up after ten seconds and a lock after five, and ends a forgotten transaction, so that
/// nothing waits forever.
const POSTGRES_LIMITS: [&str; 3] =
    ["SET statement_timeout = '10s'", "SET lock_timeout = '5s'", "SET idle_in_transaction_session_timeout = '10s'"];

/// A connection for one transaction. If it is dropped early (an error, a panic, a timeout), the connection is closed.
pub(super) struct Lease {
    connection: Option<PoolConnection<Any>>,
}

impl Lease {
    /// Takes a connection from the pool.
    pub(super) async fn take(pool: &AnyPool) -> Result<Self, sqlx::Error> {
        Ok(Self { connection: Some(pool.acquire().await?) })
    }

    /// Begins the transaction, with `sql` if the driver's own BEGIN will not do.
    pub(super) async fn begin(&mut self, sql: Option<&'static str>) -> Result<Transaction<'_, Any>, sqlx::Error> {
        let connection = self.connection()?;
        match sql {
            Some(sql) => connection.begin_with(sql).await,
            None => connection.begin().await,
        }
    }

    /// Returns the connection, for a statement that is a transaction by itself.
    pub(super) fn connection(&mut self) -> Result<&mut AnyConnection, sqlx::Error> {
        Ok(self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)?)
    }

    /// Returns the connection to its pool. Everything that was begun on it must have ended.
    pub(super) fn give_back(mut self) {
        drop(self.connection.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.close_on_drop();
        }
    }
}

/// Commits the transaction, or rolls it back. Also returns whether the transaction has ended for certain.
pub(super) async fn settle<T>(
    transaction: Transaction<'_, Any>,
    done: Result<T, sqlx::Error>,
) -> (Result<T, sqlx::Error>, bool) {
    match done {
        Ok(done) => match transaction.commit().await {
            Ok(()) => (Ok(done), true),
            Err(error) => (Err(error), false),
        },
        Err(error) => (Err(error), transaction.rollback().await.is_ok()),
    }
}

/// Opens the connections that read from SQLite.
pub(super) async fn sqlite_readers(url: &str) -> Result<AnyPool, sqlx::Error> {
    sqlite_pool(READERS).connect(url).await
}

/// Opens the one connection that writes to SQLite.
pub(super) async fn sqlite_writer(url: &str) -> Result<AnyPool, sqlx::Error> {
    sqlite_pool(1).connect(url).await
}

fn sqlite_pool(connections: u32) -> AnyPoolOptions {
    // There is no network in between. All connections are opened now and kept: one that was still being opened when
    // the server stops would be closed after the server, and SQLite's log would stay beside its file.
    AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(prepare_sqlite(connection)))
}

/// Sets WAL, so that reading continues during a write, and FULL, so that a power cut loses nothing that was
/// acknowledged.
pub(super) async fn prepare_sqlite(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for pragma in ["busy_timeout = 5000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"] {
        connection.execute(sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"))).await?;
    }
    Ok(())
}

/// Opens the Postgres connections that requests share.
pub(super) async fn postgres_pool(url: &str) -> Result<AnyPool, sqlx::Error> {
    postgres(CONNECTIONS).connect(url).await
}

/// Opens the connections that query ended sessions, which must not wait behind requests. Usually there is one; the
/// others replace one that does not answer.
pub(super) fn postgres_askers(url: &str) -> Result<AnyPool, sqlx::Error> {
    postgres(ASKERS).test_before_acquire(false).connect_lazy(url)
}

fn postgres(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .after_connect(|connection, _| Box::pin(limit_postgres(connection)))
}

async fn limit_postgres(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for limit in POSTGRES_LIMITS {
        connection.execute(limit).await?;
    }
    Ok(())
}
