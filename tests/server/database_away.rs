//! The database goes away under the server, and comes back.

use crate::support::{GRACE, Signed, TestApp, TestDatabase, administer, code, cookie};
use sqlx::AnyPool;

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
                let pool = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(&database.url()).await.unwrap();
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
