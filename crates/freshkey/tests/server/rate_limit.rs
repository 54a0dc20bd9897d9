//! Rate limits.

use crate::support::{PASSWORD, TestApp, code, eventually, signed};
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
async fn whoever_is_signed_in_guesses_codes_no_faster() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let app = app.restart(&["--rate-limit", "13/1h", "--mail", "dev", "--mail-rate-limit", "off"]).await;
    // The first of the thirteen.
    let session = signed(app.login("ada@example.com", PASSWORD).await).await;
    let code = json!({"code": "12345678", "new_password": PASSWORD});
    let guesses = [
        ("/api/login/code/confirm", code.clone()),
        ("/api/register/confirm", code.clone()),
        ("/api/reset-password", code),
        ("/api/login/second-factor", json!({"code": "123456"})),
        ("/api/forgot-password", json!({"email": "eve@example.com"})),
        ("/api/secure", json!({"token": "AAAA", "answer": "not_me"})),
    ];
    for round in 0..3 {
        for (path, body) in &guesses {
            let asked = app.post(path).bearer_auth(&session.access).json(body).send().await.unwrap();
            assert_eq!(asked.status() == 429, round == 2, "{path} {round}");
        }
    }
    assert_eq!(app.protected(&session.access).await.status(), 200, "what needs the session has its own count");
    app.stop().await;
}

#[tokio::test]
async fn what_is_no_call_does_not_count_and_is_not_refused() {
    let app = TestApp::with(&["--rate-limit", "1/1m"]).await;
    for round in 0..2 {
        for path in ["/", "/login", "/register", "/livez", "/readyz", "/.well-known/jwks.json", "/pkg/none.js"] {
            let status = app.get(path).send().await.unwrap().status();
            assert_ne!(status, 429, "{path}");
        }
        let call = app.get("/api/protected").send().await.unwrap().status();
        assert_eq!(call, if round == 0 { 401 } else { 429 });
    }
    app.stop().await;
}

#[tokio::test]
async fn only_what_is_genuine_counts_for_a_session() {
    let app = TestApp::with(&["--rate-limit", "6/1h", "--session-rate-limit", "2/1h", "--access-ttl", "1m"]).await;
    let session = app.register("ada@example.com").await;
    let credentials = app.post("/api/login").bearer_auth(&session.access).json(&json!({"email": "ada@example.com"}));
    assert_eq!(credentials.send().await.unwrap().status(), 422, "counts for the address, whoever is signed in");
    assert_eq!(app.protected("a forged token").await.status(), 403);
    assert_eq!(app.refresh("forged").await.status, 403);
    app.wait(Duration::from_mins(2));
    assert_eq!(app.protected(&session.access).await.status(), 401, "it has expired");
    assert_eq!(app.refresh(&session.cookie).await.status, 200, "a genuine refresh counts for its session");
    assert_eq!(app.get("/api/me").send().await.unwrap().status(), 401, "the sixth");
    assert_eq!(app.get("/api/me").send().await.unwrap().status(), 429);
    assert_eq!(app.refresh("forged").await.status, 429);
    assert_eq!(app.refresh(&session.cookie).await.status, 200);
    assert_eq!(app.refresh(&session.cookie).await.status, 429, "its own allowance is used up");
    app.stop().await;
}

/// Waiting exactly as long as it says is enough, and a second less is not.
#[tokio::test]
async fn retry_after_is_enough_and_no_more_than_needed() {
    for (limit, interval) in [("7/1m", 9), ("3/10s", 4), ("90/1m", 1)] {
        let app = TestApp::with(&["--rate-limit", limit]).await;
        let call = async || app.get("/api/protected").send().await.unwrap();
        eventually("the allowance is used up", async || (call().await.status() != 401).then_some(())).await;
        let refused = call().await;
        let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert_eq!(seconds, interval);
        assert_eq!(refused.headers()["ratelimit"], format!("\"address\";r=0;t={seconds}").as_str());
        app.wait(Duration::from_secs(seconds - 1));
        assert_eq!(call().await.status(), 429);
        app.wait(Duration::from_secs(1));
        assert_eq!(call().await.status(), 401);
        app.stop().await;
    }
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
    assert_eq!(login(&app, "2001:db8:0:1::1").await, 401);
    assert_eq!(login(&app, "192.0.2.7, unknown").await, 401, "malformed: the proxy's own address counts");
    for malformed in ["", "198.51.100.1, , 198.51.100.2", "198.51.100.300", "for=198.51.100.1"] {
        assert_eq!(login(&app, malformed).await, 429, "{malformed:?}");
    }
    app.stop().await;
    let app = TestApp::with(&["--rate-limit", "1/1m"]).await;
    assert_eq!(login(&app, "192.0.2.1").await, 401);
    assert_eq!(login(&app, "192.0.2.2").await, 429, "nobody else is believed");
    app.stop().await;
}
