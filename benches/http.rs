//! `make bench`: what a protected call costs beside a handler that does nothing, as a ratio of
//! requests per second measured in one run. Absolute numbers are this machine's; ratios travel.
//!
//! Each round measures both in turn, so that a machine that slows down slows both.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints, and fails where it stands")]

use axum::{Json, Router, routing::get};
use clap::Parser;
use freshkey::server::{
    Server,
    clock::Clock,
    settings::{ServeArgs, Settings},
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    args: ServeArgs,
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    // A limit that is counted and never reached.
    let limit = ["--session-rate-limit", "1000000/1s"];
    let own = ["bench", "--site-addr", "127.0.0.1:0", "--data-dir", data];
    let flags = Flags::parse_from(own.iter().chain(&limit));
    let settings = Settings::parse(flags.args).unwrap_or_else(|errors| panic!("{errors:?}"));
    let server = Server::bind(settings, Clock::system()).await.unwrap();
    let freshkey = server.local_addr().unwrap();
    tokio::spawn(server.run(std::future::pending()));
    let bare = bare_handler().await;

    let token = register(freshkey).await;
    let call = format!("GET /api/protected HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n");
    let plain = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned();
    let live = "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned();

    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push([rate(bare, &plain).await, rate(freshkey, &live).await, rate(freshkey, &call).await]);
    }
    let median = |pick: &dyn Fn(&[f64; 3]) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(pick).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    println!("requests per second, {CONNECTIONS} connections, median of {ROUNDS} rounds of {} s", ROUND.as_secs());
    println!("  a bare axum handler      {:>9.0}", median(&|round| round[0]));
    println!(
        "  GET /livez               {:>9.0}   {:.2} of bare: what the layers cost",
        median(&|round| round[1]),
        median(&|round| round[1] / round[0])
    );
    println!(
        "  GET /api/protected       {:>9.0}   {:.2} of bare",
        median(&|round| round[2]),
        median(&|round| round[2] / round[0])
    );
}

async fn bare_handler() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let answer =
        || async { Json(json!({"message": "This is a protected resource", "user": {"id": "1", "email": "a@b"}})) };
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", get(answer))).await });
    addr
}

async fn register(addr: SocketAddr) -> String {
    let body = json!({"email": "bench@example.com", "password": "a quiet brown horse"}).to_string();
    let request = format!(
        "POST /api/register HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = Connection::open(addr).await;
    let answer: Value = serde_json::from_slice(&connection.exchange(&request).await).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// Requests per second over all connections.
async fn rate(addr: SocketAddr, request: &str) -> f64 {
    let mut tasks = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..CONNECTIONS {
        let request = request.to_owned();
        tasks.spawn(async move {
            let (mut connection, mut count) = (Connection::open(addr).await, 0_u32);
            while begun.elapsed() < ROUND {
                connection.exchange(&request).await;
                count += 1;
            }
            f64::from(count)
        });
    }
    let total: f64 = tasks.join_all().await.iter().sum();
    total / begun.elapsed().as_secs_f64()
}

/// HTTP/1.1 with as little as possible on the client's side.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(4096) }
    }

    async fn exchange(&mut self, request: &str) -> Vec<u8> {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        loop {
            assert_ne!(self.stream.read_buf(&mut self.buffer).await.unwrap(), 0, "the connection stays open");
            let Some(head) = find(&self.buffer, b"\r\n\r\n").map(|at| at + 4) else {
                continue;
            };
            let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
            assert!(text.starts_with("http/1.1 2"), "{text}");
            let length =
                text.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok()).unwrap_or(0);
            if self.buffer.len() >= head + length {
                return self.buffer[head..head + length].to_vec();
            }
        }
    }
}

fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len()).position(|window| window == pattern)
}
