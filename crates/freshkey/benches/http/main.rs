//! `make bench`: what Freshkey costs, as ratios measured in one run. Absolute numbers are this
//! machine's; ratios travel. Each round measures both sides in turn, so that a machine that slows
//! down slows both; the median of the rounds' ratios counts.
//!
//! `FRESHKEY_BENCH_FLOOD` is how many forged tokens the memory is measured after.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench prints, and fails where it stands"
)]

mod client;
mod enumeration;
mod mail;
mod memory;
mod passkeys;
mod postgres;
mod refresh;
mod samples;
mod server;
mod smtp;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use axum::{Json, Router, routing::get as route};
use client::{Connection, get, percentile, rate};
use freshkey::app::{
    api::protocol::{Get, Public},
    error::ApiError,
};
use leptos::prelude::*;
use postgres::OnPostgres;
use serde_json::json;
use server::Running;
use std::{
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, task::JoinSet};

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

/// The empty server function that a protected one is measured against.
#[server(prefix = "/api", endpoint = "empty", protocol = Get<Public>)]
async fn empty() -> Result<u32, ApiError> {
    Ok(0)
}

#[tokio::main]
async fn main() {
    println!("median of {ROUNDS} rounds of {} s, on {} cores", ROUND.as_secs(), cores());
    // `cargo bench -- postgres`: what is named, or all.
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|named| named == name);
    if wanted("calls") {
        calls().await;
    }
    if wanted("refreshes") {
        refreshes().await;
    }
    if wanted("postgres") {
        refreshes_on_postgres().await;
    }
    if wanted("logins") {
        logins().await;
    }
    if wanted("passkeys") {
        sign_ins_by_passkey().await;
    }
    if wanted("pages") {
        pages().await;
    }
    if wanted("mail") {
        mail::answers().await;
        mail::outbox().await;
    }
    if wanted("enumeration") {
        enumeration::measure().await;
    }
    if wanted("memory") {
        memory().await;
    }
}

async fn calls() {
    let running = Running::start(&[]).await;
    let bare = bare_handler().await;
    let (token, _) = running.register("bench@example.com").await;
    let call = get("/api/protected", &format!("authorization: Bearer {token}\r\n"));
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let bare = rate(bare, &get("/", ""), CONNECTIONS, ROUND).await;
        let empty = rate(running.addr, &get("/api/empty", ""), CONNECTIONS, ROUND).await;
        rounds.push([bare, empty, rate(running.addr, &call, CONNECTIONS, ROUND).await]);
    }
    println!(
        "  bare axum handler {:.0}/s, empty server function {:.0}/s, protected call {:.0}/s",
        median(&rounds, |round| round[0]),
        median(&rounds, |round| round[1]),
        median(&rounds, |round| round[2])
    );
    at_least("protected call, of an empty server function", median(&rounds, |round| round[2] / round[1]), 0.90);
    at_least("protected call, of a bare axum handler", median(&rounds, |round| round[2] / round[0]), 0.70);
    running.stop();
}

async fn refreshes() {
    let (few, mut few_cookies) = refresh::prepare(1000).await;
    let (many, mut many_cookies) = refresh::prepare(1_000_000).await;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let bare = refresh::bare(ROUND).await;
        let few = refresh::rate(&few, &mut few_cookies, ROUND).await;
        rounds.push([bare, few, refresh::rate(&many, &mut many_cookies, ROUND).await]);
    }
    println!(
        "  bare UPDATE {:.0}/s, refresh {:.0}/s, refresh among a million {:.0}/s",
        median(&rounds, |round| round[0]),
        median(&rounds, |round| round[1]),
        median(&rounds, |round| round[2])
    );
    at_least("refresh, of the bare UPDATE, grouped", median(&rounds, |round| round[1] / round[0]), 0.60);
    at_least("refresh among a million sessions, of a thousand", median(&rounds, |round| round[2] / round[1]), 0.90);
    few.stop();
    many.stop();
}

async fn refreshes_on_postgres() {
    let Some(mut server) = OnPostgres::prepare().await else {
        println!("skipped: refreshes on Postgres need scripts/with-services.sh");
        return;
    };
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let bare = server.bare(ROUND).await;
        let rotations = server.rotations(ROUND).await;
        rounds.push([bare, rotations, refresh::rate(&server.running, &mut server.cookies, ROUND).await]);
    }
    println!(
        "  on Postgres: bare grouped UPDATE {:.0}/s, rotation by the store {:.0}/s, refresh over HTTP {:.0}/s",
        median(&rounds, |round| round[0]),
        median(&rounds, |round| round[1]),
        median(&rounds, |round| round[2])
    );
    let ratio = median(&rounds, |round| round[1] / round[0]);
    at_least("rotation on Postgres, of the bare UPDATE, grouped", ratio, 0.60);
    server.running.stop();
}

