//! Database migrations. docs/design.md, "Changing the schema", says how to write one.

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

/// The migrations for both engines.
static COMMON: Migrator = sqlx::migrate!("./migrations");
/// The migrations for Postgres only, numbered in the same series.
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

/// Where the library's migrations are recorded.
const TABLE: &str = "_freshkey_migrations";
/// Where the app's migrations are recorded.
const APP_TABLE: &str = "_app_migrations";
/// Where Freshkey 0.1 recorded its migrations. The table stays, for instances of 0.1 that still run or will run
/// again.
const TABLE_OF_0_1: &str = "_sqlx_migrations";

/// The library's migrations for SQLite.
pub(super) fn of_sqlite() -> Migrator {
    migrator(COMMON.iter(), TABLE)
}

/// The library's migrations for Postgres.
pub(super) fn of_postgres() -> Migrator {
    migrator(COMMON.iter().chain(POSTGRES.iter()), TABLE)
}

/// The app's migrations, which have their own numbers.
pub(super) fn of_app(migrations: &Migrator) -> Migrator {
    migrator(migrations.iter(), APP_TABLE)
}

/// Migrations of a later release are ignored: this release also runs on the next release's schema, so that an update
/// can roll over the instances one by one, and can be rolled back.
fn migrator<'a>(migrations: impl Iterator<Item = &'a Migration>, table: &'static str) -> Migrator {
    let mut migrator = Migrator::with_migrations(migrations.cloned().collect());
    migrator.set_ignore_missing(true);
    migrator.dangerous_set_table_name(table);
    migrator
}

/// Copies Freshkey 0.1's record of applied migrations to this release's table.
async fn carry_over(connection: &mut AnyConnection, migrator: &Migrator) -> Result<(), StoreError> {
    // The table does not exist, or this role may not read it. Then nothing counts as applied.
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

/// Migrates an SQLite database, on a separate connection.
///
/// Foreign keys are off during the migration. A migration that rebuilds a table drops the old one, and with foreign
/// keys on this would delete every row that refers to it. A migration can't turn them off itself: it runs in a
/// transaction, where that has no effect. They are checked afterwards.
pub(super) async fn sqlite(url: &str, migrator: &Migrator) -> Result<(), StoreError> {
    // A pool would retry, and in the end report only a timeout.
    let mut connection = AnyConnection::connect(url).await?;
    prepare_sqlite(&mut connection).await?;
    connection.execute("PRAGMA foreign_keys = OFF").await?;
    carry_over(&mut connection, migrator).await?;
    // Does the same as `Migrator::run`, without a bound that the compiler can't prove for a future that is sent to
    // another thread.
    migrator.run_direct(None, &mut connection, false).await?;
    let sql = "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1";
    let orphans: Option<(String,)> = sqlx::query_as(sql).fetch_optional(&mut connection).await?;
    connection.close().await?;
    orphans.map_or(Ok(()), |(table,)| Err(StoreError::Orphans(table)))
}

/// Migrates a Postgres database, on a connection without time limits. If nothing is to be done, the role needs no
/// right to create tables.
pub(super) async fn postgres(url: &str, migrator: &Migrator) -> Result<(), StoreError> {
    // A pool waits for a Postgres that is still starting.
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

/// Returns whether every migration was applied, as far as this role can tell. Otherwise the migrator decides, and
/// reports what is wrong.
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
