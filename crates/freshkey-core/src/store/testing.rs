//! A database for tests of this module: SQLite, or the Postgres that `scripts/with-services.sh` has started if
//! `FRESHKEY_TEST_DATABASE` says so.

use super::Store;
use crate::settings::Database;
use sqlx::{AnyPool, AssertSqlSafe};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// Creates an empty database. The folder is SQLite's; a Postgres database is removed with its server.
pub(super) async fn database() -> (Database, TempDir) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = tempfile::tempdir().expect("a folder");
    if !is_postgres() {
        return (Database::Sqlite(folder.path().join("freshkey.db")), folder);
    }
    let server = std::env::var("FRESHKEY_TEST_POSTGRES").expect("scripts/with-services.sh starts Postgres");
    let name = format!("unit_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(&format!("{server}/postgres")).await.expect("Postgres is there");
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(create).execute(&pool).await.expect("a database");
    pool.close().await;
    (Database::Postgres(format!("{server}/{name}")), folder)
}

pub(super) fn is_postgres() -> bool {
    std::env::var("FRESHKEY_TEST_DATABASE").as_deref() == Ok("postgres")
}

/// Opens a store on an empty database.
pub(super) async fn store() -> (Store, TempDir) {
    let (database, folder) = database().await;
    (Store::open(&database).await.expect("it opens"), folder)
}

/// Runs SQL that no store would run.
pub(super) async fn execute(store: &Store, sql: &'static str) {
    sqlx::query(sql).execute(&store.write).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Adds a user without a password and without sessions.
pub(super) async fn insert_user(store: &Store, id: &str) {
    let sql = "INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES ($1, $1, $1, '', 0)";
    sqlx::query(sql).bind(id).execute(&store.write).await.expect("a user");
}
