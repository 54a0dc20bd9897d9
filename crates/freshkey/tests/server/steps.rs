//! Registration, a forgotten password and a sign-in by email, as clients and people's browsers do them.

pub mod by_admin;
pub mod email_change;
pub mod full;
mod links;
mod notices;
mod recovery;
mod resend;
mod secure;

use crate::support::{Browser, GRACE, HtmlForm, PASSWORD, TestApp, at_once, cookie, eventually};
use reqwest::Response;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::time::Duration;

pub const NEW: &str = "three loud grey geese";
/// Nobody waits for an address's allowance of emails.
pub const MAIL: &[&str] = &["--mail", "dev", "--mail-rate-limit", "off"];

/// The emails that arrived at an address, the newest first.
pub async fn mailbox(app: &TestApp, address: &str) -> Vec<Value> {
    let answer = app.get("/dev/mailbox").header("accept", "application/json").send().await.unwrap();
    let all: Vec<Value> = answer.json().await.unwrap();
    all.into_iter().filter(|email| email["to"].as_str() == Some(address)).collect()
}

/// The newest email of this kind to an address, as soon as it is there, when there are `count` of them.
pub async fn email(app: &TestApp, address: &str, kind: &str, count: usize) -> Value {
    eventually("the email arrives", async || {
        let of_kind = mailbox(app, address).await.into_iter().filter(|email| email["kind"] == kind);
        let of_kind: Vec<_> = of_kind.collect();
        (of_kind.len() == count).then(|| of_kind[0].clone())
    })
    .await
}

pub fn code(email: &Value) -> String {
    let subject = email["subject"].as_str().unwrap();
    let code: String = subject.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(code.len(), 8, "{subject}");
    code
}

pub fn link(app: &TestApp, email: &Value) -> String {
    let text = email["text"].as_str().unwrap();
    let line = text.lines().find(|line| line.trim().starts_with(&app.origin)).expect("a link on a line of its own");
    line.trim().strip_prefix(&app.origin).unwrap().to_owned()
}

pub fn token(link: &str) -> &str {
    link.split_once("?t=").unwrap().1
}

async fn asked(browser: &mut Browser, app: &TestApp, path: &str, body: Value) -> String {
    let (status, step) = browser.post(app, path, body).await;
    assert_eq!((status, step["status"].as_str()), (202, Some("check_mail")), "{step}");
    assert_eq!(step["expires_in"], 600);
    step["challenge"].as_str().unwrap().to_owned()
}

fn registration(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "name": "Ada"})
}

#[tokio::test]
async fn an_account_is_made_by_the_code_in_the_browser_that_asked() {
    let app = TestApp::with(MAIL).await;
    let (mut ada, mut eve) = (Browser::default(), Browser::default());
    let challenge = asked(&mut ada, &app, "/api/register", registration("ada@example.com")).await;
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 401, "nothing is an account yet");
    let code = code(&email(&app, "ada@example.com", "register", 1).await);

    let body = json!({"challenge": challenge, "code": code});
    let (status, refused) = eve.post(&app, "/api/register/confirm", body.clone()).await;
    assert_eq!((status, &refused["code"], &refused["reason"]), (403, &json!("CHALLENGE_OVER"), &Value::Null));
    let (status, answer) = ada.post(&app, "/api/register/confirm", json!({"code": format!("Your code: {code}")})).await;
    assert_eq!((status, &answer["user"]["name"]), (201, &json!("Ada")));
    assert_eq!(app.protected(answer["access_token"].as_str().unwrap()).await.status(), 200);

    // A double click gets the identical cookie; later it is over.
    let cookie = ada.value("refresh").unwrap().to_owned();
    let (status, _) = ada.post(&app, "/api/register/confirm", body.clone()).await;
    assert_eq!((status, ada.value("refresh")), (201, Some(cookie.as_str())));
    app.wait(GRACE);
    let (status, refused) = ada.post(&app, "/api/register/confirm", body).await;
    assert_eq!((status, &refused["reason"]), (403, &json!("used")));
    app.stop().await;
}

#[tokio::test]
async fn many_at_once_with_the_right_code_make_one_account_and_one_session() {
    let app = TestApp::with(MAIL).await;
    let mut ada = Browser::default();
    asked(&mut ada, &app, "/api/register", registration("ada@example.com")).await;
    let code = code(&email(&app, "ada@example.com", "register", 1).await);
    let request = || app.post("/api/register/confirm").header("cookie", ada.header()).json(&json!({"code": code}));
    let answers = at_once((0..4).map(|_| request()).collect()).await;
    let mut cookies: Vec<_> =
        answers.iter().map(|(_, answer)| (answer.status().as_u16(), cookie(answer, "refresh"))).collect();
    cookies.dedup();
    assert!(matches!(cookies.as_slice(), [(201, Some(_))]), "{cookies:?}");
    app.stop().await;
}

