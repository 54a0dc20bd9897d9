//! Two-step sign-in: authenticator apps, recovery codes, trusted devices, as clients see them.

mod manage;
mod pages;
mod paths;
pub mod repeats;
mod required;
mod sign_in;
mod undo;

use crate::{
    steps::email_change::{app_with, post},
    support::{Browser, PASSWORD, Signed, TestApp, code_at, seed},
};
use serde_json::{Value, json};
use std::time::Duration;

const ADA: &str = "ada@example.com";
const STEP: Duration = Duration::from_secs(30);

/// An account with an app.
struct Protected {
    app: TestApp,
    /// The session in which the app was added.
    session: Signed,
    seed: Vec<u8>,
    recovery: Vec<String>,
}

impl Protected {
    /// An account with mail and an app, whose first code was used a moment ago.
    async fn with(flags: &[&str]) -> Self {
        let (app, [session]) = app_with([ADA], flags).await;
        let (seed, recovery) = add(&app, &session).await;
        app.wait(STEP);
        Self { app, session, seed, recovery }
    }

    /// What the app shows now.
    fn code(&self) -> String {
        code_at(&self.seed, self.app.now())
    }

    /// Types the password: the step that comes next.
    async fn password(&self, browser: &mut Browser) -> Value {
        let body = json!({"email": ADA, "password": PASSWORD, "remember": true});
        let (status, step) = browser.post(&self.app, "/api/login", body).await;
        assert_eq!((status, &step["status"]), (202, &json!("second_factor")), "{step}");
        step
    }

    /// Signs in by password and code, in a browser of its own.
    async fn sign_in(&self, browser: &mut Browser, trust: bool) -> Value {
        self.password(browser).await;
        self.app.wait(STEP);
        let body = json!({"code": self.code(), "trust": trust});
        let (status, answer) = browser.post(&self.app, "/api/login/second-factor", body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

/// Adds an app: its seed, and the recovery codes.
pub async fn add(app: &TestApp, session: &Signed) -> (Vec<u8>, Vec<String>) {
    let (status, waiting) = call(app, session, "/api/factors/totp", json!({"name": "Phone"})).await;
    assert_eq!(status, 201, "{waiting}");
    let seed = seed(waiting["secret"].as_str().unwrap());
    let body = json!({"id": waiting["id"], "code": code_at(&seed, app.now())});
    let (status, added) = call(app, session, "/api/factors/totp/confirm", body).await;
    assert_eq!((status, &added["two_step"]), (200, &json!(true)), "{added}");
    let codes = added["recovery_codes"].as_array().map(Vec::as_slice).unwrap_or_default();
    (seed, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn call(app: &TestApp, session: &Signed, path: &str, body: Value) -> (u16, Value) {
    let answer = post(app, session, path, body).await;
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

async fn factors(app: &TestApp, session: &Signed) -> Value {
    app.get("/api/factors").bearer_auth(&session.access).send().await.unwrap().json().await.unwrap()
}

/// What happened to the account, the newest first, and how somebody signed in.
async fn events(app: &TestApp, access: &str) -> Vec<(String, Option<String>)> {
    let items: Value = app.get("/api/activity").bearer_auth(access).send().await.unwrap().json().await.unwrap();
    let text = |item: &Value, field: &str| item[field].as_str().map(str::to_owned);
    items.as_array().unwrap().iter().map(|item| (text(item, "event").unwrap(), text(item, "method"))).collect()
}

/// Requires two-step sign-in of every account, as an administrator does.
pub async fn require(app: &TestApp) {
    let pool = app.database().connect().await;
    sqlx::query("UPDATE users SET two_step_required = 1").execute(&pool).await.unwrap();
    pool.close().await;
}

/// How many emails of this kind were written, sent or not.
async fn emails(app: &TestApp, kind: &str) -> i64 {
    let pool = app.database().connect().await;
    let query = sqlx::query_as("SELECT COUNT(*) FROM outbox WHERE kind = $1").bind(kind);
    let (emails,): (i64,) = query.fetch_one(&pool).await.unwrap();
    pool.close().await;
    emails
}

/// A session that a browser has begun.
fn signed(browser: &Browser, answer: &Value) -> Signed {
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Signed {
        access: text("access_token"),
        csrf: text("csrf_token"),
        cookie: browser.value("refresh").unwrap().to_owned(),
    }
}
