//! The database goes away under the server, and comes back.

use crate::support::{GRACE, Signed, TestApp, TestDatabase, administer, code, cookie};
use sqlx::{AnyPool, any::AnyPoolOptions};
use std::time::Duration;

/// A database that takes nothing: Postgres lets nobody in; SQLite is locked by somebody else.
enum Away {
    Postgres(String),
    Sqlite(AnyPool),
}

impl Away {
    async fn send(database: &TestDatabase) -> Self {
        match database {
            TestDatabase::Postgres { name } => {
                administer(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
                administer(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"))
                    .await;
                Self::Postgres(name.clone())
            }
            TestDatabase::Sqlite(_) => {
                let pool = AnyPoolOptions::new().max_connections(1).connect(&database.url()).await.unwrap();
                sqlx::query("BEGIN IMMEDIATE").execute(&pool).await.unwrap();
                Self::Sqlite(pool)
            }
        }
    }

    async fn back(self) {
        match self {
            Self::Postgres(name) => administer(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await,
            Self::Sqlite(pool) => pool.close().await,
        }
    }
}

async fn refresh(app: &TestApp, session: &Signed) -> reqwest::Response {
    let request = app.post("/api/refresh-token").header("cookie", format!("refresh={}", session.cookie));
    request.send().await.unwrap()
}

#[tokio::test]
async fn nobody_is_signed_out_by_it_and_it_goes_on_by_itself() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    let away = Away::send(app.database()).await;
    let answer = refresh(&app, &session).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers()["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    assert_eq!(cookie(&answer, "refresh"), None, "the cookie stays");
    assert_eq!(code(answer).await, "OVERLOADED");
    if matches!(away, Away::Postgres(_)) {
        let ready = app.get("/readyz").send().await.unwrap();
        assert_eq!(ready.status(), 503);
        assert!(ready.text().await.unwrap().contains("database"));
    }
    assert_eq!(app.get("/livez").send().await.unwrap().status(), 200);
    assert_eq!(app.protected(&session.access).await.status(), 200, "what asks nothing of it goes on");
    away.back().await;
    let answer = refresh(&app, &session).await;
    assert_eq!(answer.status(), 200);
    assert!(cookie(&answer, "refresh").is_some());
    app.stop().await;
}

/// Ends every connection to the database, so that the next ones have its new settings.
async fn cut(name: &str) {
    administer(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
}

async fn readiness(app: &TestApp) -> (u16, String) {
    let answer = app.get("/readyz").send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Readiness, once it is this status: a server may answer by a write of a quarter of a second ago.
async fn ready(app: &TestApp, status: u16) -> String {
    let asked = async {
        loop {
            let (found, body) = readiness(app).await;
            if found == status {
                return body;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked).await.expect("its readiness changes")
}

#[tokio::test]
async fn it_is_not_ready_while_it_can_be_read_and_not_written() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    assert_eq!(readiness(&app).await.0, 200);
    app.wait(GRACE);
    match app.database() {
        TestDatabase::Postgres { name } => {
            administer(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
            cut(name).await;
            assert!(ready(&app, 503).await.contains(r#""part":"database""#));
            assert_eq!(refresh(&app, &session).await.status(), 503);
            assert_eq!(readiness(&app).await.0, 503);
            administer(&format!("ALTER DATABASE {name} RESET default_transaction_read_only")).await;
            cut(name).await;
        }
        database @ TestDatabase::Sqlite(_) => {
            let lock = AnyPoolOptions::new().max_connections(1).connect(&database.url()).await.unwrap();
            sqlx::query("BEGIN IMMEDIATE").execute(&lock).await.unwrap();
            assert!(ready(&app, 503).await.contains(r#""part":"database""#));
            lock.close().await;
        }
    }
    ready(&app, 200).await;
    assert_eq!(refresh(&app, &session).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn a_fault_of_ours_is_not_answered_with_try_again() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    let database = app.database().connect().await;
    sqlx::query("ALTER TABLE sessions RENAME COLUMN remember TO forget").execute(&database).await.unwrap();
    let answer = refresh(&app, &session).await;
    assert_eq!(answer.status(), 500);
    assert_eq!(cookie(&answer, "refresh"), None, "the cookie stays");
    assert_eq!(code(answer).await, "INTERNAL");
    let list = app.get("/api/notes").bearer_auth(&session.access).send().await.unwrap();
    assert_eq!(list.status(), 200, "the rest works");
    sqlx::query("ALTER TABLE sessions RENAME COLUMN forget TO remember").execute(&database).await.unwrap();
    assert_eq!(refresh(&app, &session).await.status(), 200);
    database.close().await;
    app.stop().await;
}

#[tokio::test]
async fn a_lock_that_somebody_holds_is_not_waited_for_for_ever() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    let holder = AnyPoolOptions::new().max_connections(1).connect(&app.database().url()).await.unwrap();
    let statements = match app.database() {
        TestDatabase::Postgres { .. } => &["BEGIN", "LOCK TABLE sessions IN EXCLUSIVE MODE"][..],
        TestDatabase::Sqlite(_) => &["BEGIN IMMEDIATE"],
    };
    for statement in statements {
        sqlx::query(*statement).execute(&holder).await.unwrap();
    }
    let answer = tokio::time::timeout(Duration::from_mins(1), refresh(&app, &session)).await.expect("it is given up");
    assert_eq!(answer.status(), 503);
    assert_eq!(code(answer).await, "OVERLOADED");
    holder.close().await;
    assert_eq!(refresh(&app, &session).await.status(), 200);
    app.stop().await;
}
