//! A forgotten password, and signing in by a code.

use super::{Browser, MAIL, NEW, asked, code, email, link, token};
use crate::{
    support::{HtmlForm, PASSWORD, TestApp, at_once, eventually},
    two_step::repeats::assert_one_session,
};
use serde_json::{Value, json};

const OTHER: &str = "seventeen slow snails";

#[tokio::test]
async fn a_forgotten_password_is_changed_by_the_code_and_every_session_ends() {
    let app = TestApp::with(&["--mail-rate-limit", "off"]).await;
    let before = app.register("ada@example.com").await;
    let app = app.restart(MAIL).await;
    let mut ada = Browser::default();
    asked(&mut ada, &app, "/api/forgot-password", json!({"email": "ADA@example.com"})).await;
    let code = code(&email(&app, "ada@example.com", "reset", 1).await);

    let (status, refused) = ada.post(&app, "/api/reset-password", json!({"code": code, "new_password": "short"})).await;
    assert_eq!((status, refused["fields"]["new_password"].is_string()), (422, true));
    let body = json!({"code": code, "new_password": NEW});
    assert_eq!(ada.post(&app, "/api/reset-password", body.clone()).await.0, 204);
    assert_eq!(ada.post(&app, "/api/reset-password", body).await.0, 204, "a double click");
    let other = json!({"code": code, "new_password": OTHER});
    let (status, refused) = ada.post(&app, "/api/reset-password", other).await;
    assert_eq!((status, &refused["reason"]), (403, &json!("used")), "it is not the same again");
    assert_eq!(ada.value("refresh"), None, "it signs nobody in");
    assert_eq!(app.refresh(&before.cookie).await.reason(), "password_changed");
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 401);
    assert_eq!(app.login("ada@example.com", NEW).await.status(), 200);
    email(&app, "ada@example.com", "password_changed", 1).await;
    app.stop().await;
}

#[tokio::test]
async fn without_script_the_sign_in_page_says_that_there_is_a_new_password() {
    const SAID: &str = "Password changed. Sign in with the new one.";
    let app = TestApp::with(&["--mail-rate-limit", "off"]).await;
    app.register("ada@example.com").await;
    let app = app.restart(MAIL).await;
    let mut ada = Browser::default();
    asked(&mut ada, &app, "/api/forgot-password", json!({"email": "ada@example.com"})).await;
    let code = code(&email(&app, "ada@example.com", "reset", 1).await);
    let form = HtmlForm::find(&ada.open(&app, "/reset").await.1, "/api/reset-password").with("code", &code);
    let refused = ada.submit(&app, &form.clone().with("new_password", "short")).await;
    assert_eq!(refused, "/reset?error=VALIDATION");
    assert!(!ada.open(&app, "/login").await.1.contains(SAID), "nothing is done yet");
    assert_eq!(ada.submit(&app, &form.with("new_password", NEW)).await, "/login", "and no word in the address");
    assert!(!ada.open(&app, "/").await.1.contains(SAID));
    assert!(ada.open(&app, "/login").await.1.contains(SAID));
    assert!(!ada.open(&app, "/login").await.1.contains(SAID), "shown once");
    app.stop().await;
}

