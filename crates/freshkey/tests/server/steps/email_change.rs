//! Another address: nothing changes before it is proven, and the old one stays taken while that can be undone.

use super::{Browser, MAIL, PASSWORD, TestApp, asked, code, email, mailbox, registration};
use crate::support::{HtmlForm, Signed, cookie, location};
use reqwest::Response;
use serde_json::{Value, json};
use std::time::Duration;

const UNDO: Duration = Duration::from_hours(72);

/// An app with mail, and with these accounts, each with a session.
pub async fn app_with<const N: usize>(accounts: [&str; N], flags: &[&str]) -> (TestApp, [Signed; N]) {
    let app = TestApp::start().await;
    for account in accounts {
        app.register(account).await;
    }
    let app = app.restart(&[MAIL, flags].concat()).await;
    let mut sessions = Vec::new();
    for account in accounts {
        sessions.push(app.sign_in(account).await);
    }
    let sessions = sessions.try_into().expect("as many");
    (app, sessions)
}

pub async fn post(app: &TestApp, session: &Signed, path: &str, body: Value) -> Response {
    let request = app.post(path).bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    request.json(&body).send().await.unwrap()
}

pub async fn profile(app: &TestApp, session: &Signed) -> Value {
    app.get("/api/profile").bearer_auth(&session.access).send().await.unwrap().json().await.unwrap()
}

async fn wish(app: &TestApp, session: &Signed, address: &str) -> String {
    let answer = post(app, session, "/api/profile/email", json!({"email": address})).await;
    assert_eq!(answer.status(), 202, "{address}");
    let step: Value = answer.json().await.unwrap();
    assert_eq!((&step["status"], &step["expires_in"]), (&json!("check_mail"), &json!(600)));
    step["challenge"].as_str().unwrap().to_owned()
}

/// Changes the address in a session.
pub async fn change(app: &TestApp, session: &Signed, to: &str) {
    let before = mailbox(app, to).await.iter().filter(|email| email["kind"] == "email_confirm").count();
    wish(app, session, to).await;
    let code = code(&email(app, to, "email_confirm", before + 1).await);
    let answer = post(app, session, "/api/profile/email/confirm", json!({"code": code})).await;
    assert_eq!(answer.status(), 200, "{to}");
}

