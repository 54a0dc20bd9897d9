//! The database of a test: a file in its folder; or, with `FRESHKEY_TEST_DATABASE=postgres`, one of
//! its own in the server that `scripts/with-services.sh` has started.

use super::{TestApp, settings};
use freshkey::server::store::Store;
use sqlx::{AnyPool, AssertSqlSafe};
use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// What the tests' Postgres needs.
pub const SECRET: &str = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U";

/// A database of one's own.
#[derive(Clone, Debug)]
pub enum TestDatabase {
    Sqlite(PathBuf),
    Postgres { name: String },
}

/// A copy of it.
pub enum Backup {
    Sqlite(Vec<u8>),
    Postgres(String),
}

impl TestDatabase {
    /// An empty one, of the engine that this run of the tests is for.
    pub async fn create(folder: &Path) -> Self {
        match std::env::var("FRESHKEY_TEST_DATABASE").as_deref() {
            Ok("postgres") => {
                let name = fresh_name();
                administer(&format!("CREATE DATABASE {name}")).await;
                Self::Postgres { name }
            }
            _ => Self::Sqlite(folder.join("freshkey.db")),
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres { name } => postgres_url(name),
        }
    }

    /// The flags of a server on it.
    pub fn flags(&self) -> Vec<String> {
        let mut flags = self.url_flags();
        if let Self::Postgres { .. } = self {
            flags.extend(["--secret", SECRET].map(str::to_owned));
        }
        flags
    }

    /// The same, for a server with a secret of its own.
    pub fn url_flags(&self) -> Vec<String> {
        vec!["--database-url".to_owned(), self.url()]
    }

    /// A few connections to it.
    pub async fn connect(&self) -> AnyPool {
        sqlx::any::install_default_drivers();
        AnyPool::connect(&self.url()).await.expect("the database is there")
    }

    /// A copy, while nobody uses it.
    pub async fn back_up(&self) -> Backup {
        match self {
            Self::Sqlite(file) => Backup::Sqlite(std::fs::read(file).unwrap()),
            Self::Postgres { name } => {
                let copy = fresh_name();
                administer(&format!("CREATE DATABASE {copy} TEMPLATE {name}")).await;
                Backup::Postgres(copy)
            }
        }
    }

    /// As it was, while nobody uses it.
    pub async fn restore(&self, backup: Backup) {
        match (self, backup) {
            (Self::Sqlite(file), Backup::Sqlite(bytes)) => std::fs::write(file, bytes).unwrap(),
            (Self::Postgres { name }, Backup::Postgres(copy)) => {
                administer(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
                administer(&format!("ALTER DATABASE {copy} RENAME TO {name}")).await;
            }
            _ => unreachable!("a backup is of the same engine"),
        }
    }

    /// Nothing is left over.
    pub async fn drop(&self) {
        match self {
            Self::Sqlite(file) => {
                assert!(!file.with_extension("db-wal").exists(), "the database is closed and whole");
            }
            Self::Postgres { name } => administer(&format!("DROP DATABASE {name} WITH (FORCE)")).await,
        }
    }
}

impl TestApp {
    /// Its database, as the server opens it.
    pub async fn store(&self) -> Store {
        let flags = self.database.flags();
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        Store::open(&settings(self.folder.path(), &flags).data.database).await.unwrap()
    }
}

/// Says something to the tests' Postgres as its superuser.
pub async fn administer(sql: &str) {
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(&postgres_url("postgres")).await.expect("Postgres is there");
    sqlx::query(AssertSqlSafe(sql)).execute(&pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    pool.close().await;
}

fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn postgres_url(database: &str) -> String {
    let server = std::env::var("FRESHKEY_TEST_POSTGRES").expect("scripts/with-services.sh starts Postgres");
    format!("{server}/{database}")
}
