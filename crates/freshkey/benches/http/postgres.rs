//! Refreshes on Postgres beside the bare UPDATE that they make, grouped, through the same driver.

use crate::{
    client::Connection,
    refresh::{CLIENTS, Job, TOGETHER, asked_by_clients},
    server::Running,
};
use freshkey::{
    app::types::Millis,
    server::{
        auth::{refresh_token::RefreshToken, rotation::Policy},
        settings::Database,
        store::Store,
    },
};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, any::install_default_drivers};
use std::time::{Duration, Instant};
use tokio::{sync::mpsc, task::JoinSet};

const SECRET: &str = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U";
const ROWS: i64 = 1000;

/// A server on a database of its own.
pub struct OnPostgres {
    pub running: Running,
    pub cookies: Vec<String>,
    url: String,
}

impl OnPostgres {
    /// With some sessions to refresh, and some that rest. None where `scripts/with-services.sh` has started no
    /// Postgres.
    pub async fn prepare() -> Option<Self> {
        let server = std::env::var("FRESHKEY_TEST_POSTGRES").ok()?;
        install_default_drivers();
        let mut database = AnyConnection::connect(&format!("{server}/postgres")).await.unwrap();
        sqlx::query("CREATE DATABASE bench").execute(&mut database).await.unwrap();
        database.close().await.unwrap();
        let url = format!("{server}/bench");
        // Without a grace period every refresh rotates.
        let flags = ["--refresh-grace", "0s", "--database-url", &url, "--secret", SECRET];
        let running = Running::start(&flags).await;
        let mut cookies = vec![running.register("bench@example.com").await.1];
        let (login, mut connection) = (Running::login("bench@example.com"), Connection::open(running.addr).await);
        while cookies.len() < CLIENTS {
            cookies.push(connection.ask(&login).await.cookie());
        }
        let mut database = AnyConnection::connect(&url).await.unwrap();
        let fill = "INSERT INTO sessions (id, user_id, generation, confirmed_generation, rotated_at, created_at,
                                          refreshed_at, expires_at, remember)
            SELECT CAST(gen_random_uuid() AS TEXT), user_id, 0, 0, created_at, created_at, refreshed_at, expires_at, 1
            FROM (SELECT * FROM sessions LIMIT 1) AS one, generate_series(1, $1)";
        sqlx::query(fill).bind(ROWS).execute(&mut database).await.unwrap();
        sqlx::query("VACUUM ANALYZE sessions").execute(&mut database).await.unwrap();
        database.close().await.unwrap();
        Some(Self { running, cookies, url })
    }

    /// Rotations a second by the store, without HTTP, of sessions that rest, by as many callers, each waiting for
    /// its own to be committed.
    pub async fn rotations(&self, time: Duration) -> f64 {
        let store = Store::open(&Database::Postgres(self.url.clone())).await.unwrap();
        let mut database = AnyConnection::connect(&self.url).await.unwrap();
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT id, generation, refreshed_at FROM sessions WHERE confirmed_generation = 0 ORDER BY id DESC LIMIT 32",
        )
        .fetch_all(&mut database)
        .await
        .unwrap();
        database.close().await.unwrap();
        let policy = Policy { grace_period: Millis::ZERO, idle: Millis::MAX / 4, lost_answer_recovery: true };
        let (mut tasks, begun) = (JoinSet::new(), Instant::now());
        for (id, generation, at) in rows {
            let (store, session, first) = (store.clone(), id.parse().unwrap(), u32::try_from(generation).unwrap());
            tasks.spawn(async move {
                let mut count = 0_u32;
                while begun.elapsed() < time {
                    let token = RefreshToken { session, generation: first + count };
                    count += 1;
                    let row = store.rotate(token, Millis(at + i64::from(count)), policy).await.unwrap();
                    assert!(row.is_some(), "it is rotated");
                }
                f64::from(count)
            });
        }
        let total: f64 = tasks.join_all().await.iter().sum();
        let rate = total / begun.elapsed().as_secs_f64();
        store.close().await;
        rate
    }

    /// Bare UPDATEs a second, of sessions that rest, by as many callers, each waiting for its own to be
    /// committed. What waits is one statement.
    pub async fn bare(&self, time: Duration) -> f64 {
        let mut database = AnyConnection::connect(&self.url).await.unwrap();
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT id, generation FROM sessions WHERE confirmed_generation = 0 ORDER BY id LIMIT 32")
                .fetch_all(&mut database)
                .await
                .unwrap();
        let (jobs, mut waiting) = mpsc::channel::<Job>(1024);
        let writer = tokio::spawn(async move {
            let (mut rows, mut batch) = (rows, Vec::new());
            while waiting.recv_many(&mut batch, TOGETHER).await > 0 {
                let values: Vec<String> = (0..batch.len())
                    .map(|at| format!("(CAST(${} AS TEXT), CAST(${} AS BIGINT))", 2 * at + 1, 2 * at + 2))
                    .collect();
                let sql = format!(
                    "UPDATE sessions SET generation = generation + 1, rotated_at = rotated_at + 1,
                                         refreshed_at = refreshed_at + 1
                     FROM (VALUES {}) AS asked (of_session, presented) WHERE id = of_session AND generation = presented",
                    values.join(", ")
                );
                let mut update = sqlx::query(AssertSqlSafe(sql));
                for (row, _) in &batch {
                    let (id, generation) = &mut rows[*row];
                    update = update.bind(id.clone()).bind(*generation);
                    *generation += 1;
                }
                let updated = update.execute(&mut database).await.unwrap().rows_affected();
                assert_eq!(updated, batch.len() as u64);
                for (_, done) in batch.drain(..) {
                    let _ = done.send(());
                }
            }
            database.close().await.unwrap();
        });
        let rate = asked_by_clients(jobs, time).await;
        writer.await.unwrap();
        rate
    }
}
