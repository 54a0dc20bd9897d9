//! Where two-step sign-in is required: there is no session before it is set up.

use super::{ADA, Protected, call, emails, factors, signed};
use crate::{
    steps::{self, email, email_change::app_with},
    support::{Browser, GRACE, PASSWORD, Signed, TestApp, code_at, seed},
};
use serde_json::{Value, json};
use std::time::Duration;

/// Sets up an app in the middle of a sign-in: its seed, and what the last call is answered.
async fn enrol(app: &TestApp, browser: &mut Browser, challenge: Option<&Value>) -> (Vec<u8>, (u16, Value)) {
    let (status, waiting) = browser.post(app, "/api/factors/totp", json!({"challenge": challenge})).await;
    assert_eq!(status, 201, "{waiting}");
    let seed = seed(waiting["secret"].as_str().unwrap());
    let body = json!({"challenge": challenge, "id": waiting["id"], "code": code_at(&seed, app.now())});
    let first = browser.post(app, "/api/factors/totp/confirm", body.clone()).await;
    let cookie = browser.value("refresh").map(str::to_owned);
    let again = browser.post(app, "/api/factors/totp/confirm", body).await;
    assert_eq!((again.0, &again.1["recovery_codes"]), (first.0, &first.1["recovery_codes"]), "a double click");
    assert_eq!(browser.value("refresh").map(str::to_owned), cookie);
    (seed, first)
}

