//! A server in this process, on a free port.

use crate::client::{Connection, post};
use freshkey::server::{Server, clock::Clock};
use serde_json::json;
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// Web files that no bench asks for.
pub const SITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/freshkey/tests/server/site");
pub const PASSWORD: &str = "a quiet brown horse";

pub struct Running {
    pub addr: SocketAddr,
    pub folder: TempDir,
    task: JoinHandle<()>,
}

impl Running {
    /// Limits count and are never reached, but for those that would refuse what is measured.
    pub async fn start(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::on(folder, flags).await
    }

    pub async fn on(folder: TempDir, flags: &[&str]) -> Self {
        Self::at(folder, flags, Clock::system()).await
    }

    /// With a clock of its own.
    pub async fn at(folder: TempDir, flags: &[&str], clock: Clock) -> Self {
        let data = folder.path().to_str().unwrap();
        let own = ["--site-addr", "127.0.0.1:0", "--data-dir", data, "--site-root", SITE];
        let limits = ["--session-rate-limit", "1000000/1s", "--rate-limit", "1000000/1s", "--login-rate-limit", "off"];
        let (app, flags) = (starter::freshkey(), [&own[..], &limits, flags].concat());
        let settings = app.settings_from(&flags).unwrap_or_else(|errors| panic!("{errors:?}"));
        let server = Server::bind(app, settings, clock).await.unwrap();
        let addr = server.local_addr().unwrap();
        Self { addr, folder, task: tokio::spawn(server.run(std::future::pending())) }
    }

    /// Where its database is.
    pub fn database(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("freshkey.db").display())
    }

    /// An access token and a refresh cookie of a new account.
    pub async fn register(&self, email: &str) -> (String, String) {
        let request = post("/api/register", "", &json!({"email": email, "password": PASSWORD}).to_string());
        let answer = Connection::open(self.addr).await.ask(&request).await;
        (answer.text("access_token"), answer.cookie())
    }

    /// The request that signs in.
    pub fn login(email: &str) -> String {
        post("/api/login", "", &json!({"email": email, "password": PASSWORD}).to_string())
    }

    /// Stops it; its data stay for as long as the folder is kept.
    pub fn stop(self) -> TempDir {
        self.task.abort();
        self.folder
    }
}
