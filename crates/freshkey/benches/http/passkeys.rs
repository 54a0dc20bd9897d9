//! Signing in by a passkey, beside what nobody is spared: the check of an ES256 signature, and a row on the disk.

#[path = "../../tests/server/support/authenticator.rs"]
#[expect(dead_code, reason = "what the tests bend, and keys of other kinds")]
mod authenticator;

use crate::{
    client::{Connection, get, post},
    server::{PASSWORD, Running},
};
use authenticator::{Authenticator, straight};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
    },
};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection as _, Executor, any::install_default_drivers};
use std::time::{Duration, Instant};

const ORIGIN: &str = "http://localhost:3000";
const INSERT: &str = "INSERT INTO sessions (id, user_id, generation, confirmed_generation, rotated_at, created_at,
                                            refreshed_at, expires_at, remember)
    SELECT lower(hex(randomblob(16))), user_id, 0, 0, created_at, created_at, refreshed_at, expires_at, 1
    FROM sessions LIMIT 1";

/// An account with a passkey, and the browser that it signs in from.
pub struct Account {
    running: Running,
    connection: Connection,
    authenticator: Authenticator,
    cookie: String,
}

impl Account {
    pub async fn prepare() -> Self {
        let running = Running::start(&["--origin", ORIGIN]).await;
        let mut connection = Connection::open(running.addr).await;
        let account = json!({"email": "bench@example.com", "password": PASSWORD}).to_string();
        let session = connection.ask(&post("/api/register", "", &account)).await;
        let headers = format!(
            "authorization: Bearer {}\r\nx-csrf-token: {}\r\n",
            session.text("access_token"),
            session.text("csrf_token")
        );
        let options = connection.ask(&post("/api/factors/passkeys/options", &headers, "{}")).await;
        let mut authenticator = Authenticator::new(ORIGIN);
        let credential = authenticator.make(&serde_json::from_slice(&options.body).unwrap(), straight);
        let body = json!({"credential": credential}).to_string();
        connection.ask(&post("/api/factors/passkeys", &headers, &body)).await;
        let step = connection.ask(&get("/api/login/passkey", "")).await;
        let set = step.head.split("set-cookie: ").nth(1).expect("a cookie");
        let cookie = format!("cookie: {}\r\n", set.split(';').next().unwrap());
        Self { running, connection, authenticator, cookie }
    }

    /// How long one client waits for its session, once the person has answered: half of the times it is less.
    pub async fn sign_in(&mut self, time: Duration) -> Duration {
        let (mut took, begun) = (Vec::new(), Instant::now());
        while begun.elapsed() < time {
            let options = self.connection.ask(&get("/api/login/passkey", &self.cookie)).await;
            let options: Value = serde_json::from_slice(&options.body).unwrap();
            let body = json!({"credential": self.authenticator.get(&options, straight)}).to_string();
            let request = post("/api/login/passkey", &self.cookie, &body);
            let sent = Instant::now();
            self.connection.ask(&request).await;
            took.push(sent.elapsed());
        }
        middle(took)
    }

    pub fn stop(self) {
        self.running.stop();
    }
}

/// The same, of a signature that is checked and a row that is inserted, and nothing else.
pub async fn bare(time: Duration) -> Duration {
    let running = Running::start(&[]).await;
    running.register("bench@example.com").await;
    install_default_drivers();
    let mut database = AnyConnection::connect(&running.database()).await.unwrap();
    for pragma in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"] {
        database.execute(pragma).await.unwrap();
    }
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let signature = key.sign(&SystemRandom::new(), ORIGIN.as_bytes()).unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.public_key().as_ref());
    let (mut took, begun) = (Vec::new(), Instant::now());
    while begun.elapsed() < time {
        let sent = Instant::now();
        public.verify(ORIGIN.as_bytes(), signature.as_ref()).unwrap();
        database.execute(INSERT).await.unwrap();
        took.push(sent.elapsed());
    }
    running.stop();
    middle(took)
}

fn middle(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}
