//! Database errors, and who is to blame for them.

use sqlx::{
    error::{DatabaseError, ErrorKind},
    migrate::MigrateError,
    postgres::{PgDatabaseError, PgSeverity},
};
use std::{io, sync::Arc};

/// Why a database operation failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The driver's error. It is shared, because work that is written together fails together.
    #[error(transparent)]
    Database(Arc<sqlx::Error>),
    /// The tables could not be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrateError),
    /// A migration left rows that refer to rows that do not exist.
    #[error("the tables were migrated, but rows of {0} refer to rows that do not exist")]
    Orphans(String),
    /// The lock file beside the database, which serializes start-ups, can't be used.
    #[error("its lock file can't be used")]
    Lock(#[from] io::Error),
    /// The queue of writes stayed full.
    #[error("too many writes wait")]
    Busy,
    /// The work panicked. The panic is in the log.
    #[error("the work panicked")]
    Panicked,
}

/// Who is to blame for an error, and so what the caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The database can't be reached or written, or is busy. Trying again shortly may work.
    Unavailable,
    /// The caller's values can't be stored, for example a text with a NUL on Postgres.
    Input,
    /// The row that the caller's row belongs to no longer exists.
    Missing,
    /// Our own fault: a query, a row or the schema is wrong. Trying again does not help.
    Fault,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl StoreError {
    /// Returns who is to blame.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Database(error) => blame(error),
            Self::Busy => Blame::Unavailable,
            Self::Migration(_) | Self::Orphans(_) | Self::Lock(_) | Self::Panicked => Blame::Fault,
        }
    }

    /// Whether a value had to be unique, and another row has it.
    pub fn is_taken(&self) -> bool {
        let Self::Database(error) = self else { return false };
        error.as_database_error().is_some_and(DatabaseError::is_unique_violation)
    }

    /// Whether trying again shortly may work.
    pub fn is_passing(&self) -> bool {
        self.blame() == Blame::Unavailable
    }
}

/// Whether Postgres rolled the transaction back only because of others that ran at the same time.
pub(super) fn is_conflict(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("40001" | "40P01"))
}

/// The database did not answer in time.
pub(super) fn timed_out() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the database did not answer in time"))
}

fn blame(error: &sqlx::Error) -> Blame {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            Blame::Unavailable
        }
        sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => postgres(error),
            None => sqlite(error.as_ref()),
        },
        _ => Blame::Fault,
    }
}

/// Judges by the class of the SQLSTATE (appendix A of the Postgres manual).
fn postgres(error: &PgDatabaseError) -> Blame {
    // The server ended the connection, or refused it.
    if matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic) {
        return Blame::Unavailable;
    }
    match (error.kind(), error.code()) {
        (ErrorKind::ForeignKeyViolation, _) => Blame::Missing,
        // Read-only transactions, lock timeouts, and transactions that could not be serialized after several
        // attempts.
        (_, "25006" | "40001" | "40P01" | "55006" | "55P03") => Blame::Unavailable,
        (_, code) => match code.get(..2) {
            // Connection, resources, operator intervention (including a statement timeout), system.
            Some("08" | "53" | "57" | "58") => Blame::Unavailable,
            Some("22") => Blame::Input,
            _ => Blame::Fault,
        },
    }
}

/// Judges by the primary result code (<https://sqlite.org/rescode.html>).
fn sqlite(error: &dyn DatabaseError) -> Blame {
    const SQLITE_CONSTRAINT_FOREIGNKEY: u32 = 787;
    const SQLITE_TOOBIG: u32 = 18;
    // PERM, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL (of the locks)
    const PASSING: [u32; 10] = [3, 5, 6, 7, 8, 9, 10, 13, 14, 15];
    let code = error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or_default();
    match code {
        SQLITE_CONSTRAINT_FOREIGNKEY => Blame::Missing,
        SQLITE_TOOBIG => Blame::Input,
        code if PASSING.contains(&(code & 0xff)) => Blame::Unavailable,
        _ => Blame::Fault,
    }
}
