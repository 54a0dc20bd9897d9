use super::*;
use crate::{
    settings::Database,
    store::{Blame, Store},
};

async fn store(folder: &std::path::Path) -> (Store, Writer) {
    let store = Store::open(&Database::Sqlite(folder.join("freshkey.db"))).await.expect("it opens");
    let writer = Writer::start(store.write.clone());
    (store, writer)
}

fn insert(id: u32) -> Work<()> {
    Box::new(move |connection| {
        Box::pin(async move {
            let sql = "INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES ($1, $1, $1, '', 0)";
            sqlx::query(sql).bind(id.to_string()).execute(connection).await.map(drop)
        })
    })
}

async fn count(store: &Store) -> i64 {
    let count: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM users").fetch_one(&store.read).await.expect("a count");
    count.0
}

/// Limits the size of the database, as if the disk were full, or gives it room again.
async fn set_room(store: &Store, pages: i64) {
    let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(sql).fetch_all(&store.write).await.expect("a limit");
}

#[tokio::test]
async fn a_full_database_takes_the_first_write_after_it_has_room_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = store(folder.path()).await;
    // A replaced connection has no limit, so the limit is set again in each round.
    for round in 0..3 {
        set_room(&store, 1).await;
        let mut written = 0;
        let full = loop {
            match writer.write(insert(round * 10_000 + written)).await {
                Ok(()) => written += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(full.blame(), Blame::Unavailable, "{full}");
        set_room(&store, 1_000_000).await;
        writer.write(insert(round * 10_000 + written)).await.expect("there is room");
    }
    store.close().await;
}

#[tokio::test]
async fn work_that_panics_fails_alone_and_the_next_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = store(folder.path()).await;
    let panics = || writer.write::<()>(Box::new(|_| panic!("as a mistake in a query would")));
    assert!(matches!(panics().await, Err(StoreError::Panicked)));
    let (written, panicked) = futures::future::join(
        futures::future::join_all((0..50).map(|id| writer.write(insert(id)))),
        futures::future::join_all((0..3).map(|_| panics())),
    )
    .await;
    assert!(written.iter().all(Result::is_ok));
    assert!(panicked.iter().all(|outcome| matches!(outcome, Err(StoreError::Panicked))));
    assert_eq!(count(&store).await, 50);
    store.close().await;
}

#[tokio::test]
async fn what_fails_fails_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = store(folder.path()).await;
    // Each one twice: of the two, one must fail, and all are written at once.
    let outcomes = futures::future::join_all((0..200).map(|n| writer.write(insert(n / 2)))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 100);
    assert_eq!(count(&store).await, 100);
    store.close().await;
}

#[tokio::test]
async fn what_is_answered_is_committed_and_the_log_does_not_grow() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = store(folder.path()).await;
    for round in 0..40 {
        let written = futures::future::join_all((0..100).map(|n| writer.write(insert(round * 100 + n)))).await;
        assert!(written.iter().all(Result::is_ok));
        assert_eq!(count(&store).await, i64::from(round + 1) * 100);
    }
    let log = std::fs::metadata(folder.path().join("freshkey.db-wal")).expect("a log").len();
    assert!(log < 16 << 20, "{log} bytes");
    store.close().await;
}
