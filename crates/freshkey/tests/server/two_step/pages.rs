//! What the pages of two-step sign-in show, and the forms of theirs that a browser sends without WASM.

use super::{ADA, Protected, call};
use crate::{
    steps::email_change::app_with,
    support::{Browser, HtmlForm, PASSWORD, TestApp, code_at, location, seed},
};
use serde_json::{Value, json};

async fn waiting(app: &TestApp, access: &str) -> Value {
    let answer = app.get("/api/factors/totp").bearer_auth(access).send().await.unwrap();
    answer.json().await.unwrap_or(Value::Null)
}

#[tokio::test]
async fn an_app_that_waits_is_shown_to_the_session_that_began_it_alone() {
    let (app, [session]) = app_with([ADA], &[]).await;
    assert_eq!(waiting(&app, &session.access).await, Value::Null);
    let (_, begun) = call(&app, &session, "/api/factors/totp", json!({})).await;
    let shown = waiting(&app, &session.access).await;
    for field in ["id", "secret", "uri", "qr_svg"] {
        assert_eq!(shown[field], begun[field], "{field}");
    }
    let other = app.sign_in(ADA).await;
    assert_eq!(waiting(&app, &other.access).await, Value::Null, "another session of the same person");
    let code = code_at(&seed(begun["secret"].as_str().unwrap()), app.now());
    let body = json!({"id": begun["id"], "code": code});
    assert_eq!(call(&app, &session, "/api/factors/totp/confirm", body).await.0, 200);
    assert_eq!(waiting(&app, &session.access).await, Value::Null, "nothing waits any more");
    app.stop().await;
}

#[tokio::test]
async fn a_step_that_sets_one_up_shows_its_own_app_and_no_sessions() {
    let (app, [session]) = app_with([ADA], &[]).await;
    call(&app, &session, "/api/factors/totp", json!({})).await;
    let app = app.restart(&["--require-mfa", "all"]).await;
    let mut ada = Browser::default();
    ada.post(&app, "/api/login", json!({"email": ADA, "password": PASSWORD})).await;
    let step = ada.get(&app, "/api/step?kind=enrol").await.1;
    assert_eq!((&step["email"], &step["totp"]), (&json!(ADA), &Value::Null), "{step}");
    let begun = ada.post(&app, "/api/factors/totp", json!({"challenge": step["challenge"]})).await.1;
    let step = ada.get(&app, "/api/step?kind=enrol").await.1;
    assert_eq!(step["totp"]["secret"], begun["secret"]);
    assert!(step["totp"]["expires_in"].as_u64().is_some_and(|left| left <= 600), "{step}");
    let nobody = Browser::default().get(&app, "/api/step?kind=enrol").await;
    assert_eq!(nobody.0, 204, "another browser");
    app.stop().await;
}

#[tokio::test]
async fn a_slow_clock_is_said_to_a_browser_without_wasm() {
    let (app, [session]) = app_with([ADA], &[]).await;
    let (_, begun) = call(&app, &session, "/api/factors/totp", json!({})).await;
    let html = app.page("/app/security/totp", &format!("refresh={}", session.cookie)).await.text().await.unwrap();
    let slow = code_at(&seed(begun["secret"].as_str().unwrap()), app.now() - 120_000);
    let form = HtmlForm::find(&html, "/api/factors/totp/confirm").with("code", &slow);
    let mut browser = Browser::default();
    browser.set("refresh", &session.cookie);
    let back = browser.submit(&app, &form).await;
    assert_eq!(back, "/app/security/totp?error=INVALID_CODE");
    let html = browser.open(&app, &back).await.1;
    assert!(html.contains("clock is about 2 minutes slow"), "{html}");
    app.stop().await;
}

#[tokio::test]
async fn pages_hold_no_seed_and_no_code_but_where_they_are_shown() {
    let protected = Protected::with(&[]).await;
    let (app, session) = (&protected.app, &protected.session);
    let cookies = format!("refresh={}", session.cookie);
    let codes = |html: &str| protected.recovery.iter().filter(|code| html.contains(code.as_str())).count();
    let shown = app.page("/app/security/recovery-codes", &cookies).await.text().await.unwrap();
    assert_eq!(codes(&shown), 10);
    for page in ["/app/security", "/app/security/totp", "/app/profile"] {
        let html = app.page(page, &cookies).await.text().await.unwrap();
        assert_eq!(codes(&html), 0, "{page}");
    }
    let form = HtmlForm::find(&shown, "/api/factors/recovery-codes/saved");
    assert_eq!(location(&app.submit(&form, &cookies).await), "/app/security");
    let shown = app.page("/app/security/recovery-codes", &cookies).await.text().await.unwrap();
    assert_eq!(codes(&shown), 0, "once they are saved");
    protected.app.stop().await;
}

#[tokio::test]
async fn a_name_that_was_refused_is_said_beside_its_app_to_a_browser_without_wasm() {
    let protected = Protected::with(&[]).await;
    let mut browser = Browser::default();
    browser.set("refresh", &protected.session.cookie);
    let html = browser.open(&protected.app, "/app/security").await.1;
    let form = HtmlForm::find(&html, "/api/factors/rename").with("name", &"x".repeat(61));
    let back = browser.submit(&protected.app, &form).await;
    assert_eq!(back, "/app/security?error=VALIDATION");
    let html = browser.open(&protected.app, &back).await.1;
    let (item, dialog) = html.split_once("popover=").unwrap();
    assert!(item.contains("Use at most 60 characters."), "where it is seen: {html}");
    assert!(dialog.contains(&"x".repeat(61)) && dialog.contains("Use at most 60 characters."), "{dialog}");
    protected.app.stop().await;
}
