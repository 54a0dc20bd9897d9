//! Rate limits.

use crate::support::{PASSWORD, TestApp, code};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn guessing_is_limited_by_address_and_refills_evenly() {
    let app = TestApp::with(&["--rate-limit", "5/1m"]).await;
    for _ in 0..5 {
        assert_eq!(app.login("ada@example.com", "a wrong password").await.status(), 401);
    }
    let refused = app.login("ada@example.com", "a wrong password").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "12");
    assert_eq!(refused.headers()["ratelimit-policy"], "\"address\";q=5;w=60");
    assert!(refused.headers().contains_key("ratelimit"));
    assert_eq!(code(refused).await, "RATE_LIMITED");
    assert_eq!(app.get("/api/nothing").send().await.unwrap().status(), 429, "everything under /api counts");
    assert_eq!(app.get("/login").send().await.unwrap().status(), 200, "pages do not");
    app.wait(Duration::from_secs(12));
    assert_eq!(app.login("ada@example.com", "a wrong password").await.status(), 401);
    assert_eq!(app.login("ada@example.com", "a wrong password").await.status(), 429);
    app.stop().await;
}

#[tokio::test]
async fn who_is_signed_in_has_an_allowance_of_his_own() {
    let app = TestApp::with(&["--rate-limit", "3/1m", "--session-rate-limit", "4/1m"]).await;
    let session = app.register("ada@example.com").await;
    for _ in 0..2 {
        app.login("ada@example.com", "a wrong password").await;
    }
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 429);
    for _ in 0..2 {
        assert_eq!(app.protected(&session.access).await.status(), 200);
        assert_eq!(app.refresh(&session.cookie).await.status, 200, "a genuine refresh counts for its session");
    }
    assert_eq!(app.protected(&session.access).await.status(), 429);
    assert_eq!(app.refresh(&session.cookie).await.code(), "RATE_LIMITED");
    app.stop().await;
}

#[tokio::test]
async fn another_site_can_not_use_up_a_visitors_allowance() {
    let app = TestApp::with(&["--rate-limit", "1/1m"]).await;
    for _ in 0..5 {
        let foreign = app.post("/api/login").header("sec-fetch-site", "cross-site").json(&json!({}));
        assert_eq!(foreign.send().await.unwrap().status(), 403);
    }
    assert_eq!(app.login("ada@example.com", "a wrong password").await.status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn off_is_off() {
    let app = TestApp::with(&["--rate-limit", "off", "--session-rate-limit", "off"]).await;
    let session = app.register("ada@example.com").await;
    for _ in 0..120 {
        assert_eq!(app.get("/api/protected").send().await.unwrap().status(), 401);
    }
    assert_eq!(app.protected(&session.access).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_an_allowance() {
    let login = async |app: &TestApp, client: &str| {
        let body = json!({"email": "ada@example.com", "password": "a wrong password"});
        app.post("/api/login").header("x-forwarded-for", client).json(&body).send().await.unwrap().status()
    };
    let app = TestApp::with(&["--rate-limit", "1/1m", "--trusted-proxies", "127.0.0.0/8"]).await;
    assert_eq!(login(&app, "192.0.2.1").await, 401);
    assert_eq!(login(&app, "192.0.2.1").await, 429);
    assert_eq!(login(&app, "9.9.9.9, 192.0.2.1").await, 429, "what the client wrote itself is nothing");
    assert_eq!(login(&app, "2001:db8::1").await, 401);
    assert_eq!(login(&app, "2001:db8::2").await, 429, "a /64 is one household");
    app.stop().await;
    let app = TestApp::with(&["--rate-limit", "1/1m"]).await;
    assert_eq!(login(&app, "192.0.2.1").await, 401);
    assert_eq!(login(&app, "192.0.2.2").await, 429, "nobody else is believed");
    app.stop().await;
}
