//! Confirming that it is you: what sensitive calls ask for, and how it is given.

mod cookies;
mod forms;

pub use forms::operation;

use crate::support::{Browser, PASSWORD, Signed, TestApp, at_once, code, eventually};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;

const TTL: Duration = Duration::from_mins(10);
const MOMENT: Duration = Duration::from_millis(1);

/// A sensitive call, with an input that it does not take.
fn sensitive(app: &TestApp, session: &Signed) -> RequestBuilder {
    let request = app.post("/api/admin/users/disable").bearer_auth(&session.access);
    request.header("x-csrf-token", &session.csrf).json(&json!({"id": ""}))
}

/// Whether a sensitive call of this session gets as far as its body: for whoever is no administrator, nothing is there.
async fn is_let_through(app: &TestApp, session: &Signed) -> bool {
    match code(sensitive(app, session).send().await.unwrap()).await.as_str() {
        "NOT_FOUND" => true,
        "STEP_UP_REQUIRED" => false,
        other => panic!("{other}"),
    }
}

fn step_up(app: &TestApp, session: &Signed, body: &Value) -> RequestBuilder {
    app.post("/api/step-up").bearer_auth(&session.access).header("x-csrf-token", &session.csrf).json(body)
}

/// Confirms with the right password and no cookie: the new access token.
async fn confirmed(app: &TestApp, session: &Signed) -> Signed {
    let answer = step_up(app, session, &json!({"password": PASSWORD})).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    Signed { access: body["access_token"].as_str().unwrap().to_owned(), ..session.clone() }
}

