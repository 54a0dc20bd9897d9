//! What an email, an answer or a cookie had in it, and what was typed: none of it is in the log, the database or an export.

use crate::support::{Running, TestDatabase, eventually, program};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::path::Path;

const PASSWORDS: [&str; 3] = ["canary yellow one", "canary yellow two", "canary yellow three"];
const ADA: &str = "ada@example.com";

/// A browser, and all that it was told in secret.
struct Browser {
    program: Running,
    client: Client,
    cookies: Vec<(String, String)>,
    access: String,
    csrf: String,
    secrets: Vec<String>,
}

impl Browser {
    async fn post(&mut self, path: &str, body: Value) -> Value {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.client.post(self.program.url(path)).header("cookie", cookies.join("; "));
        if !self.access.is_empty() {
            request = request.bearer_auth(&self.access).header("x-csrf-token", &self.csrf);
        }
        let answer = request.json(&body).send().await.unwrap();
        self.keep(&answer);
        let (status, answer): (_, Value) = (answer.status(), answer.json().await.unwrap_or_default());
        assert!(status.is_success(), "{path}: {status} {answer}");
        if let (Some(access), Some(csrf)) = (answer["access_token"].as_str(), answer["csrf_token"].as_str()) {
            (self.access, self.csrf) = (access.to_owned(), csrf.to_owned());
            self.secrets.extend([access.to_owned(), csrf.to_owned()]);
        }
        answer
    }

    fn keep(&mut self, answer: &Response) {
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(key, _)| key != name);
            // "1" says that somebody is signed in.
            if value.len() > 1 {
                self.cookies.push((name.to_owned(), value.to_owned()));
                self.secrets.push(value.to_owned());
            }
        }
    }

    /// The code and the token of the `count`th email of this kind to an address.
    async fn mailed(&mut self, to: &str, kind: &str, count: usize) -> (String, String) {
        let email = eventually("the email arrives", async || {
            let request = self.client.get(self.program.url("/dev/mailbox")).header("accept", "application/json");
            let all: Vec<Value> = request.send().await.unwrap().json().await.unwrap();
            let of_kind: Vec<_> = all.into_iter().filter(|email| email["to"] == to && email["kind"] == kind).collect();
            (of_kind.len() == count).then(|| of_kind[0].clone())
        })
        .await;
        let code: String = email["subject"].as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
        let rest = email["text"].as_str().unwrap().split("?t=").nth(1).unwrap_or_default();
        let token = rest.split_whitespace().next().unwrap_or_default().to_owned();
        if !code.is_empty() {
            self.secrets.extend([code.clone(), format!("{} {}", &code[..4], &code[4..])]);
        }
        self.secrets.extend(Some(token.clone()).filter(|token| !token.is_empty()));
        (code, token)
    }

    /// By every door that an email opens; what was exported.
    async fn live_through_a_lot(&mut self) -> String {
        self.post("/api/register", json!({"email": ADA, "password": PASSWORDS[0], "name": "Ada"})).await;
        let (code, _) = self.mailed(ADA, "register", 1).await;
        self.post("/api/register/confirm", json!({"code": code})).await;
        self.post("/api/profile/email", json!({"email": "eve@example.com"})).await;
        let (code, _) = self.mailed("eve@example.com", "email_confirm", 1).await;
        self.post("/api/profile/email/confirm", json!({"code": code})).await;
        let (_, token) = self.mailed(ADA, "email_changed", 1).await;
        self.access.clear();
        self.post("/api/secure", json!({"token": token, "answer": "not_me"})).await;
        let (_, token) = self.mailed(ADA, "reset", 1).await;
        self.post("/api/reset-password", json!({"token": token, "new_password": PASSWORDS[1]})).await;
        self.post("/api/login/code", json!({"email": ADA})).await;
        let (code, _) = self.mailed(ADA, "sign_in_code", 1).await;
        self.post("/api/login/code/confirm", json!({"code": code})).await;
        self.access.clear();
        self.post("/api/forgot-password", json!({"email": ADA})).await;
        let (code, _) = self.mailed(ADA, "reset", 2).await;
        self.post("/api/reset-password", json!({"code": code, "new_password": PASSWORDS[2]})).await;
        self.post("/api/login", json!({"email": ADA, "password": PASSWORDS[2]})).await;
        self.post("/api/profile/export", json!({})).await.to_string()
    }
}

/// All that is in the database, as text.
async fn dump(database: &TestDatabase) -> String {
    if let TestDatabase::Sqlite(file) = database {
        // With what was deleted and is not overwritten yet.
        let read = |path: &Path| std::fs::read(path).unwrap_or_default();
        let whole = [read(file), read(&file.with_extension("db-wal"))].concat();
        return String::from_utf8_lossy(&whole).into_owned();
    }
    let pool = database.connect().await;
    let sql = "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<(String,)> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
    let mut whole = String::new();
    for (table,) in tables {
        let sql = format!("SELECT CAST(t AS TEXT) FROM \"{table}\" AS t");
        let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap();
        whole.extend(rows.into_iter().map(|(row,)| row + "\n"));
    }
    pool.close().await;
    whole
}

/// Whether the text has this secret in it; a code not as a part of a longer number.
fn has(text: &str, secret: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    text.match_indices(secret).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + secret.len()..].chars().next());
        secret.len() > 9 || !(digit(before) || digit(after))
    })
}

#[tokio::test]
async fn no_code_no_token_and_no_password_is_kept_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(folder.path()).await;
    let mut command = program();
    command.arg("serve").args(database.flags()).args(["--rate-limit", "off", "--mail-rate-limit", "off"]);
    command.env("FRESHKEY_DATA_DIR", folder.path()).env("FRESHKEY_MAIL", "dev").env("RUST_LOG", "debug");
    let program = Running::from(command, &folder.path().join("log"));
    let secrets = PASSWORDS.map(str::to_owned).to_vec();
    let (client, cookies) = (Client::new(), Vec::new());
    let mut browser = Browser { program, client, cookies, access: String::new(), csrf: String::new(), secrets };
    let exported = browser.live_through_a_lot().await;
    assert!(browser.secrets.len() > 20, "{:?}", browser.secrets);

    let (log, whole) = (browser.program.log(), dump(&database).await);
    assert!(log.contains("password_reset") && whole.contains(ADA) && exported.contains(ADA), "they are read");
    for (place, text) in [("log", &log), ("database", &whole), ("export", &exported)] {
        let found: Vec<_> = browser.secrets.iter().filter(|secret| has(text, secret)).collect();
        assert!(found.is_empty(), "in the {place}: {found:?}");
    }
    drop(browser);
    if let TestDatabase::Postgres { .. } = database {
        database.drop().await;
    }
}