async fn logins() {
    let running = Running::start(&[]).await;
    let (token, _) = running.register("bench@example.com").await;
    let login = Running::login("bench@example.com");
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let alone = argon2_alone();
        rounds.push([alone, rate(running.addr, &login, 16, ROUND).await]);
    }
    println!(
        "  argon2 alone {:.0}/s, login {:.0}/s",
        median(&rounds, |round| round[0]),
        median(&rounds, |round| round[1])
    );
    at_least("login, of argon2 alone on all cores", median(&rounds, |round| round[1] / round[0]), 0.90);

    let call = get("/api/protected", &format!("authorization: Bearer {token}\r\n"));
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let quiet = percentile(99, running.addr, &call, ROUND).await;
        let mut flood = JoinSet::new();
        for _ in 0..64 {
            let (addr, login) = (running.addr, login.clone());
            flood.spawn(async move {
                let mut connection = Connection::open(addr).await;
                loop {
                    connection.status(&login).await;
                }
            });
        }
        rounds.push([quiet.as_secs_f64(), percentile(99, running.addr, &call, ROUND).await.as_secs_f64()]);
        flood.shutdown().await;
        // What still waits in the queue is not the next round's.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    println!(
        "  one client: p99 of its protected calls {:.2} ms, in a flood of logins {:.2} ms",
        1e3 * median(&rounds, |round| round[0]),
        1e3 * median(&rounds, |round| round[1])
    );
    at_most("p99 in a flood of logins, times that without", median(&rounds, |round| round[1] / round[0]), 3.0);
    running.stop();
}

async fn sign_ins_by_passkey() {
    let mut account = passkeys::Account::prepare().await;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let bare = passkeys::bare(ROUND).await;
        rounds.push([bare.as_secs_f64(), account.sign_in(ROUND).await.as_secs_f64()]);
    }
    println!(
        "  ES256 checked and a row inserted: p50 {:.2} ms; sign-in by a passkey: p50 {:.2} ms, {:.2} times that",
        1e3 * median(&rounds, |round| round[0]),
        1e3 * median(&rounds, |round| round[1]),
        median(&rounds, |round| round[1] / round[0])
    );
    account.stop();
}

async fn pages() {
    let running = Running::start(&[]).await;
    let (_, cookie) = running.register("bench@example.com").await;
    let page = |path: &str| get(path, &format!("accept: text/html\r\ncookie: refresh={cookie}\r\n"));
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let home = percentile(50, running.addr, &page("/"), ROUND).await;
        let app = percentile(50, running.addr, &page("/app"), ROUND).await;
        rounds.push([home.as_secs_f64(), app.as_secs_f64()]);
    }
    at_most("ms to render / signed in, median", 1e3 * median(&rounds, |round| round[0]), 3.0);
    at_most("ms to render /app signed in, median", 1e3 * median(&rounds, |round| round[1]), 3.0);
    println!("  /app, times /: {:.2}", median(&rounds, |round| round[1] / round[0]));
    running.stop();
}

async fn memory() {
    let many = std::env::var("FRESHKEY_BENCH_FLOOD").ok().and_then(|many| many.parse().ok()).unwrap_or(1_000_000);
    let resident = memory::measure(many).await;
    at_most("MiB idle", resident.idle, 40.0);
    at_most("MiB after a flood of logins", resident.logins, 100.0);
    at_most(&format!("MiB after {many} forged tokens"), resident.forged, 100.0);
    at_most(&format!("MiB after {} addresses", many / 10), resident.addresses, 100.0);
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Hashes a second, on all cores, with nothing else.
fn argon2_alone() -> f64 {
    let begun = Instant::now();
    let threads: Vec<_> = (0..cores())
        .map(|_| {
            thread::spawn(move || {
                // As the server's do.
                rustix::process::nice(19).unwrap();
                let params = Params::new(19 * 1024, 2, 1, Some(32)).unwrap();
                let mut blocks = vec![Block::default(); params.block_count()];
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                let mut count = 0_u32;
                while begun.elapsed() < ROUND {
                    argon2
                        .hash_password_into_with_memory(b"a quiet brown horse", &[7; 16], &mut [0; 32], &mut blocks)
                        .unwrap();
                    count += 1;
                }
                f64::from(count)
            })
        })
        .collect();
    let total: f64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    total / begun.elapsed().as_secs_f64()
}

async fn bare_handler() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let answer =
        || async { Json(json!({"message": "This is a protected resource", "user": {"id": "1", "email": "a@b"}})) };
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", route(answer))).await });
    addr
}

fn median<const N: usize>(rounds: &[[f64; N]], pick: impl Fn(&[f64; N]) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(pick).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn at_least(what: &str, measured: f64, wanted: f64) {
    say(what, measured, &format!("at least {wanted:.2}"), measured >= wanted);
}

fn at_most(what: &str, measured: f64, wanted: f64) {
    say(what, measured, &format!("at most {wanted:.2}"), measured <= wanted);
}

fn say(what: &str, measured: f64, wanted: &str, met: bool) {
    println!("{} {what:<52} {measured:>7.2}   {wanted}", if met { "ok     " } else { "NOT MET" });
}