#[tokio::test]
async fn two_resets_at_once_with_two_passwords_are_not_one() {
    let app = TestApp::with(&["--mail-rate-limit", "off"]).await;
    app.register("ada@example.com").await;
    let app = app.restart(MAIL).await;
    for (n, by_link) in [false, true].into_iter().enumerate() {
        let mut ada = Browser::default();
        asked(&mut ada, &app, "/api/forgot-password", json!({"email": "ada@example.com"})).await;
        let email = email(&app, "ada@example.com", "reset", n + 1).await;
        let request = |password| {
            let body = if by_link {
                json!({"token": token(&link(&app, &email)), "new_password": password})
            } else {
                json!({"code": code(&email), "new_password": password})
            };
            app.post("/api/reset-password").header("cookie", ada.header()).json(&body)
        };
        let mut statuses = Vec::new();
        for (which, answer) in at_once(vec![request(NEW), request(OTHER)]).await {
            statuses.push(answer.status().as_u16());
            let works = answer.status() == 204;
            let status = app.login("ada@example.com", [NEW, OTHER][which]).await.status();
            assert_eq!(status, if works { 200 } else { 401 }, "by its link: {by_link}");
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 403], "by its link: {by_link}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_reset_by_its_link_works_without_script_and_only_once() {
    let app = TestApp::with(&["--mail-rate-limit", "off"]).await;
    app.register("ada@example.com").await;
    let app = app.restart(MAIL).await;
    let (mut ada, mut phone) = (Browser::default(), Browser::default());
    let (_, page) = ada.open(&app, "/forgot").await;
    let form = HtmlForm::find(&page, "/api/forgot-password").with("email", "ada@example.com");
    assert_eq!(ada.submit(&app, &form).await, "/reset?next=%2Fapp");
    let first = link(&app, &email(&app, "ada@example.com", "reset", 1).await);
    asked(&mut ada, &app, "/api/forgot-password", json!({"email": "ada@example.com"})).await;
    let second = link(&app, &email(&app, "ada@example.com", "reset", 2).await);

    phone.open(&app, &first).await;
    let (_, page) = phone.open(&app, "/reset").await;
    assert!(page.contains("ada@example.com") && !page.contains("name=\"code\""));
    let form = HtmlForm::find(&page, "/api/reset-password");
    phone.open(&app, &second).await;
    let back = phone.submit(&app, &form.clone().with("new_password", NEW)).await;
    assert!(back.contains("error=INVALID_LINK"), "another link took its place: {back}");
    phone.open(&app, &first).await;
    assert_eq!(phone.submit(&app, &form.with("new_password", NEW)).await, "/login");
    assert_eq!(app.login("ada@example.com", NEW).await.status(), 200);
    let (status, refused) = Browser::default()
        .post(&app, "/api/reset-password", json!({"token": token(&second), "new_password": NEW}))
        .await;
    assert_eq!((status, &refused["code"], &refused["reason"]), (403, &json!("INVALID_LINK"), &json!("replaced")));
    let (kept, last) = token(&second).split_at(token(&second).len() - 1);
    let forged = json!({"token": format!("{kept}{}", if last == "A" { "Q" } else { "A" }), "new_password": NEW});
    let (status, refused) = Browser::default().post(&app, "/api/reset-password", forged).await;
    assert_eq!((status, &refused["code"], &refused["reason"]), (403, &json!("INVALID_LINK"), &Value::Null));
    app.stop().await;
}

#[tokio::test]
async fn a_code_signs_in_and_leaves_the_address_unproven() {
    let app = TestApp::with(&["--mail-rate-limit", "off"]).await;
    app.register("ada@example.com").await;
    let app = app.restart(MAIL).await;
    let mut ada = Browser::default();
    asked(&mut ada, &app, "/api/login/code", json!({"email": "ada@example.com"})).await;
    let code = code(&email(&app, "ada@example.com", "sign_in_code", 1).await);
    let (status, answer) = ada.post(&app, "/api/login/code/confirm", json!({"code": code})).await;
    assert_eq!(status, 200);
    let access = answer["access_token"].as_str().unwrap();
    let profile: Value = app.get("/api/profile").bearer_auth(access).send().await.unwrap().json().await.unwrap();
    assert!(profile["email_verified_at"].is_null(), "a reset must still take what a stranger added: {profile}");
    eventually("the activity says how", async || {
        let answer = app.get("/api/activity").bearer_auth(access).send().await.unwrap();
        let items: Vec<Value> = answer.json().await.unwrap();
        items.iter().any(|item| item["event"] == "signed_in" && item["method"] == "mail_code").then_some(())
    })
    .await;
    app.stop().await;
}

#[tokio::test]
async fn the_last_try_is_one_however_often_it_is_sent_at_once() {
    let app = TestApp::with(&["--mail-rate-limit", "off", "--login-rate-limit", "off"]).await;
    app.register("ada@example.com").await;
    let app = app.restart(MAIL).await;
    let mut ada = Browser::default();
    for round in 1..=4 {
        asked(&mut ada, &app, "/api/login/code", json!({"email": "ada@example.com"})).await;
        let right = code(&email(&app, "ada@example.com", "sign_in_code", round).await);
        let wrong = if right == "00000000" { "00000001" } else { "00000000" };
        for left in (1..5).rev() {
            let (_, refused) = ada.post(&app, "/api/login/code/confirm", json!({"code": wrong})).await;
            assert_eq!(refused["attempts_left"], left);
        }
        assert_one_session(&app, &ada, "/api/login/code/confirm", &json!({"code": right})).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn a_session_whose_answer_was_lost_does_not_begin_after_the_password_was_changed() {
    let app = TestApp::with(&["--mail-rate-limit", "off"]).await;
    app.register("ada@example.com").await;
    let app = app.restart(MAIL).await;
    let mut ada = Browser::default();
    asked(&mut ada, &app, "/api/login/code", json!({"email": "ada@example.com"})).await;
    let body = json!({"code": code(&email(&app, "ada@example.com", "sign_in_code", 1).await)});
    assert_eq!(ada.post(&app, "/api/login/code/confirm", body.clone()).await.0, 200);
    // As a server leaves it that ends between the code and the session.
    let pool = app.database().connect().await;
    sqlx::query("DELETE FROM sessions").execute(&pool).await.unwrap();
    let changed = sqlx::query("UPDATE users SET password_changed_at = $1").bind(app.now() + 1);
    changed.execute(&pool).await.unwrap();
    pool.close().await;
    let app = app.restart(MAIL).await;
    let (status, refused) = ada.post(&app, "/api/login/code/confirm", body).await;
    assert_eq!((status, &refused["code"], &refused["reason"]), (403, &json!("CHALLENGE_OVER"), &json!("replaced")));
    app.stop().await;
}

#[tokio::test]
async fn a_field_of_a_form_that_is_there_twice_is_not_guessed_at() {
    let app = TestApp::with(MAIL).await;
    let form = [("email", "ada@example.com"), ("email", "eve@example.com")];
    let refused = app.post("/api/forgot-password").form(&form).send().await.unwrap();
    let (status, body): (u16, Value) = (refused.status().as_u16(), refused.json().await.unwrap());
    assert_eq!((status, &body["code"]), (422, &json!("VALIDATION")));
    assert_eq!(body["fields"]["email"], "Enter this once.");
    let list = json!({"email": ["ada@example.com", "eve@example.com"]});
    assert_eq!(app.post("/api/forgot-password").json(&list).send().await.unwrap().status(), 400);
    app.stop().await;
}
