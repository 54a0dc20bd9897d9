//! What emails cost those who wait for an answer.

use crate::{
    at_most,
    client::{Connection, get, post},
    samples::{percentile, since, until},
    server::{PASSWORD, Running},
    smtp::MailServer,
};
use serde_json::json;
use sqlx::{AnyConnection, Connection as _, any::install_default_drivers};
use std::time::{Duration, Instant};

/// Answers that are waited for, of each server.
const ANSWERS: usize = 400;
const EMAILS: usize = 10_000;
const IDLE: Duration = Duration::from_secs(5);

/// The answer does not wait for the mail server.
pub async fn answers() {
    let (silent, fast) = (MailServer::silent(), MailServer::fast());
    let [without, silent, fast] =
        [None, Some(&silent), Some(&fast)].map(|mail| mail.map_or_else(Vec::new, MailServer::flags));
    let register = |n: usize| {
        post("/api/register", "", &json!({"email": format!("new{n}@example.com"), "password": PASSWORD}).to_string())
    };
    let [without, registered] = medians([&without, &silent], register).await;
    println!("  median ms to register: without mail {without:.2}, the mail server silent {registered:.2}");
    at_most("register with a silent mail server, times without", registered / without, 1.10);
    // Without mail there is no such call.
    let forgot = |_| post("/api/forgot-password", "", &json!({"email": "bench@example.com"}).to_string());
    let [fast, silent] = medians([&fast, &silent], forgot).await;
    println!("  median ms to forgot: the mail server fast {fast:.2}, silent {silent:.2}");
    at_most("forgot with a silent mail server, times a fast one", silent / fast, 1.10);
}

/// The median time to an answer of two servers, asked in turn.
async fn medians(flags: [&Vec<String>; 2], request: impl Fn(usize) -> String) -> [f64; 2] {
    let mut servers = Vec::new();
    for flags in flags {
        let first = Running::start(&[]).await;
        first.register("bench@example.com").await;
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let running = Running::on(first.stop(), &flags).await;
        servers.push((Connection::open(running.addr).await, running, Vec::new()));
    }
    for n in 0..ANSWERS {
        for (connection, _, took) in &mut servers {
            let (request, sent) = (request(n), Instant::now());
            connection.send(&request).await;
            took.push(since(sent));
        }
    }
    let medians = [0, 1].map(|server: usize| percentile(50, &servers[server].2));
    for (_, running, _) in servers {
        running.stop();
    }
    medians
}

/// Ten thousand emails at once, and somebody who works meanwhile.
pub async fn outbox() {
    let server = MailServer::fast();
    // The first server's token is good at the second one's port.
    let issuer = ["--issuer", "http://localhost", "--audience", "http://localhost"];
    let first = Running::start(&issuer).await;
    let (token, _) = first.register("bench@example.com").await;
    let mail = server.flags();
    let flags: Vec<&str> = mail.iter().map(String::as_str).chain(issuer).collect();
    let running = Running::on(first.stop(), &flags).await;
    let call = get("/api/protected", &format!("authorization: Bearer {token}\r\n"));
    let begun = Instant::now();
    let idle = waits(&running, &call, || begun.elapsed() < IDLE).await;
    fill(&running).await;
    until("the first email is sent", async || server.taken() > 0).await;
    let (begun, already) = (Instant::now(), server.taken());
    let busy = waits(&running, &call, || server.taken() < EMAILS).await;
    let sent = f64::from(u32::try_from(EMAILS - already).unwrap());
    println!("  outbox: {:.0} emails/s to a fast mail server, by one instance", sent / begun.elapsed().as_secs_f64());
    let [idle, busy] = [idle, busy].map(|samples| percentile(99, &samples));
    println!("  one client: p99 of its protected calls {idle:.2} ms, while they are sent {busy:.2} ms");
    at_most("p99 while emails are sent, times that without", busy / idle, 2.0);
    running.stop();
}

/// How long one client waits for each answer, in milliseconds, for as long as it goes on.
async fn waits(running: &Running, request: &str, goes_on: impl Fn() -> bool) -> Vec<f64> {
    let (mut connection, mut took) = (Connection::open(running.addr).await, Vec::new());
    while goes_on() {
        let sent = Instant::now();
        connection.send(request).await;
        took.push(since(sent));
    }
    took
}

/// So many emails, each with a code of its own.
async fn fill(running: &Running) {
    install_default_drivers();
    let mut database = AnyConnection::connect(&running.database()).await.unwrap();
    for sql in [
        "CREATE TEMP TABLE made AS
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
         SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-a' ||
                      substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) AS challenge,
                lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-a' ||
                      substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) AS email,
                CAST(strftime('%s', 'now') AS INTEGER) * 1000 AS now
         FROM n",
        "INSERT INTO challenges (id, kind, browser, user_id, email, email_key, decoy, asked_at, created_at, expires_at)
         SELECT challenge, 'reset', 'bench', users.id, users.email, email_key, 0, now, now, now + 600000
         FROM made, users WHERE $1 > 0",
        "INSERT INTO outbox (id, kind, language, email, user_id, challenge_id, number, facts, created_at, useful_until,
                             next_try_at)
         SELECT made.email, 'reset', 'en', users.email, users.id, challenge, 1, '{}', now, now + 3600000, now
         FROM made, users WHERE $1 > 0",
    ] {
        sqlx::query(sql).bind(i64::try_from(EMAILS).unwrap()).execute(&mut database).await.unwrap();
    }
    database.close().await.unwrap();
}
