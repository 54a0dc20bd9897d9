//! Whether the time of an answer tells who has an account. The mail server says nothing, so that emails only wait.

use crate::{
    at_most,
    client::{Answer, Connection, post},
    samples::{Dice, apart, percentile, since},
    server::{PASSWORD, Running},
    smtp::MailServer,
};
use freshkey::{app::types::Millis, server::clock::Clock};
use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, any::install_default_drivers};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};
use tempfile::TempDir;

/// What an address may be, and what its account has then.
const ADDRESSES: [(&str, &str); 5] = [
    ("unknown", ""),
    ("unproven", "name = name"),
    ("proven", "email_verified_at = 1"),
    ("disabled", "disabled_at = 1"),
    ("leaving", "delete_at = 9000000000000"),
];
/// Addresses of each kind.
const EACH: usize = 4;
const SAMPLES: usize = 2000;
/// How far apart samples of two kinds may be. Chance alone takes one of the 24 pairs here that far once in 90 runs.
const APART: f64 = 3.5;

/// What is asked for.
struct Question {
    name: &'static str,
    path: &'static str,
    /// What is measured is that another email is asked for.
    again: bool,
}

/// The server that is asked, and its clock.
struct Asked {
    running: Running,
    ahead: Arc<AtomicI64>,
}

/// Measures each.
pub async fn measure() {
    for (name, path, again) in [
        ("register", "/api/register", false),
        ("forgot", "/api/forgot-password", false),
        ("sign-in by code", "/api/login/code", false),
        ("resend of register", "/api/register", true),
        ("resend of forgot", "/api/forgot-password", true),
        ("resend of sign-in by code", "/api/login/code", true),
    ] {
        compare(&Question { name, path, again }).await;
    }
}

async fn compare(question: &Question) {
    let silent = MailServer::silent();
    let asked = Asked::start(&silent).await;
    let mut connection = Connection::open(asked.running.addr).await;
    let mut samples: [Vec<f64>; ADDRESSES.len()] = Default::default();
    let mut dice = Dice(20_261_129);
    for round in 0..SAMPLES / ADDRESSES.len() {
        // In another order each time: what one leaves to be done meets another one.
        let mut order: Vec<usize> = (0..ADDRESSES.len()).collect();
        dice.shuffle(&mut order);
        for kind in order {
            samples[kind].push(asked.time(&mut connection, question, &address(kind, round % EACH)).await);
        }
    }
    let medians = samples.each_ref().map(|samples| percentile(50, samples));
    let said = ADDRESSES.iter().zip(medians).map(|((name, _), median)| format!("{name} {median:.3}"));
    println!("  {}, median ms: {}", question.name, said.collect::<Vec<_>>().join(", "));
    let farthest = samples[1..].iter().map(|known| apart(known, &samples[0]).abs()).fold(0.0, f64::max);
    at_most(&format!("{}: known from unknown, in deviations", question.name), farthest, APART);
    asked.running.stop();
}

/// All are equally long.
fn address(kind: usize, n: usize) -> String {
    format!("{kind}{n}@example.com")
}

impl Asked {
    async fn start(mail: &MailServer) -> Self {
        let folder = accounts().await;
        let ahead = Arc::<AtomicI64>::default();
        let (wall, steady) = (Arc::clone(&ahead), Arc::clone(&ahead));
        let (clock, monotonic) = (Clock::system(), Clock::system());
        let clock = Clock::new(
            move || clock.now() + Millis(wall.load(Ordering::SeqCst)),
            move || monotonic.monotonic() + Millis(steady.load(Ordering::SeqCst)),
        );
        let flags = mail.flags();
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        Self { running: Running::at(folder, &flags, clock).await, ahead }
    }

    /// How long the answer takes, in milliseconds.
    async fn time(&self, connection: &mut Connection, question: &Question, email: &str) -> f64 {
        let first = post(question.path, "", &json!({"email": email, "password": PASSWORD}).to_string());
        if !question.again {
            let sent = Instant::now();
            connection.send(&first).await;
            return since(sent);
        }
        let begun = connection.ask(&first).await;
        // Another one may be asked for after half a minute.
        self.ahead.fetch_add(31_000, Ordering::SeqCst);
        let again = post("/api/resend", &format!("cookie: pending={}\r\n", pending(&begun)), "{}");
        let sent = Instant::now();
        connection.send(&again).await;
        since(sent)
    }
}

fn pending(answer: &Answer) -> &str {
    let rest = answer.head.split("pending=").nth(1).expect("a cookie");
    rest.split(';').next().unwrap()
}

/// The data of a server that knows them.
async fn accounts() -> TempDir {
    let running = Running::start(&[]).await;
    for kind in 1..ADDRESSES.len() {
        for n in 0..EACH {
            running.register(&address(kind, n)).await;
        }
    }
    install_default_drivers();
    let mut database = AnyConnection::connect(&running.database()).await.unwrap();
    for (kind, (_, has)) in ADDRESSES.iter().enumerate().skip(1) {
        let sql = format!("UPDATE users SET {has} WHERE email LIKE '{kind}%'");
        sqlx::query(AssertSqlSafe(sql)).execute(&mut database).await.unwrap();
    }
    database.close().await.unwrap();
    running.stop()
}
