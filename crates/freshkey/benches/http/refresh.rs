//! Refreshes beside the bare UPDATE that each of them makes, grouped, through the same driver.

use crate::{
    client::{Connection, post},
    server::Running,
};
use sqlx::{AnyConnection, Connection as _, Executor, any::install_default_drivers};
use std::time::{Duration, Instant};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

/// So many ask at once.
pub const CLIENTS: usize = 32;
/// So many at most are one statement, or one transaction.
pub const TOGETHER: usize = 64;
const UPDATE: &str =
    "UPDATE sessions SET generation = $1, rotated_at = $2, refreshed_at = $3, recovered_generation = $4,
    recovery_run = $5, recovery_day_at = $6, recoveries_in_day = $7
    WHERE id = $8 AND generation = $9 AND rotated_at = $10 AND ended_at IS NULL";

/// A server whose table holds so many sessions, and the cookies of some.
pub async fn prepare(rows: u32) -> (Running, Vec<String>) {
    // Without a grace period every refresh rotates.
    let running = Running::start(&["--refresh-grace", "0s"]).await;
    let mut cookies = vec![running.register("bench@example.com").await.1];
    let (login, mut connection) = (Running::login("bench@example.com"), Connection::open(running.addr).await);
    while cookies.len() < CLIENTS {
        cookies.push(connection.ask(&login).await.cookie());
    }
    install_default_drivers();
    let mut database = AnyConnection::connect(&running.database()).await.unwrap();
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
        INSERT INTO sessions (id, user_id, generation, confirmed_generation, rotated_at, created_at, refreshed_at,
                              expires_at, remember)
        SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-a' ||
                     substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
               (SELECT id FROM users), 0, 0, created_at, created_at, refreshed_at, expires_at, 1
        FROM n, (SELECT * FROM sessions LIMIT 1)";
    sqlx::query(fill).bind(i64::from(rows)).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    (running, cookies)
}

/// Refreshes a second.
pub async fn rate(running: &Running, cookies: &mut [String], time: Duration) -> f64 {
    let (mut tasks, begun) = (JoinSet::new(), Instant::now());
    for (index, cookie) in cookies.iter().cloned().enumerate() {
        let addr = running.addr;
        tasks.spawn(async move {
            let (mut connection, mut cookie, mut count) = (Connection::open(addr).await, cookie, 0_u32);
            while begun.elapsed() < time {
                let request = post("/api/refresh-token", &format!("cookie: refresh={cookie}\r\n"), "{}");
                cookie = connection.ask(&request).await.cookie();
                count += 1;
            }
            (index, cookie, count)
        });
    }
    let mut total = 0.0;
    for (index, cookie, count) in tasks.join_all().await {
        cookies[index] = cookie;
        total += f64::from(count);
    }
    total / begun.elapsed().as_secs_f64()
}

/// The number of the client that asks, and whom to tell that it is committed.
pub type Job = (usize, oneshot::Sender<()>);

/// Bare UPDATEs a second, by as many callers, each waiting for its own to be committed.
pub async fn bare(time: Duration) -> f64 {
    let (running, _) = prepare(1000).await;
    let mut database = AnyConnection::connect(&running.database()).await.unwrap();
    for pragma in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"] {
        database.execute(pragma).await.unwrap();
    }
    let rows: Vec<(String, i64, i64)> = sqlx::query_as("SELECT id, generation, rotated_at FROM sessions LIMIT 32")
        .fetch_all(&mut database)
        .await
        .unwrap();
    let (jobs, mut waiting) = mpsc::channel::<Job>(1024);
    let writer = tokio::spawn(async move {
        let (mut rows, mut batch) = (rows, Vec::new());
        while waiting.recv_many(&mut batch, TOGETHER).await > 0 {
            let mut transaction = database.begin_with("BEGIN IMMEDIATE").await.unwrap();
            for (row, _) in &batch {
                let (id, generation, at) = &mut rows[*row];
                let update =
                    sqlx::query(UPDATE).bind(*generation + 1).bind(*at + 1).bind(*at + 1).bind(-1_i64).bind(0_i64);
                let update = update.bind(0_i64).bind(0_i64).bind(id.clone()).bind(*generation).bind(*at);
                assert_eq!(update.execute(&mut *transaction).await.unwrap().rows_affected(), 1);
                (*generation, *at) = (*generation + 1, *at + 1);
            }
            transaction.commit().await.unwrap();
            for (_, done) in batch.drain(..) {
                let _ = done.send(());
            }
        }
    });
    let rate = asked_by_clients(jobs, time).await;
    writer.await.unwrap();
    running.stop();
    rate
}

/// Jobs a second, of clients that each wait until theirs is done.
pub async fn asked_by_clients(jobs: mpsc::Sender<Job>, time: Duration) -> f64 {
    let (mut tasks, begun) = (JoinSet::new(), Instant::now());
    for row in 0..CLIENTS {
        let jobs = jobs.clone();
        tasks.spawn(async move {
            let mut count = 0_u32;
            while begun.elapsed() < time {
                let (done, wait) = oneshot::channel();
                jobs.send((row, done)).await.unwrap();
                wait.await.unwrap();
                count += 1;
            }
            f64::from(count)
        });
    }
    let total: f64 = tasks.join_all().await.iter().sum();
    total / begun.elapsed().as_secs_f64()
}