async fn refusal(answer: Response) -> (u16, String, Option<String>) {
    let (status, body): (u16, Value) = (answer.status().as_u16(), answer.json().await.unwrap());
    (status, body["code"].as_str().unwrap().to_owned(), body["reason"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn the_new_address_is_the_accounts_once_its_code_was_typed() {
    let (app, [ada]) = app_with(["ada@example.com"], &[]).await;
    let elsewhere = app.sign_in("ada@example.com").await;
    let mut forgetful = Browser::default();
    asked(&mut forgetful, &app, "/api/forgot-password", json!({"email": "ada@example.com"})).await;
    let reset = code(&email(&app, "ada@example.com", "reset", 1).await);

    let challenge = wish(&app, &ada, "Ada@new.example").await;
    let code = code(&email(&app, "Ada@new.example", "email_confirm", 1).await);
    let now = profile(&app, &ada).await;
    assert_eq!((&now["email"], &now["new_email"]), (&json!("ada@example.com"), &json!("Ada@new.example")));
    let body = json!({"challenge": challenge, "code": code});
    let answer = post(&app, &ada, "/api/profile/email/confirm", body.clone()).await;
    assert_eq!(answer.json::<Value>().await.unwrap()["email"], "Ada@new.example");
    assert_eq!(post(&app, &ada, "/api/profile/email/confirm", body).await.status(), 200, "a double click");

    assert_eq!(app.refresh(&elsewhere.cookie).await.reason(), "email_changed");
    assert_eq!(app.protected(&ada.access).await.status(), 200, "this session goes on");
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 401);
    assert_eq!(app.login("ada@NEW.example", PASSWORD).await.status(), 200);
    let (status, over) =
        forgetful.post(&app, "/api/reset-password", json!({"code": reset, "new_password": super::NEW})).await;
    assert_eq!((status, &over["code"], &over["reason"]), (403, &json!("CHALLENGE_OVER"), &json!("replaced")));
    email(&app, "ada@example.com", "email_changed", 1).await;
    let told = email(&app, "Ada@new.example", "email_new", 1).await;
    assert!(!told["text"].as_str().unwrap().contains("?t="), "it opens nothing");
    let now = profile(&app, &ada).await;
    let until = app.now() + i64::try_from(UNDO.as_millis()).unwrap();
    assert_eq!((&now["undo_until"], &now["email_verified_at"]), (&json!(until), &json!(app.now())));
    assert_eq!(now["new_email"], Value::Null);
    let activity: Value = app.get("/api/activity").bearer_auth(&ada.access).send().await.unwrap().json().await.unwrap();
    assert!(activity.as_array().unwrap().iter().any(|item| item["event"] == "email_changed"), "{activity}");
    app.stop().await;
}

#[tokio::test]
async fn an_address_of_another_account_is_answered_alike_and_its_owner_is_told() {
    let (app, [ada, _bob]) = app_with(["ada@example.com", "bob@example.com"], &[]).await;
    wish(&app, &ada, "BOB@example.com").await;
    let told = email(&app, "bob@example.com", "email_wanted", 1).await;
    assert!(!told["text"].as_str().unwrap().contains("?t="), "it opens nothing");
    let database = app.database().connect().await;
    let sql = "SELECT useful_until - created_at FROM outbox WHERE kind = 'email_wanted'";
    let (useful_for,): (i64,) = sqlx::query_as(sql).fetch_one(&database).await.unwrap();
    database.close().await;
    assert_eq!(useful_for, 3 * 24 * 60 * 60 * 1000, "it is a notice");
    let refused = post(&app, &ada, "/api/profile/email/confirm", json!({"code": "12345678"})).await;
    assert_eq!(refusal(refused).await, (403, "INVALID_CODE".to_owned(), None));
    let own = post(&app, &ada, "/api/profile/email", json!({"email": "ADA@example.com"})).await;
    assert_eq!(refusal(own).await, (422, "VALIDATION".to_owned(), None));
    app.stop().await;
}

#[tokio::test]
async fn another_wish_replaces_it_and_another_email_does_not() {
    let (app, [ada]) = app_with(["ada@example.com"], &[]).await;
    let first = wish(&app, &ada, "one@example.com").await;
    let old = code(&email(&app, "one@example.com", "email_confirm", 1).await);
    let second = wish(&app, &ada, "two@example.com").await;
    let refused = post(&app, &ada, "/api/profile/email/confirm", json!({"challenge": first, "code": old})).await;
    assert_eq!(refusal(refused).await, (403, "CHALLENGE_OVER".to_owned(), Some("replaced".to_owned())));
    let good = code(&email(&app, "two@example.com", "email_confirm", 1).await);
    app.wait(Duration::from_secs(30));
    assert_eq!(post(&app, &ada, "/api/resend", json!({"challenge": second})).await.status(), 202);
    email(&app, "two@example.com", "email_confirm", 2).await;
    app.wait(Duration::from_secs(30));
    assert_eq!(post(&app, &ada, "/api/resend", json!({})).await.status(), 202, "the newest one is meant");
    email(&app, "two@example.com", "email_confirm", 3).await;
    let (status, over) = Browser::default().post(&app, "/api/resend", json!({"challenge": second})).await;
    assert_eq!((status, &over["code"]), (403, &json!("CHALLENGE_OVER")), "not in a session of hers");
    let done = post(&app, &ada, "/api/profile/email/confirm", json!({"code": good})).await;
    assert_eq!(done.status(), 200, "the first email's code is still good");
    app.stop().await;
}

#[tokio::test]
async fn whoever_is_quicker_gets_the_address() {
    let (app, [ada]) = app_with(["ada@example.com"], &[]).await;
    wish(&app, &ada, "new@example.com").await;
    let adas = code(&email(&app, "new@example.com", "email_confirm", 1).await);
    let mut eve = Browser::default();
    asked(&mut eve, &app, "/api/register", registration("new@example.com")).await;
    let eves = code(&email(&app, "new@example.com", "register", 1).await);
    assert_eq!(eve.post(&app, "/api/register/confirm", json!({"code": eves})).await.0, 201);
    let refused = post(&app, &ada, "/api/profile/email/confirm", json!({"code": adas})).await;
    assert_eq!(refusal(refused).await, (403, "CHALLENGE_OVER".to_owned(), Some("replaced".to_owned())));
    assert_eq!(profile(&app, &ada).await["email"], "ada@example.com");
    app.stop().await;
}

#[tokio::test]
async fn the_old_address_stays_taken_while_the_change_can_be_undone() {
    let (app, [ada, bob]) = app_with(["ada@example.com", "bob@example.com"], &[]).await;
    change(&app, &ada, "ada@new.example").await;
    for address in ["ada@example.com", "ADA@Example.com"] {
        let mut eve = Browser::default();
        asked(&mut eve, &app, "/api/register", registration(address)).await;
        let (status, refused) = eve.post(&app, "/api/register/confirm", json!({"code": "12345678"})).await;
        assert_eq!((status, &refused["code"]), (403, &json!("INVALID_CODE")));
    }
    wish(&app, &bob, "ada@example.com").await;
    let refused = post(&app, &bob, "/api/profile/email/confirm", json!({"code": "12345678"})).await;
    assert_eq!(refusal(refused).await.1, "INVALID_CODE");
    // What comes after them has arrived, and they have not.
    change(&app, &bob, "bob@new.example").await;
    let mut kinds: Vec<_> = mailbox(&app, "ada@example.com").await.iter().map(|email| email["kind"].clone()).collect();
    kinds.retain(|kind| kind != "new_device");
    assert_eq!(kinds, ["email_changed"]);

    app.wait(UNDO);
    let mut eve = Browser::default();
    asked(&mut eve, &app, "/api/register", registration("ada@example.com")).await;
    let code = code(&email(&app, "ada@example.com", "register", 1).await);
    assert_eq!(eve.post(&app, "/api/register/confirm", json!({"code": code})).await.0, 201);
    app.stop().await;
}

#[tokio::test]
async fn the_own_old_address_can_be_had_back() {
    let (app, [ada]) = app_with(["ada@example.com"], &[]).await;
    change(&app, &ada, "ada@new.example").await;
    change(&app, &ada, "ada@example.com").await;
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn without_mail_it_is_changed_at_once() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
    let elsewhere = app.sign_in("ada@example.com").await;
    let taken = post(&app, &ada, "/api/profile/email", json!({"email": "bob@example.com"})).await;
    assert_eq!(refusal(taken).await.1, "EMAIL_TAKEN");
    let answer = post(&app, &ada, "/api/profile/email", json!({"email": "ada@new.example"})).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().await.unwrap()["email"], "ada@new.example");
    assert_eq!(app.refresh(&elsewhere.cookie).await.reason(), "email_changed");
    assert_eq!(profile(&app, &ada).await["undo_until"], Value::Null, "nobody was told");
    let confirm = post(&app, &ada, "/api/profile/email/confirm", json!({"code": "12345678"})).await;
    assert_eq!(confirm.status(), 404);
    app.register("ada@example.com").await;
    app.stop().await;
}

#[tokio::test]
async fn without_script_the_password_is_asked_for_and_what_was_typed_is_there_again() {
    let (app, [ada]) = app_with(["ada@example.com"], &[]).await;
    app.wait(Duration::from_mins(11));
    let mut refresh = format!("refresh={}", ada.cookie);
    let html = app.page("/app/profile", &refresh).await.text().await.unwrap();
    let form = HtmlForm::find(&html, "/api/profile/email").with("email", "ada@new.example");
    let refused = app.submit(&form, &refresh).await;
    let kept = format!("form={}", cookie(&refused, "form").unwrap());
    let page = location(&refused);
    assert!(page.starts_with("/app/step-up?next="), "{page}");
    let html = app.page(&page, &format!("{refresh}; {kept}")).await.text().await.unwrap();
    let done = app.submit(&HtmlForm::find(&html, "/api/step-up").with("password", PASSWORD), &refresh).await;
    refresh = format!("refresh={}", cookie(&done, "refresh").unwrap());
    let html = app.page(&location(&done), &format!("{refresh}; {kept}")).await.text().await.unwrap();
    assert!(html.contains(r#"value="ada@new.example""#), "what was typed");
    let form = HtmlForm::find(&html, "/api/profile/email").with("email", "ada@new.example");
    assert_eq!(location(&app.submit(&form, &refresh).await), "/app/profile");

    let html = app.page("/app/profile", &refresh).await.text().await.unwrap();
    email(&app, "ada@new.example", "email_confirm", 1).await;
    app.wait(Duration::from_secs(30));
    let again = HtmlForm::find(&html, "/api/resend");
    let elsewhere = location(&app.submit(&again.clone().with("_csrf", "another's"), &refresh).await);
    assert!(elsewhere.contains("error=INVALID_CSRF_TOKEN"), "{elsewhere}");
    let nobodys = location(&app.submit(&again, "").await);
    assert!(nobodys.contains("error=CHALLENGE_OVER"), "{nobodys}");
    assert_eq!(location(&app.submit(&again, &refresh).await), "/app/profile?sent=1");
    let html = app.page("/app/profile?sent=1", &refresh).await.text().await.unwrap();
    assert!(html.contains("A new code is on its way."));
    let code = code(&email(&app, "ada@new.example", "email_confirm", 2).await);
    let form = HtmlForm::find(&html, "/api/profile/email/confirm").with("code", &code);
    assert_eq!(location(&app.submit(&form, &refresh).await), "/app/profile?saved=email");
    let html = app.page("/app/profile?saved=email", &refresh).await.text().await.unwrap();
    assert!(html.contains("Email address confirmed.") && html.contains("You can undo a recent change to your account"));
    app.stop().await;
}

#[tokio::test]
async fn a_form_that_names_no_page_is_led_to_the_profile() {
    let (app, [ada]) = app_with(["ada@example.com"], &[]).await;
    for (path, email) in [("/api/profile/email", "ada@new.example"), ("/api/profile/email/prove", "")] {
        let form = app.post(path).header("cookie", format!("refresh={}", ada.cookie)).header("accept", "text/html");
        let answer = form.form(&[("email", email), ("_csrf", &ada.csrf)]).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{path}");
        assert_eq!(answer.headers()["location"], "/app/profile", "{path}");
    }
    app.stop().await;
}
