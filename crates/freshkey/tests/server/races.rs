//! Calls that come at the same time, over HTTP: whichever order they take, what ended stays ended.

use crate::support::{GRACE, Refreshed, Signed, TestApp, at_once};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::collections::HashSet;

const ROUNDS: usize = 8;
const REFRESHES: usize = 6;

fn refresh(app: &TestApp, session: &Signed) -> RequestBuilder {
    app.post("/api/refresh-token").header("cookie", format!("refresh={}", session.cookie))
}

fn unsafely(app: &TestApp, path: &str, session: &Signed) -> RequestBuilder {
    app.post(path).bearer_auth(&session.access).header("x-csrf-token", &session.csrf)
}

/// Refreshes of `victim` race what ends it; afterwards nothing of it works, whatever a refresh was
/// answered.
async fn refreshes_lose_to(app: &TestApp, victim: &Signed, ending: RequestBuilder, reason: &str) {
    app.wait(GRACE);
    let mut requests: Vec<_> = (0..REFRESHES).map(|_| refresh(app, victim)).collect();
    requests.insert(REFRESHES / 2, ending);
    let mut cookies = HashSet::from([victim.cookie.clone()]);
    let mut tokens = vec![victim.access.clone()];
    for (index, answer) in at_once(requests).await {
        if index == REFRESHES / 2 {
            assert_eq!(answer.status(), 204, "{reason}");
            continue;
        }
        let refreshed = Refreshed::read(answer).await;
        if refreshed.status == 200 {
            tokens.push(refreshed.access().to_owned());
            cookies.extend(refreshed.cookie);
        } else {
            assert_eq!((refreshed.status, refreshed.reason()), (403, reason));
        }
    }
    for cookie in &cookies {
        let late = app.refresh(cookie).await;
        assert_eq!((late.status, late.reason()), (403, reason));
    }
    for token in &tokens {
        assert_eq!(app.protected(token).await.status(), 401, "{reason}: no access token outlives it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_races_a_logout_loses() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "off"]).await;
    app.register("ada@example.com").await;
    for _ in 0..ROUNDS {
        let victim = app.sign_in("ada@example.com").await;
        let logout = app.post("/api/logout").header("cookie", format!("refresh={}", victim.cookie));
        refreshes_lose_to(&app, &victim, logout, "signed_out").await;
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_races_a_logout_everywhere_loses() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "off"]).await;
    app.register("ada@example.com").await;
    for _ in 0..ROUNDS {
        let (here, there) = (app.sign_in("ada@example.com").await, app.sign_in("ada@example.com").await);
        let ending = unsafely(&app, "/api/logout-all", &here);
        refreshes_lose_to(&app, &there, ending, "revoked").await;
        assert_eq!(app.refresh(&here.cookie).await.reason(), "revoked");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_races_a_revocation_loses() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "off"]).await;
    app.logout(&app.register("ada@example.com").await.cookie).await;
    for _ in 0..ROUNDS {
        let (here, victim) = (app.sign_in("ada@example.com").await, app.sign_in("ada@example.com").await);
        let listed = app.get("/api/sessions").bearer_auth(&here.access).send().await.unwrap();
        let listed: Vec<Value> = listed.json().await.unwrap();
        let id = &listed.iter().find(|item| item["current"] == false).unwrap()["id"];
        let ending = unsafely(&app, "/api/sessions/revoke", &here).json(&json!({"id": id}));
        refreshes_lose_to(&app, &victim, ending, "revoked").await;
        app.logout(&here.cookie).await;
    }
    app.stop().await;
}