#[tokio::test]
async fn five_wrong_codes_end_a_step_and_what_is_no_code_counts_for_nothing() {
    let app = TestApp::with(MAIL).await;
    let mut ada = Browser::default();
    asked(&mut ada, &app, "/api/register", registration("ada@example.com")).await;
    let right = code(&email(&app, "ada@example.com", "register", 1).await);
    let wrong = if right == "00000000" { "00000001" } else { "00000000" };
    for none in ["", "1234567", "letters"] {
        let (status, refused) = ada.post(&app, "/api/register/confirm", json!({"code": none})).await;
        assert_eq!((status, refused["fields"]["code"].is_string()), (422, true), "{refused}");
    }
    for left in (0..5).rev() {
        let (status, refused) = ada.post(&app, "/api/register/confirm", json!({"code": wrong})).await;
        assert_eq!((status, &refused["code"]), (403, &json!("INVALID_CODE")));
        assert_eq!(refused["attempts_left"], left);
    }
    let (status, refused) = ada.post(&app, "/api/register/confirm", json!({"code": right})).await;
    assert_eq!((status, &refused["code"], &refused["reason"]), (403, &json!("CHALLENGE_OVER"), &json!("attempts")));
    app.stop().await;
}

#[tokio::test]
async fn whoever_proves_the_address_first_gets_it_with_their_own_password() {
    let app = TestApp::with(MAIL).await;
    let (mut thief, mut owner) = (Browser::default(), Browser::default());
    asked(&mut thief, &app, "/api/register", registration("ada@example.com")).await;
    let email = email(&app, "ada@example.com", "register", 1).await;
    let (code, link) = (code(&email), link(&app, &email));

    // The owner's mail scanner opens the link, and so does the owner: nothing happens by that.
    let (status, page) = owner.open(&app, &link).await;
    assert_eq!((status, page.as_str()), (303, "/register/finish"));
    let (status, page) = owner.open(&app, "/register/finish").await;
    assert_eq!(status, 200);
    assert!(page.contains("ada@example.com") && !page.contains(token(&link)));
    let form = HtmlForm::find(&page, "/api/register/confirm");
    let back = owner.submit(&app, &form).await;
    assert!(back.starts_with("/register/finish?"), "a scanner that presses the button has no password: {back}");
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 401);

    assert_eq!(owner.submit(&app, &form.with("password", NEW)).await, "/app");
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 401, "the thief's password");
    assert_eq!(app.login("ada@example.com", NEW).await.status(), 200);
    let (status, refused) = thief.post(&app, "/api/register/confirm", json!({"code": code})).await;
    assert_eq!((status, &refused["code"], &refused["reason"]), (403, &json!("CHALLENGE_OVER"), &json!("used")));
    let (status, refused) =
        Browser::default().post(&app, "/api/register/confirm", json!({"token": token(&link), "password": NEW})).await;
    assert_eq!((status, &refused["code"], &refused["reason"]), (403, &json!("INVALID_LINK"), &json!("used")));
    app.stop().await;
}