async fn make_admin(app: &TestApp, email: &str) {
    let pool = app.database().connect().await;
    sqlx::query("UPDATE users SET role = 'admin' WHERE email = $1").bind(email).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn a_session_ends_at_its_next_refresh_and_the_next_sign_in_sets_it_up() {
    let app = TestApp::start().await;
    let before = app.register(ADA).await;
    let app = app.restart(&["--require-mfa", "all"]).await;
    app.wait(GRACE);
    assert_eq!(app.refresh(&before.cookie).await.reason(), "factors_changed");
    let (mut ada, mut eve) = (Browser::default(), Browser::default());
    let (status, step) = ada.post(&app, "/api/login", json!({"email": ADA, "password": PASSWORD})).await;
    assert_eq!((status, &step["status"], ada.value("refresh")), (202, &json!("enrol"), None));
    let (status, refused) = eve.post(&app, "/api/factors/totp", json!({"challenge": step["challenge"]})).await;
    assert_eq!((status, &refused["code"]), (403, &json!("CHALLENGE_OVER")));
    assert_eq!(eve.post(&app, "/api/factors/totp", json!({})).await.1["code"], "TOKEN_NOT_FOUND");
    // It stands for nothing else.
    for path in ["/api/factors/two-step", "/api/factors/recovery-codes", "/api/profile/export"] {
        assert_eq!(ada.post(&app, path, json!({"challenge": step["challenge"]})).await.0, 401, "{path}");
    }
    let (_, (status, answer)) = enrol(&app, &mut ada, Some(&step["challenge"])).await;
    assert_eq!((status, answer["recovery_codes"].as_array().unwrap().len()), (200, 10), "{answer}");
    let session = signed(&ada, &answer);
    assert_eq!(factors(&app, &session).await["required"], true);
    app.wait(GRACE);
    assert_eq!(app.refresh(&session.cookie).await.status, 200);
    let id = factors(&app, &session).await["totp"][0]["id"].clone();
    for (path, body) in [("two-step", json!({"on": false})), ("remove", json!({"id": id}))] {
        let (status, refused) = call(&app, &session, &format!("/api/factors/{path}"), body).await;
        assert_eq!((status, &refused["code"]), (409, &json!("MFA_REQUIRED")), "{path}");
    }
    app.stop().await;
}

/// A thief has the password and a step that waits; the owner sets two-step sign-in up.
#[tokio::test]
async fn whoever_sets_it_up_ends_the_steps_of_everybody_else() {
    let app = TestApp::start().await;
    app.register(ADA).await;
    let app = app.restart(&["--require-mfa", "all"]).await;
    let (mut thief, mut ada) = (Browser::default(), Browser::default());
    let login = json!({"email": ADA, "password": PASSWORD});
    let (_, step) = thief.post(&app, "/api/login", login.clone()).await;
    assert_eq!(step["status"], "enrol");
    ada.post(&app, "/api/login", login).await;
    assert_eq!(enrol(&app, &mut ada, None).await.1.0, 200);
    let challenge = json!({"challenge": step["challenge"]});
    let replaced = (403, json!("CHALLENGE_OVER"), json!("replaced"));
    let refusal = |(status, body): (u16, Value)| (status, body["code"].clone(), body["reason"].clone());
    assert_eq!(refusal(thief.post(&app, "/api/factors/totp", challenge.clone()).await), replaced);

    // Also one that began at the very moment.
    let pool = app.database().connect().await;
    let reopen = "UPDATE challenges SET over_reason = NULL WHERE kind = 'enrol'";
    sqlx::query(reopen).execute(&pool).await.unwrap();
    pool.close().await;
    let (status, waiting) = thief.post(&app, "/api/factors/totp", challenge.clone()).await;
    assert_eq!(status, 201, "{waiting}");
    let code = code_at(&seed(waiting["secret"].as_str().unwrap()), app.now());
    let body = json!({"challenge": step["challenge"], "id": waiting["id"], "code": code});
    assert_eq!(refusal(thief.post(&app, "/api/factors/totp/confirm", body).await), replaced);
    assert_eq!(refusal(thief.post(&app, "/api/factors/totp", challenge).await), replaced);
    assert_eq!(thief.value("refresh"), None);
    app.stop().await;
}

#[tokio::test]
async fn a_registration_that_comes_twice_is_one() {
    let app = TestApp::with(&["--require-mfa", "all"]).await;
    let mut ada = Browser::default();
    let body = json!({"email": ADA, "password": PASSWORD});
    for _ in 0..2 {
        let (status, step) = ada.post(&app, "/api/register", body.clone()).await;
        assert_eq!((status, &step["status"]), (202, &json!("enrol")), "{step}");
    }
    app.wait(GRACE);
    let (status, refused) = ada.post(&app, "/api/register", body).await;
    assert_eq!((status, &refused["code"]), (409, &json!("EMAIL_TAKEN")));
    app.stop().await;
}

#[tokio::test]
async fn a_registration_sets_it_up_too() {
    let app = TestApp::with(&["--require-mfa", "all", "--mail", "dev"]).await;
    let mut ada = Browser::default();
    ada.post(&app, "/api/register", json!({"email": ADA, "password": PASSWORD})).await;
    let code = steps::code(&email(&app, ADA, "register", 1).await);
    let (status, step) = ada.post(&app, "/api/register/confirm", json!({"code": code})).await;
    assert_eq!((status, &step["status"], ada.value("refresh")), (202, &json!("enrol"), None), "{step}");
    let (status, again) = ada.post(&app, "/api/register/confirm", json!({"code": code})).await;
    assert_eq!((status, &again["challenge"]), (202, &step["challenge"]), "a double click");
    let (seed, (status, answer)) = enrol(&app, &mut ada, None).await;
    assert_eq!((status, &answer["user"]["email"]), (200, &json!(ADA)), "{answer}");
    // Only the next device is a new one.
    app.wait(Duration::from_mins(11));
    let mut other = Browser::default();
    other.post(&app, "/api/login", json!({"email": ADA, "password": PASSWORD})).await;
    assert_eq!(emails(&app, "new_device").await, 0);
    let body = json!({"code": code_at(&seed, app.now())});
    assert_eq!(other.post(&app, "/api/login/second-factor", body).await.0, 200);
    email(&app, ADA, "new_device", 1).await;
    app.stop().await;

    let app = TestApp::with(&["--require-mfa", "all"]).await;
    let body = json!({"email": ADA, "password": PASSWORD});
    let (status, step) = Browser::default().post(&app, "/api/register", body).await;
    assert_eq!((status, &step["status"]), (202, &json!("enrol")), "without mail");
    app.stop().await;
}

#[tokio::test]
async fn administrators_require_it_and_remove_it_and_the_user_is_told() {
    let (app, [ada, root]) = app_with([ADA, "root@example.com"], &[]).await;
    make_admin(&app, "root@example.com").await;
    let id = |of: &Signed| app.get("/api/profile").bearer_auth(&of.access).send();
    let of = async |session: &Signed| {
        let profile: Value = id(session).await.unwrap().json().await.unwrap();
        profile["id"].as_str().unwrap().to_owned()
    };
    let (adas, roots) = (of(&ada).await, of(&root).await);
    let require = "/api/admin/users/require-two-step";
    let remove = "/api/admin/users/remove-factors";
    for path in [require, remove] {
        assert_eq!(call(&app, &ada, path, json!({"id": roots, "required": true})).await.0, 404, "{path}");
    }
    let body = json!({"id": adas, "required": true});
    let (status, view) = call(&app, &root, require, body).await;
    assert_eq!((status, &view["two_step_required"], &view["account"]["two_step"]), (200, &json!(true), &json!(false)));
    assert_eq!(app.protected(&ada.access).await.status(), 200, "until its next refresh");
    let activity = app.get("/api/activity").bearer_auth(&ada.access).send().await.unwrap();
    assert!(activity.text().await.unwrap().contains("two_step_required_by_admin"), "it is in the account's activity");
    let own = json!({"id": roots, "required": false});
    assert_eq!(call(&app, &root, require, own).await.1["code"], "FORBIDDEN");
    app.wait(GRACE);
    assert_eq!(app.refresh(&ada.cookie).await.reason(), "factors_changed");
    let mut browser = Browser::default();
    let (status, _) = browser.post(&app, "/api/login", json!({"email": ADA, "password": PASSWORD})).await;
    assert_eq!(status, 202);
    let (_, (_, answer)) = enrol(&app, &mut browser, None).await;
    let session = signed(&browser, &answer);
    assert_eq!(call(&app, &root, remove, json!({"id": roots})).await.1["code"], "FORBIDDEN");
    assert_eq!(call(&app, &root, remove, json!({"id": adas})).await.0, 204);
    assert_eq!(app.protected(&session.access).await.status(), 401);
    let told = email(&app, ADA, "by_admin", 2).await;
    assert!(told["text"].as_str().unwrap().contains("/secure?t="), "{told}");
    // What somebody who answers it gets back is the app, and it is still required.
    let token = steps::token(&steps::link(&app, &told)).to_owned();
    let answer = json!({"token": token, "answer": "not_me"});
    assert_eq!(Browser::default().post(&app, "/api/secure", answer).await.0, 200);
    let reset = steps::link(&app, &email(&app, ADA, "reset", 1).await);
    let body = json!({"token": steps::token(&reset), "new_password": "three loud grey geese"});
    assert_eq!(Browser::default().post(&app, "/api/reset-password", body).await.0, 204);
    let answer = app.login(ADA, "three loud grey geese").await;
    let step: Value = answer.json().await.unwrap();
    assert_eq!(step["status"], "second_factor");
    app.stop().await;
}

#[tokio::test]
async fn only_administrators_need_it_where_the_setting_says_so() {
    let app = TestApp::start().await;
    app.register(ADA).await;
    app.register("root@example.com").await;
    make_admin(&app, "root@example.com").await;
    let app = app.restart(&["--require-mfa", "admins"]).await;
    assert_eq!(app.login(ADA, PASSWORD).await.status(), 200);
    assert_eq!(app.login("root@example.com", PASSWORD).await.status(), 202);
    app.stop().await;
}

#[tokio::test]
async fn a_step_is_over_after_its_time() {
    let it = Protected::with(&[]).await;
    let mut ada = Browser::default();
    it.password(&mut ada).await;
    it.app.wait(Duration::from_mins(10));
    let (status, refused) = ada.post(&it.app, "/api/login/second-factor", json!({"code": it.code()})).await;
    assert_eq!((status, &refused["code"], &refused["reason"]), (403, &json!("CHALLENGE_OVER"), &json!("expired")));
    it.app.stop().await;
}
