//! Requests that come twice: a double click, or a network that repeats them.

use crate::support::{GRACE, PASSWORD, Signed, TestApp, at_once, code, cookie, signed};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use std::collections::HashSet;

const OTHER: &str = "seventeen slow snails";
const FLAGS: &[&str] = &["--rate-limit", "off", "--login-rate-limit", "off"];

fn register(app: &TestApp, email: &str, password: &str) -> RequestBuilder {
    app.post("/api/register").json(&json!({"email": email, "password": password}))
}

/// What every browser says, and no program has to.
fn from_a_browser(app: &TestApp, request: RequestBuilder) -> RequestBuilder {
    request.header("origin", &app.origin)
}

async fn sessions(app: &TestApp, session: &Signed) -> usize {
    let answer = app.get("/api/sessions").bearer_auth(&session.access).send().await.unwrap();
    answer.json::<Vec<Value>>().await.unwrap().len()
}

async fn all_signed(answers: Vec<(usize, Response)>, status: u16) -> Vec<Signed> {
    let mut all = Vec::new();
    for (_, answer) in answers {
        assert_eq!(answer.status(), status);
        all.push(signed(answer).await);
    }
    all
}

fn cookies(sessions: &[Signed]) -> HashSet<&str> {
    sessions.iter().map(|session| session.cookie.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_comes_twice_is_one() {
    let app = TestApp::with(FLAGS).await;
    let spellings = ["ada@example.com", " ADA@example.com", "Ada@Example.Com "];
    let requests = (0..15).map(|turn| register(&app, spellings[turn % 3], PASSWORD)).collect();
    let all = all_signed(at_once(requests).await, 201).await;
    for session in &all {
        assert_eq!(app.protected(&session.access).await.status(), 200);
    }
    let twice = || from_a_browser(&app, register(&app, "bob@example.com", PASSWORD));
    let bobs = all_signed(at_once(vec![twice(), twice()]).await, 201).await;
    assert_eq!(cookies(&bobs).len(), 1, "a browser keeps one cookie");
    assert_eq!(sessions(&app, &bobs[0]).await, 1);
    app.stop().await;
}

#[tokio::test]
async fn a_registration_with_another_password_or_later_is_another() {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    let other = register(&app, "ada@example.com", OTHER).send().await.unwrap();
    assert_eq!((other.status().as_u16(), code(other).await.as_str()), (409, "EMAIL_TAKEN"));
    assert_eq!(register(&app, "ada@example.com", PASSWORD).send().await.unwrap().status(), 201);
    app.wait(GRACE);
    let late = register(&app, "ada@example.com", PASSWORD).send().await.unwrap();
    assert_eq!((late.status().as_u16(), cookie(&late, "refresh")), (409, None));
    app.stop().await;
}

/// It is no way around the limit on guesses.
#[tokio::test]
async fn guessing_by_registering_again_is_limited() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "3/15m"]).await;
    app.register("ada@example.com").await;
    for _ in 0..3 {
        assert_eq!(register(&app, "ada@example.com", OTHER).send().await.unwrap().status(), 409);
    }
    assert_eq!(register(&app, "ada@example.com", PASSWORD).send().await.unwrap().status(), 429);
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 429);
    app.stop().await;
}

#[tokio::test]
async fn a_registration_says_whether_its_cookie_outlives_the_browser() {
    let app = TestApp::with(FLAGS).await;
    for (name, remember, lasts) in [("a", json!(null), true), ("b", json!(true), true), ("c", json!(false), false)] {
        let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD, "remember": remember});
        let answer = app.post("/api/register").json(&body).send().await.unwrap();
        let cookie = crate::support::set_cookie(&answer, "refresh").unwrap();
        assert_eq!(cookie.contains("Max-Age"), lasts, "{remember}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_a_browser_sends_twice_leaves_no_session_behind() {
    let app = TestApp::with(FLAGS).await;
    let before = app.register("ada@example.com").await;
    let login = || {
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        app.post("/api/login").header("cookie", format!("refresh={}", before.cookie)).json(&body)
    };
    let all = all_signed(at_once((0..8).map(|_| login()).collect()).await, 200).await;
    assert_eq!(cookies(&all).len(), 1, "whichever answer comes last");
    assert_eq!(app.refresh(&before.cookie).await.reason(), "signed_out");
    assert_eq!(sessions(&app, &all[0]).await, 1);
    // Once it is answered, the same again is another login.
    let again = signed(login().send().await.unwrap()).await;
    assert_ne!(again.cookie, all[0].cookie);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_sign_in_at_once_have_a_session_each() {
    let app = TestApp::with(FLAGS).await;
    let before = app.register("ada@example.com").await;
    let login = || app.post("/api/login").json(&json!({"email": "ada@example.com", "password": PASSWORD}));
    let all = all_signed(at_once((0..8).map(|_| login()).collect()).await, 200).await;
    assert_eq!(cookies(&all).len(), 8);
    assert_eq!(sessions(&app, &before).await, 9);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_password_that_comes_twice_is_one() {
    let app = TestApp::with(FLAGS).await;
    let mine = app.register("ada@example.com").await;
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        let request = app.post("/api/profile/password").bearer_auth(&mine.access);
        request.header("x-csrf-token", &mine.csrf).json(&body)
    };
    for (_, answer) in at_once((0..4).map(|_| change(PASSWORD, OTHER)).collect()).await {
        assert_eq!(answer.status(), 204);
    }
    assert_eq!(change(PASSWORD, OTHER).send().await.unwrap().status(), 204, "and a moment later");
    assert_eq!(change(PASSWORD, "a third one of these").send().await.unwrap().status(), 422);
    app.wait(GRACE);
    assert_eq!(change(PASSWORD, OTHER).send().await.unwrap().status(), 422, "later it is a wrong password");
    assert_eq!(app.login("ada@example.com", OTHER).await.status(), 200);
    app.stop().await;
}