#[tokio::test]
async fn in_the_browser_that_registered_the_link_asks_for_no_password() {
    let app = TestApp::with(MAIL).await;
    let mut ada = Browser::default();
    asked(&mut ada, &app, "/api/register", registration("ada@example.com")).await;
    let link = link(&app, &email(&app, "ada@example.com", "register", 1).await);
    ada.open(&app, &link).await;
    let (_, page) = ada.open(&app, "/register/finish").await;
    let form = HtmlForm::find(&page, "/api/register/confirm");
    assert_eq!(ada.submit(&app, &form).await, "/app");
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn an_address_with_an_account_is_told_so_by_email_once_a_day_and_nobody_else_learns_it() {
    let app = TestApp::with(MAIL).await;
    let mut ada = Browser::default();
    asked(&mut ada, &app, "/api/register", registration("ada@example.com")).await;
    let code = code(&email(&app, "ada@example.com", "register", 1).await);
    assert_eq!(ada.post(&app, "/api/register/confirm", json!({"code": code})).await.0, 201);

    for (n, wait) in [Duration::ZERO, Duration::from_hours(1), Duration::from_hours(24)].into_iter().enumerate() {
        app.wait(wait);
        let mut eve = Browser::default();
        asked(&mut eve, &app, "/api/register", registration("ADA@example.com")).await;
        let told = email(&app, "ada@example.com", "have_account", if n < 2 { 1 } else { 2 }).await;
        assert!(!told["text"].as_str().unwrap().contains("?t="), "it opens nothing");
        let (status, refused) = eve.post(&app, "/api/register/confirm", json!({"code": "12345678"})).await;
        assert_eq!((status, &refused["code"]), (403, &json!("INVALID_CODE")));
    }
    app.stop().await;
}

#[tokio::test]
async fn another_email_has_another_code_and_the_one_before_stays_good() {
    let app = TestApp::with(MAIL).await;
    let mut ada = Browser::default();
    let challenge = asked(&mut ada, &app, "/api/register", registration("ada@example.com")).await;
    let first = email(&app, "ada@example.com", "register", 1).await;
    assert_eq!(ada.post(&app, "/api/resend", json!({})).await.0, 429, "within 30 seconds");
    app.wait(Duration::from_secs(30));
    assert_eq!(asked(&mut ada, &app, "/api/resend", json!({})).await, challenge);
    let second = email(&app, "ada@example.com", "register", 2).await;
    assert_ne!(code(&first), code(&second));
    assert_eq!(link(&app, &first), link(&app, &second));
    app.wait(Duration::from_secs(590));
    let (status, refused) = ada.post(&app, "/api/register/confirm", json!({"code": code(&first)})).await;
    assert_eq!((status, &refused["code"], &refused["reason"]), (403, &json!("INVALID_CODE"), &json!("expired")));
    assert_eq!(ada.post(&app, "/api/register/confirm", json!({"code": code(&second)})).await.0, 201);
    app.stop().await;
}

/// What can be seen of an answer: the status, the headers but for those of this one answer, and the body.
async fn seen(answer: Response) -> (u16, Vec<(String, String)>, Value) {
    let own = ["date", "x-request-id"];
    let mut headers = Vec::new();
    for (name, value) in answer.headers() {
        let value = value.to_str().unwrap();
        // Of a cookie its length and its attributes.
        let value = match value.split_once('=').filter(|_| name == "set-cookie") {
            Some((cookie, rest)) => {
                let (value, attributes) = rest.split_once(';').unwrap();
                format!("{cookie}={};{attributes}", value.len())
            }
            None => value.to_owned(),
        };
        headers.extend(Some((name.to_string(), value)).filter(|(name, _)| !own.contains(&name.as_str())));
    }
    let status = answer.status().as_u16();
    let mut body: Value = answer.json().await.unwrap();
    body["challenge"] = Value::Null;
    (status, headers, body)
}

#[tokio::test]
async fn every_address_is_answered_alike() {
    let app = TestApp::with(&["--mail-rate-limit", "off"]).await;
    for who in ["unproven", "proven", "disabled", "leaving"] {
        app.register(&format!("{who}@example.com")).await;
    }
    let pool = app.database().connect().await;
    for (who, is) in
        [("proven", "email_verified_at = 1"), ("disabled", "disabled_at = 1"), ("leaving", "delete_at = $1")]
    {
        let sql = format!("UPDATE users SET {is} WHERE email = '{who}@example.com' AND created_at < $1");
        sqlx::query(AssertSqlSafe(sql)).bind(app.now() + 600_000).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let app = app.restart(MAIL).await;
    for path in ["/api/register", "/api/forgot-password", "/api/login/code"] {
        let mut all = Vec::new();
        for who in ["unproven", "proven", "disabled", "leaving", "unknown"] {
            let body = registration(&format!("{who}@example.com"));
            let asked = app.post(path).json(&body).send().await.unwrap();
            let pending = format!("pending={}", cookie(&asked, "pending").unwrap());
            let asked = seen(asked).await;
            app.wait(Duration::from_secs(30));
            let again = app.post("/api/resend").header("cookie", pending).json(&json!({})).send().await.unwrap();
            all.push((asked, seen(again).await));
        }
        assert_eq!((all[0].0.0, all[0].1.0), (202, 202), "{path}: {all:?}");
        assert!(all.iter().all(|answers| *answers == all[0]), "{path}: {all:#?}");
    }
    eventually("the emails are sent", async || (mailbox(&app, "proven@example.com").await.len() == 5).then_some(()))
        .await;
    assert_eq!(mailbox(&app, "unknown@example.com").await.len(), 2, "a registration alone");
    app.stop().await;
}

#[tokio::test]
async fn so_many_emails_an_address_whether_or_not_it_has_an_account() {
    let app = TestApp::with(&["--mail", "dev"]).await;
    for address in ["ada@example.com", "nobody@example.com"] {
        for n in 0..6 {
            let body = json!({"email": if n % 2 == 0 { address.to_owned() } else { address.replace('@', "+shop@") }});
            let answer = app.post("/api/forgot-password").json(&body).send().await.unwrap();
            assert_eq!(answer.status(), if n < 5 { 202 } else { 429 }, "{address} {n}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn without_mail_what_needs_it_is_not_there() {
    let app = TestApp::start().await;
    for path in ["register/confirm", "resend", "login/code", "login/code/confirm", "forgot-password", "reset-password"]
    {
        let answer = app.post(&format!("/api/{path}")).json(&json!({"code": "12345678"})).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
    for page in ["/forgot", "/reset", "/login/code", "/register/confirm", "/register/finish"] {
        assert_eq!(app.page(page, "").await.status(), 404, "{page}");
    }
    app.stop().await;
}
