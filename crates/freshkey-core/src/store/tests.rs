use super::*;
use crate::store::testing::{execute, insert_user};
use freshkey_types::Millis;
use std::sync::atomic::{AtomicU32, Ordering};

const NOW: Millis = Millis(1_000_000_000);

/// Wraps a statement as work.
fn statement(sql: &'static str) -> Work<()> {
    Box::new(move |connection| Box::pin(async move { sqlx::query(sql).execute(connection).await.map(drop) }))
}

#[tokio::test]
async fn a_fault_of_ours_is_no_outage() {
    let (store, _folder) = testing::store().await;
    insert_user(&store, "ada").await;
    execute(&store, "ALTER TABLE users RENAME COLUMN name TO nickname").await;
    let error = store.user_by_id("ada").await.expect_err("a column is missing");
    assert_eq!(error.blame(), Blame::Fault, "{error}");
    for (sql, blame) in [
        ("UPDATE users SET nowhere = 1", Blame::Fault),
        ("THIS IS NO SQL", Blame::Fault),
        ("UPDATE users SET email = NULL", Blame::Fault),
        (
            "INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES ('ada', '', '', '', 0)",
            Blame::Fault,
        ),
        (
            "INSERT INTO sessions (id, user_id, generation, confirmed_generation, rotated_at, created_at, refreshed_at,
                                   expires_at, remember) VALUES ('s', 'nobody', 0, 0, 0, 0, 0, 0, 0)",
            Blame::Missing,
        ),
    ] {
        let error = store.transact(statement(sql)).await.expect_err("refused");
        assert_eq!(error.blame(), blame, "{sql}: {error}");
    }
    store.probe(NOW).await.expect("the database is well");
    store.close().await;
}

#[tokio::test]
async fn a_row_that_can_not_be_read_is_a_fault_of_ours() {
    let (store, _folder) = testing::store().await;
    execute(&store, "INSERT INTO signing_keys (kid, algorithm, sealed, created_at, number) VALUES ('', '', '', 0, 1)")
        .await;
    let rows = sqlx::query_as::<_, (i64,)>("SELECT sealed FROM signing_keys").fetch_all(&store.read).await;
    let error = StoreError::from(rows.expect_err("a text is no number"));
    assert_eq!(error.blame(), Blame::Fault, "{error}");
    store.close().await;
}

#[tokio::test]
async fn what_postgres_can_not_store_is_the_callers_fault() {
    let (store, _folder) = testing::store().await;
    let name = store.set_name("ada", Some("a\0b")).await;
    if testing::is_postgres() {
        assert_eq!(name.expect_err("refused").blame(), Blame::Input);
    }
    store.close().await;
}

#[tokio::test]
async fn readiness_knows_whether_the_database_can_be_written() {
    let (store, _folder) = testing::store().await;
    if testing::is_postgres() {
        // For every connection of the pool.
        let refuse = || async { store.transact(statement("SET default_transaction_read_only = on")).await };
        futures::future::join_all((0..40).map(|_| refuse())).await;
        let error = store.transact(statement("DELETE FROM users")).await.expect_err("read-only");
        assert_eq!(error.blame(), Blame::Unavailable, "{error}");
        store.probe(NOW).await.expect_err("it can't");
    } else {
        execute(&store, "PRAGMA max_page_count = 1").await;
        let fill = "INSERT INTO write_probes VALUES (hex(randomblob(8)), hex(randomblob(200)), 0)";
        while sqlx::query(fill).execute(&store.write).await.is_ok() {}
        assert_eq!(store.probe(NOW).await.expect_err("it is full").blame(), Blame::Unavailable);
        // The failed connection was replaced, which also removed its limit.
        store.probe(NOW).await.expect("it can, by itself");
    }
    store.close().await;
}

#[tokio::test]
async fn a_transaction_that_lost_against_another_one_is_done_again() {
    let (store, _folder) = testing::store().await;
    if !testing::is_postgres() {
        return;
    }
    for code in ["40001", "40P01"] {
        let attempts = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&attempts);
        let work: Work<()> = Box::new(move |connection| {
            let fails = counted.fetch_add(1, Ordering::SeqCst) < 2;
            let sql = format!("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{code}'; END $$");
            let sql = if fails { sql } else { "SELECT 1".to_owned() };
            Box::pin(async move { sqlx::query(sqlx::AssertSqlSafe(sql)).execute(connection).await.map(drop) })
        });
        store.transact(work).await.expect("done in the end");
        assert_eq!(attempts.load(Ordering::SeqCst), 3);
    }
    store.close().await;
}

#[tokio::test]
async fn a_connection_that_broke_in_a_transaction_is_not_used_again() {
    let (store, _folder) = testing::store().await;
    if !testing::is_postgres() {
        return;
    }
    for _ in 0..CONNECTIONS_AND_MORE {
        let broken = store.transact(statement("SELECT pg_terminate_backend(pg_backend_pid())")).await;
        assert_eq!(broken.expect_err("it is cut").blame(), Blame::Unavailable);
        store.transact(statement("DELETE FROM users")).await.expect("another connection");
    }
    let panicked = store.transact::<()>(Box::new(|_| panic!("as a mistake would"))).await;
    assert!(matches!(panicked, Err(StoreError::Panicked)));
    store.transact(statement("DELETE FROM users")).await.expect("another connection");
    store.close().await;
}

const CONNECTIONS_AND_MORE: usize = 12;
