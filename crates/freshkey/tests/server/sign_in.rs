//! Register, sign in, sign out.

use crate::support::{PASSWORD, TestApp, code, cookie, set_cookie, signed};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn registration_starts_a_session() {
    let app = TestApp::start().await;
    let body = json!({"email": " Ada@Example.com ", "password": PASSWORD, "name": " Ada ", "role": "admin"});
    let answer = app.post("/api/register").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert!(set_cookie(&answer, "refresh").unwrap().ends_with("; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000"));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 900);
    assert_eq!(body["refresh_timeout"], 10);
    assert_eq!(body["server_time"], app.now());
    assert_eq!(body["user"]["email"], "Ada@Example.com");
    assert_eq!(body["user"]["name"], "Ada");
    let me: Value = app
        .get("/api/me")
        .bearer_auth(body["access_token"].as_str().unwrap())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(me, body["user"]);
    app.stop().await;
}

#[tokio::test]
async fn an_address_has_one_account_however_it_is_written() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let body = json!({"email": "  ADA@example.COM", "password": "another quiet horse"});
    let answer = app.post("/api/register").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 409);
    assert_eq!(code(answer).await, "EMAIL_TAKEN");
    assert_eq!(app.login("ADA@EXAMPLE.COM ", PASSWORD).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_the_field() {
    let app = TestApp::start().await;
    let cases = [
        (json!({}), &["email", "password"][..]),
        (json!({"email": "", "password": ""}), &["email", "password"]),
        (json!({"email": "nobody", "password": PASSWORD}), &["email"]),
        (json!({"email": "a@b.c", "password": "short"}), &["password"]),
        (json!({"email": "ada.lovelace@b.c", "password": "ada.lovelace"}), &["password"]),
        (json!({"email": "a@b.c", "password": "password123"}), &["password"]),
        (json!({"email": "a@b.c", "password": PASSWORD, "name": "x".repeat(101)}), &["name"]),
    ];
    for (body, fields) in cases {
        let answer = app.post("/api/register").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{body}");
        let refused: Value = answer.json().await.unwrap();
        assert_eq!(refused["code"], "VALIDATION");
        let named: Vec<_> = refused["fields"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(named, fields, "{body}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_one_answer() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let mut answers = Vec::new();
    for (email, password) in
        [("ada@example.com", "wrong password"), ("bob@example.com", PASSWORD), ("no address", PASSWORD)]
    {
        let answer = app.login(email, password).await;
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        assert_eq!(cookie(&answer, "refresh"), None);
        answers.push(answer.text().await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_password_is_compared_exactly() {
    let app = TestApp::start().await;
    let long = "0123456789".repeat(15);
    let body = json!({"email": "ada@example.com", "password": long});
    assert_eq!(app.post("/api/register").json(&body).send().await.unwrap().status(), 201);
    for wrong in [&long[..149], &format!("{long} "), &format!("{long}0"), &long.replace('9', "9 ")] {
        assert_eq!(app.login("ada@example.com", wrong).await.status(), 401);
    }
    assert_eq!(app.login("ada@example.com", &long).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn remember_is_whether_the_cookie_outlives_the_browser() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let with = async |remember: Value| {
        let mut body = json!({"email": "ada@example.com", "password": PASSWORD});
        if !remember.is_null() {
            body["remember"] = remember;
        }
        app.post("/api/login").json(&body).send().await.unwrap()
    };
    for remembered in [with(Value::Null).await, with(json!(true)).await] {
        assert!(set_cookie(&remembered, "refresh").unwrap().contains("Max-Age=2592000"));
    }
    let answer = with(json!(false)).await;
    assert!(!set_cookie(&answer, "refresh").unwrap().contains("Max-Age"));
    let session = signed(answer).await;
    app.wait(Duration::from_mins(1));
    let rotated =
        app.post("/api/refresh-token").header("cookie", format!("refresh={}", session.cookie)).send().await.unwrap();
    assert!(!set_cookie(&rotated, "refresh").unwrap().contains("Max-Age"), "nor after a rotation");
    app.stop().await;
}

#[tokio::test]
async fn a_login_ends_the_session_that_its_cookie_named() {
    let app = TestApp::start().await;
    let before = app.register("ada@example.com").await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let answer =
        app.post("/api/login").header("cookie", format!("refresh={}", before.cookie)).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let after = signed(answer).await;
    assert_ne!(after.cookie, before.cookie);
    assert_eq!(app.refresh(&before.cookie).await.reason(), "signed_out");
    assert_eq!(app.protected(&before.access).await.status(), 401);
    assert_eq!(app.protected(&after.access).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn after_a_logout_nothing_works_any_more() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let answer = app.logout(&session.cookie).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()["clear-site-data"], "\"cache\"");
    assert_eq!(cookie(&answer, "refresh").as_deref(), Some(""));
    assert_eq!(answer.text().await.unwrap(), "");

    let refused = app.protected(&session.access).await;
    assert_eq!(refused.status(), 401);
    let body: Value = refused.json().await.unwrap();
    assert_eq!((body["code"].as_str(), body["reason"].as_str()), (Some("SESSION_ENDED"), Some("signed_out")));
    let refresh = app.refresh(&session.cookie).await;
    assert_eq!((refresh.status, refresh.code(), refresh.reason()), (403, "INVALID_REFRESH_TOKEN", "signed_out"));
    assert_eq!(refresh.cookie.as_deref(), Some(""), "the cookie goes, since its session is really over");
    assert_eq!(app.logout(&session.cookie).await.status(), 204, "as often as it is called");
    assert_eq!(app.post("/api/logout").send().await.unwrap().status(), 204);
    app.stop().await;
}

#[tokio::test]
async fn a_logout_by_bearer_alone_ends_the_session_too() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    assert_eq!(app.post("/api/logout").bearer_auth(&session.access).send().await.unwrap().status(), 204);
    assert_eq!(app.refresh(&session.cookie).await.status, 403);
    assert_eq!(app.get("/api/logout").send().await.unwrap().status(), 405, "never by GET");
    app.stop().await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let app = TestApp::start().await;
    let (kept, ended) = (app.register("ada@example.com").await, app.sign_in("ada@example.com").await);
    app.logout(&ended.cookie).await;
    let origin = app.origin.clone();
    let app = app.restart(&["--issuer", &origin, "--audience", &origin]).await;
    assert_eq!(app.refresh(&kept.cookie).await.status, 200);
    assert_eq!(app.refresh(&ended.cookie).await.reason(), "signed_out");
    let refused = app.protected(&ended.access).await;
    assert_eq!(code(refused).await, "SESSION_ENDED", "also for access tokens of before");
    assert_eq!(app.protected(&kept.access).await.status(), 200);
    app.stop().await;
}

/// On an `http:` origin another site on the machine can plant a cookie beside ours.
#[tokio::test]
async fn a_logout_ends_each_session_that_its_cookies_name() {
    let app = TestApp::start().await;
    let (one, two) = (app.register("ada@example.com").await, app.sign_in("ada@example.com").await);
    let other = app.sign_in("ada@example.com").await;
    let cookies = format!("refresh=planted; refresh={}; refresh={}", one.cookie, two.cookie);
    let answer = app.post("/api/logout").header("cookie", &cookies).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(cookie(&answer, "refresh").as_deref(), Some(""));
    for session in [&one, &two] {
        assert_eq!(app.refresh(&session.cookie).await.reason(), "signed_out");
        assert_eq!(app.protected(&session.access).await.status(), 401);
    }
    assert_eq!(app.protected(&other.access).await.status(), 200);

    let three = app.sign_in("ada@example.com").await;
    let form = async |csrf: &str| {
        let cookies = format!("refresh={}; refresh={}", other.cookie, three.cookie);
        app.post("/api/logout").header("cookie", cookies).form(&[("_csrf", csrf)]).send().await.unwrap().status()
    };
    assert_eq!(form(&one.csrf).await, 403, "another session's");
    assert_eq!(app.protected(&three.access).await.status(), 200);
    assert_eq!(form(&three.csrf).await, 204);
    for session in [&other, &three] {
        assert_eq!(app.refresh(&session.cookie).await.reason(), "signed_out");
    }
    app.stop().await;
}
