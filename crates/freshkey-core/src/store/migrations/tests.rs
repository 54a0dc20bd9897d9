use super::*;
use crate::{
    settings::Database,
    store::{
        Store,
        testing::{database, execute, insert_user},
    },
};
use freshkey_types::Role;
use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType},
};

/// How SQLite's documentation rebuilds a table (`lang_altertable`, section 7).
const REBUILD: &str = "CREATE TABLE new_users (
        id TEXT PRIMARY KEY, email TEXT NOT NULL, email_key TEXT NOT NULL UNIQUE, name TEXT, password_hash TEXT NOT NULL,
        created_at BIGINT NOT NULL, disabled_at BIGINT, role TEXT);
    INSERT INTO new_users SELECT id, email, email_key, name, password_hash, created_at, disabled_at, role FROM users;
    DROP TABLE users;
    ALTER TABLE new_users RENAME TO users;";

fn with(migrator: &Migrator, version: i64, sql: &'static str) -> Migrator {
    let next = Migration::new(version, "next".into(), MigrationType::Simple, sql.into_sql_str(), false);
    super::migrator(migrator.iter().chain([&next]), TABLE)
}

fn url(database: &Database) -> String {
    match database {
        Database::Sqlite(file) => format!("sqlite://{}?mode=rwc", file.display()),
        Database::Postgres(url) => url.clone(),
    }
}

async fn migrate(database: &Database, next: Option<(i64, &'static str)>) -> Result<(), StoreError> {
    let of_engine = if matches!(database, Database::Sqlite(_)) { of_sqlite() } else { of_postgres() };
    let migrator =
        next.map_or_else(|| super::migrator(of_engine.iter(), TABLE), |(version, sql)| with(&of_engine, version, sql));
    match database {
        Database::Sqlite(_) => sqlite(&url(database), &migrator).await,
        Database::Postgres(url) => postgres(url, &migrator).await,
    }
}

/// Creates an app's table with one row.
async fn add_note(store: &Store) {
    execute(store, "CREATE TABLE notes (id TEXT, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE)").await;
    execute(store, "INSERT INTO notes VALUES ('n', 'ada')").await;
}

async fn count(store: &Store, sql: &'static str) -> i64 {
    let count: (i64,) = sqlx::query_as(sql).fetch_one(&store.read).await.expect("a count");
    count.0
}

#[tokio::test]
async fn a_table_that_is_rebuilt_keeps_what_refers_to_it() {
    let (database, _folder) = database().await;
    // Postgres needs no rebuilding, and refuses to drop a table that others refer to.
    let Database::Sqlite(_) = &database else { return };
    let store = Store::open(&database).await.expect("it opens");
    insert_user(&store, "ada").await;
    add_note(&store).await;
    execute(
        &store,
        "INSERT INTO sessions (id, user_id, generation, confirmed_generation, rotated_at, created_at, refreshed_at,
                               expires_at, remember) VALUES ('s', 'ada', 0, 0, 0, 0, 0, 0, 0)",
    )
    .await;
    store.close().await;
    migrate(&database, Some((9999, REBUILD))).await.expect("migrated");
    let store = Store::open(&database).await.expect("it opens");
    assert_eq!(count(&store, "SELECT COUNT(*) FROM users").await, 1);
    assert_eq!(count(&store, "SELECT COUNT(*) FROM notes").await, 1);
    assert_eq!(count(&store, "SELECT COUNT(*) FROM sessions").await, 1);
    execute(&store, "DELETE FROM users").await;
    assert_eq!(count(&store, "SELECT COUNT(*) FROM notes").await, 0, "they still refer to it");
    store.close().await;
}

#[tokio::test]
async fn a_migration_that_loses_rows_keeps_the_server_from_starting() {
    let (database, _folder) = database().await;
    let Database::Sqlite(_) = &database else { return };
    let store = Store::open(&database).await.expect("it opens");
    insert_user(&store, "ada").await;
    add_note(&store).await;
    store.close().await;
    let refused = migrate(&database, Some((9999, "DELETE FROM users"))).await.expect_err("a note of nobody");
    assert!(matches!(&refused, StoreError::Orphans(table) if table == "notes"), "{refused}");
}

#[tokio::test]
async fn this_release_runs_on_the_schema_of_the_next_one() {
    let (database, _folder) = database().await;
    Store::open(&database).await.expect("it opens").close().await;
    let expansion = "ALTER TABLE users ADD COLUMN locale TEXT; CREATE TABLE passkeys (id TEXT PRIMARY KEY);";
    migrate(&database, Some((9999, expansion))).await.expect("migrated");
    let store = Store::open(&database).await.expect("rolled back to this release");
    insert_user(&store, "ada").await;
    assert!(store.user_by_id("ada").await.expect("read").is_some());
    store.close().await;
}

#[tokio::test]
async fn roles_stay_and_a_new_one_needs_no_new_schema() {
    let (database, _folder) = database().await;
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&url(&database)).await.expect("a connection");
    COMMON.run_to(6, &mut connection).await.expect("as it was");
    let admin = "INSERT INTO users (id, email, email_key, password_hash, created_at, role)
                 VALUES ('ada', '', 'ada', '', 0, 'admin')";
    sqlx::query(admin).execute(&mut connection).await.expect("an administrator");
    connection.close().await.expect("closed");
    let store = Store::open(&database).await.expect("it opens");
    let before = count(&store, "SELECT COUNT(*) FROM _sqlx_migrations").await;
    assert_eq!(before, 5, "an instance of the release before finds what it has applied");
    assert_eq!(count(&store, "SELECT COUNT(*) FROM users WHERE role = 'admin'").await, 1);
    execute(&store, "UPDATE users SET role = 'auditor'").await;
    let role = store.role_of("ada").await.expect("read").expect("a role");
    assert!(!role.may_act_as(&Role::ADMIN), "unknown here, it opens nothing");
    store.close().await;
}