async fn status(app: &TestApp, access: &str) -> Value {
    let answer = app.get("/api/step-up").bearer_auth(access).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

fn claims(access: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(access.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

async fn set(app: &TestApp, columns: &str) {
    let pool = app.database().connect().await;
    sqlx::query(sqlx::AssertSqlSafe(format!("UPDATE sessions SET {columns}"))).execute(&pool).await.unwrap();
    pool.close().await;
}

async fn make_admin(app: &TestApp) {
    let pool = app.database().connect().await;
    sqlx::query("UPDATE users SET role = 'admin'").execute(&pool).await.unwrap();
    pool.close().await;
}

async fn refusal(answer: Response) -> (u16, Value) {
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn it_is_judged_after_the_tokens_and_before_the_input() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    make_admin(&app).await;
    let begun = app.now();
    assert_eq!(code(sensitive(&app, &session).send().await.unwrap()).await, "VALIDATION", "a moment after the sign-in");
    app.wait(TTL + MOMENT);
    let without = app.post("/api/admin/users/disable").json(&json!({})).send().await.unwrap();
    assert_eq!(code(without).await, "TOKEN_NOT_FOUND");
    let request = app.post("/api/admin/users/disable").bearer_auth(&session.access).header("x-csrf-token", "x");
    assert_eq!(code(request.json(&json!({})).send().await.unwrap()).await, "INVALID_CSRF_TOKEN");

    let refused = sensitive(&app, &session).send().await.unwrap();
    let challenge = r#"Bearer error="insufficient_user_authentication", error_description="A more recent authentication is required", max_age=600"#;
    assert_eq!(refused.headers()["www-authenticate"], challenge);
    let (status, body) = refusal(refused).await;
    let step_up = json!({"required": true, "authenticated_at": begun, "max_age": 600, "methods": ["password"]});
    let expected = json!({"code": "STEP_UP_REQUIRED", "message": "Confirm it's you", "step_up": step_up});
    assert_eq!((status, body), (401, expected));

    let session = confirmed(&app, &session).await;
    assert_eq!(code(sensitive(&app, &session).send().await.unwrap()).await, "VALIDATION");
    app.stop().await;
}

#[tokio::test]
async fn every_call_that_acts_on_anothers_account_needs_it() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    make_admin(&app).await;
    app.wait(TTL + MOMENT);
    let document: Value = app.get("/api/openapi.json").send().await.unwrap().json().await.unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let acting: Vec<_> = paths.filter(|(path, of)| path.starts_with("/api/admin/") && of["post"].is_object()).collect();
    assert!(acting.len() >= 4);
    for (path, of) in acting {
        assert!(of["post"]["responses"]["401"].to_string().contains("STEP_UP_REQUIRED"), "{path}");
        let request = app.post(path).bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
        assert_eq!(code(request.json(&json!({"id": "x"})).send().await.unwrap()).await, "STEP_UP_REQUIRED", "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_sign_in_and_a_step_up_count_for_their_time() {
    let app = TestApp::with(&["--step-up-ttl", "5m"]).await;
    let session = app.register("ada@example.com").await;
    let ttl = TTL / 2;
    app.wait(ttl);
    assert!(is_let_through(&app, &session).await);
    app.wait(MOMENT);
    assert!(!is_let_through(&app, &session).await);
    let session = confirmed(&app, &session).await;
    app.wait(ttl);
    assert!(is_let_through(&app, &session).await);
    app.wait(MOMENT);
    assert!(!is_let_through(&app, &session).await);
    assert_eq!(status(&app, &session.access).await["max_age"], 300);
    // A clock that is set back makes no step-up count for longer.
    let session = confirmed(&app, &session).await;
    app.set_back(Duration::from_mins(2));
    let refreshed = app.refresh(&session.cookie).await;
    let session = Signed { access: refreshed.access().to_owned(), ..session };
    assert!(!is_let_through(&app, &session).await);
    app.stop().await;
}

#[tokio::test]
async fn it_is_the_sessions_and_survives_a_refresh() {
    let app = TestApp::start().await;
    let (here, there) = (app.register("ada@example.com").await, app.sign_in("ada@example.com").await);
    let begun = app.now();
    app.wait(TTL + MOMENT);
    let stepped_up = confirmed(&app, &here).await;
    let at = app.now();
    let [before, after] = [&here, &stepped_up].map(|session| claims(&session.access));
    assert_eq!((&before["auth_time"], &before["amr"]), (&json!(begun / 1000), &json!(["pwd"])));
    assert_eq!((&after["auth_time"], &after["amr"]), (&json!(at / 1000), &json!(["pwd"])));
    assert!(!is_let_through(&app, &there).await, "another session of the same user");
    assert!(is_let_through(&app, &here).await, "its token of before");
    let mut again = here;
    for _ in 0..3 {
        app.wait(Duration::from_mins(1));
        let refreshed = app.refresh(&again.cookie).await;
        let cookie = refreshed.cookie.clone().expect("it is rotated");
        again = Signed { access: refreshed.access().to_owned(), cookie, ..again };
        assert_eq!(claims(&again.access)["auth_time"], at / 1000);
        assert!(is_let_through(&app, &again).await);
    }
    app.stop().await;
}

#[tokio::test]
async fn it_counts_on_every_instance() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let other = app.another(&[]).await;
    app.wait(TTL + MOMENT);
    assert!(!is_let_through(&other, &session).await);
    let session = confirmed(&app, &session).await;
    assert!(is_let_through(&other, &session).await);
    other.stop().await;
    app.stop().await;
}

#[tokio::test]
async fn sessions_of_an_earlier_release_signed_in_when_they_began() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let begun = app.now();
    set(&app, "authenticated_at = NULL, stepped_up_at = NULL").await;
    assert!(is_let_through(&app, &session).await);
    app.wait(TTL + MOMENT);
    assert!(!is_let_through(&app, &session).await);
    let refreshed = app.refresh(&session.cookie).await;
    assert_eq!(claims(refreshed.access())["auth_time"], begun / 1000);
    app.stop().await;
}

/// The code in the newest email to ada.
async fn mailed_code(app: &TestApp, kind: &str) -> String {
    eventually("the email arrives", async || {
        let mailbox = app.get("/dev/mailbox").header("accept", "application/json").send().await.unwrap();
        let emails: Vec<Value> = mailbox.json().await.unwrap();
        let email = emails.iter().find(|email| email["kind"] == kind)?;
        Some(email["subject"].as_str().unwrap().chars().filter(char::is_ascii_digit).collect())
    })
    .await
}

/// Somebody who reads the mailbox must not do what needs the password.
#[tokio::test]
async fn a_mailed_code_signs_in_and_does_not_count() {
    let app = TestApp::with(&["--mail", "dev"]).await;
    let mut ada = Browser::default();
    let account = json!({"email": "ada@example.com", "password": PASSWORD});
    assert_eq!(ada.post(&app, "/api/register", account).await.0, 202);
    let code = mailed_code(&app, "register").await;
    let (status, registered) = ada.post(&app, "/api/register/confirm", json!({"code": code})).await;
    assert_eq!(status, 201);
    let session = |answer: &Value| {
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Signed { access: text("access_token"), csrf: text("csrf_token"), cookie: String::new() }
    };
    assert_eq!(claims(&session(&registered).access)["amr"], json!(["pwd"]));
    assert!(is_let_through(&app, &session(&registered)).await, "the password was given a moment ago");

    assert_eq!(ada.post(&app, "/api/login/code", json!({"email": "ada@example.com"})).await.0, 202);
    let code = mailed_code(&app, "sign_in_code").await;
    let (status, by_code) = ada.post(&app, "/api/login/code/confirm", json!({"code": code})).await;
    assert_eq!(status, 200);
    let by_code = session(&by_code);
    assert_eq!(
        (&claims(&by_code.access)["amr"], &claims(&by_code.access)["auth_time"]),
        (&json!(["otp"]), &json!(app.now() / 1000))
    );
    assert!(!is_let_through(&app, &by_code).await);
    assert_eq!(self::status(&app, &by_code.access).await["required"], true);
    let confirmed = confirmed(&app, &by_code).await;
    assert!(is_let_through(&app, &confirmed).await);
    assert_eq!(claims(&confirmed.access)["amr"], json!(["pwd"]));
    app.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_named_and_noted() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(TTL + MOMENT);
    for (body, sentence) in [
        (json!({"password": "a wrong password"}), "This is not your password."),
        (json!({"password": ""}), "Enter your password."),
        (json!({}), "Enter your password."),
    ] {
        let (status, body) = refusal(step_up(&app, &session, &body).send().await.unwrap()).await;
        assert_eq!(
            (status, &body["code"], &body["fields"]),
            (422, &json!("VALIDATION"), &json!({"password": sentence}))
        );
    }
    let without = app.post("/api/step-up").bearer_auth(&session.access).json(&json!({"password": PASSWORD}));
    assert_eq!(code(without.send().await.unwrap()).await, "INVALID_CSRF_TOKEN");
    assert!(!is_let_through(&app, &session).await);
    confirmed(&app, &session).await;
    let events = eventually("both are in the activity", async || {
        let items: Vec<Value> =
            app.get("/api/activity").bearer_auth(&session.access).send().await.unwrap().json().await.unwrap();
        let found = |event: &str| items.iter().find(|item| item["event"] == event).cloned();
        Some([found("stepped_up")?, found("step_up_refused")?])
    })
    .await;
    assert!(events.iter().all(|item| item["current"] == true && item["count"] == 1), "{events:?}");
    app.stop().await;
}

#[tokio::test]
async fn guesses_are_limited_also_when_they_come_at_once() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "3/15m"]).await;
    let session = app.register("ada@example.com").await;
    app.wait(TTL + MOMENT);
    let guess = json!({"password": "a wrong password"});
    let answers = at_once((0..20).map(|_| step_up(&app, &session, &guess)).collect()).await;
    let judged = answers.iter().filter(|(_, answer)| answer.status() == 422).count();
    assert_eq!((judged, answers.iter().filter(|(_, answer)| answer.status() == 429).count()), (3, 17));
    let limited = step_up(&app, &session, &json!({"password": PASSWORD})).send().await.unwrap();
    assert_eq!(limited.headers()["retry-after"], "300");
    assert_eq!(code(limited).await, "RATE_LIMITED", "the right one is refused too");
    let change = json!({"current_password": PASSWORD, "new_password": "another quiet horse"});
    let request = app.post("/api/profile/password").bearer_auth(&session.access);
    let limited = request.header("x-csrf-token", &session.csrf).json(&change).send().await.unwrap();
    assert_eq!(code(limited).await, "RATE_LIMITED", "one count for both");
    assert!(!is_let_through(&app, &session).await);
    app.sign_in("ada@example.com").await;
    app.stop().await;
}

#[tokio::test]
async fn a_session_that_is_over_is_not_asked() {
    let app = TestApp::start().await;
    let (here, there) = (app.register("ada@example.com").await, app.sign_in("ada@example.com").await);
    app.wait(TTL + MOMENT);
    app.logout(&here.cookie).await;
    assert_eq!(code(sensitive(&app, &here).send().await.unwrap()).await, "SESSION_ENDED");
    let over = step_up(&app, &here, &json!({"password": PASSWORD})).send().await.unwrap();
    assert_eq!(code(over).await, "SESSION_ENDED");
    confirmed(&app, &there).await;
    app.stop().await;
}
