//! What the program keeps in memory: the real one, in a process of its own.

use crate::{
    client::{Connection, get, post},
    server::Running,
};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::task::JoinSet;

/// The resident set in MiB: idle, after a flood of logins, of forged tokens, of addresses.
pub struct Resident {
    pub idle: f64,
    pub logins: f64,
    pub forged: f64,
    pub addresses: f64,
}

struct Program(Child, SocketAddr);

impl Program {
    fn start() -> (Self, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_freshkey"))
            .env("LEPTOS_SITE_ADDR", "127.0.0.1:0")
            .env("LEPTOS_SITE_ROOT", crate::server::SITE)
            .env("FRESHKEY_DATA_DIR", folder.path())
            .env("FRESHKEY_RATE_LIMIT", "1000000/1s")
            .env("FRESHKEY_LOGIN_RATE_LIMIT", "off")
            .env("FRESHKEY_TRUSTED_PROXIES", "127.0.0.0/8")
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("http://localhost:").nth(1).unwrap().split_whitespace().next().unwrap();
        (Self(child, format!("127.0.0.1:{port}").parse().unwrap()), folder)
    }

    fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

/// Measures it; `many` forged tokens, and a tenth as many addresses.
pub async fn measure(many: u32) -> Resident {
    let (mut program, _folder) = Program::start();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = program.resident();
    let register = Running::login("bench@example.com").replace("/api/login", "/api/register");
    let token = Connection::open(program.1).await.ask(&register).await.text("access_token");
    // A good header and payload, and a signature that is well-formed: refused by its check alone.
    let signed = token.rsplit_once('.').unwrap().0.to_owned();
    flood(program.1, 600, |_| Running::login("bench@example.com")).await;
    let logins = program.resident();
    flood(program.1, many, move |n| get("/api/me", &format!("authorization: Bearer {signed}.{n:085}A\r\n"))).await;
    let forged = program.resident();
    let from = |n: u32| format!("x-forwarded-for: {}\r\n", std::net::Ipv4Addr::from_bits(0x0100_0000 + n));
    flood(program.1, many / 10, move |n| post("/api/logout", &from(n), "{}")).await;
    let addresses = program.resident();
    program.0.kill().unwrap();
    program.0.wait().unwrap();
    Resident { idle, logins, forged, addresses }
}

/// Sends so many requests, whatever they are answered.
async fn flood(addr: SocketAddr, many: u32, request: impl Fn(u32) -> String + Send + Sync + Clone + 'static) {
    const CLIENTS: u32 = 64;
    let mut tasks = JoinSet::new();
    for client in 0..CLIENTS {
        let request = request.clone();
        tasks.spawn(async move {
            let mut connection = Connection::open(addr).await;
            for n in (client..many).step_by(CLIENTS as usize) {
                connection.status(&request(n)).await;
            }
        });
    }
    tasks.join_all().await;
}
