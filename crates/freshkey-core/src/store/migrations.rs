//! The tables, brought up to date. docs/architecture.md, "Changing the schema", says how a migration
//! is written.

use super::{
    StoreError,
    connection::{PATIENCE, prepare_sqlite},
};
use sqlx::{
    AnyConnection, AssertSqlSafe, Connection, Executor,
    any::AnyPoolOptions,
    migrate::{AppliedMigration, Migrate, Migration, Migrator},
};
use std::collections::HashMap;

/// What both engines take.
static COMMON: Migrator = sqlx::migrate!("./migrations");
/// What only Postgres knows, under numbers of the same series.
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

/// Where the library's migrations are recorded.
const TABLE: &str = "_freshkey_migrations";
/// Where the app's are.
const APP_TABLE: &str = "_app_migrations";
/// Where Freshkey 0.1 recorded its own. It stays, for the instances of 0.1 that still run, or run again.
const TABLE_OF_0_1: &str = "_sqlx_migrations";

/// The library's migrations of SQLite.
pub(super) fn of_sqlite() -> Migrator {
    migrator(COMMON.iter(), TABLE)
}

/// The library's migrations of Postgres.
pub(super) fn of_postgres() -> Migrator {
    migrator(COMMON.iter().chain(POSTGRES.iter()), TABLE)
}

/// The app's migrations, numbered by themselves.
pub(super) fn of_app(migrations: &Migrator) -> Migrator {
    migrator(migrations.iter(), APP_TABLE)
}

/// Migrations of a later release are no obstacle: this one runs on the next one's schema, so that an
/// update can roll over the instances one by one, and be rolled back.
fn migrator<'a>(migrations: impl Iterator<Item = &'a Migration>, table: &'static str) -> Migrator {
    let mut migrator = Migrator::with_migrations(migrations.cloned().collect());
    migrator.set_ignore_missing(true);
    migrator.dangerous_set_table_name(table);
    migrator
}

/// Records what Freshkey 0.1 has applied where this release looks for it.
async fn carry_over(connection: &mut AnyConnection, migrator: &Migrator) -> Result<(), StoreError> {
    // There is none, or this role may not read it: then it is as if nothing was applied.
    let Ok(before) = connection.list_applied_migrations(TABLE_OF_0_1).await else { return Ok(()) };
    let ours = |done: &&AppliedMigration| {
        migrator.iter().any(|one| one.version == done.version && one.checksum == done.checksum)
    };
    let versions: Vec<i64> = before.iter().filter(ours).map(|done| done.version).collect();
    if migrator.table_name != TABLE || versions.is_empty() {
        return Ok(());
    }
    connection.lock().await?;
    connection.ensure_migrations_table(TABLE).await?;
    let columns = "version, description, installed_on, success, checksum, execution_time";
    let sql = format!(
        "INSERT INTO {TABLE} ({columns}) SELECT {columns} FROM {TABLE_OF_0_1} WHERE version = $1
         ON CONFLICT (version) DO NOTHING"
    );
    for version in versions {
        sqlx::query(AssertSqlSafe(sql.clone())).bind(version).execute(&mut *connection).await?;
    }
    connection.unlock().await?;
    Ok(())
}

/// Brings an SQLite database up to date, through a connection of its own.
///
/// Foreign keys are off meanwhile: a migration that rebuilds a table drops the old one, which with
/// foreign keys on deletes every row that refers to it. A migration can't turn them off by itself,
/// because it runs in a transaction, where that does nothing. They are checked afterwards.
pub(super) async fn sqlite(url: &str, migrator: &Migrator) -> Result<(), StoreError> {
    // A pool would try again and again, and in the end say only that it gave up.
    let mut connection = AnyConnection::connect(url).await?;
    prepare_sqlite(&mut connection).await?;
    connection.execute("PRAGMA foreign_keys = OFF").await?;
    carry_over(&mut connection, migrator).await?;
    // `Migrator::run`, but for a bound that the compiler can't prove of a future that is sent elsewhere.
    migrator.run_direct(None, &mut connection, false).await?;
    let sql = "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1";
    let orphans: Option<(String,)> = sqlx::query_as(sql).fetch_optional(&mut connection).await?;
    connection.close().await?;
    orphans.map_or(Ok(()), |(table,)| Err(StoreError::Orphans(table)))
}

/// Brings a Postgres database up to date, through a connection without time limits. Where nothing is to
/// be done the role needs no right to create tables.
pub(super) async fn postgres(url: &str, migrator: &Migrator) -> Result<(), StoreError> {
    // A pool, because it waits for a Postgres that is still starting.
    let pool = AnyPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).connect(url).await?;
    let mut connection = pool.acquire().await?;
    if !is_up_to_date(&mut connection, migrator).await {
        carry_over(&mut connection, migrator).await?;
        migrator.run_direct(None, &mut *connection, false).await?;
    }
    drop(connection);
    pool.close().await;
    Ok(())
}

/// Whether every migration was applied, as far as this role may know. What does not look so is for the
/// migrator to judge, and to name.
async fn is_up_to_date(connection: &mut AnyConnection, migrator: &Migrator) -> bool {
    let dirty = connection.dirty_version(&migrator.table_name).await;
    let applied = connection.list_applied_migrations(&migrator.table_name).await;
    let (Ok(None), Ok(applied)) = (dirty, applied) else { return false };
    let applied: HashMap<_, _> =
        applied.into_iter().map(|AppliedMigration { version, checksum }| (version, checksum)).collect();
    migrator.iter().all(|migration| applied.get(&migration.version) == Some(&migration.checksum))
}

#[cfg(test)]
mod tests;
