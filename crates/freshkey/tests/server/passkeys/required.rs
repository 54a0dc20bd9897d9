//! Passkeys where two-step sign-in is required, and at the same time.

use super::{
    account, call, creation_options, options, read, sign_in,
    steps::{first_step, signed, turn_on},
};
use crate::{
    steps::{code, email},
    support::{Authenticator, Browser, GRACE, PASSWORD, TestApp, straight},
    two_step::{repeats::assert_one_session, require},
};
use serde_json::{Value, json};

const ADA: &str = "ada@example.com";
const REQUIRED: &[&str] = &["--require-mfa", "all"];

#[tokio::test]
async fn one_that_is_sent_again_at_the_same_time_is_one_sign_in() {
    let app = TestApp::start().await;
    let (session, mut authenticator) = account(&app, ADA).await;
    turn_on(&app, &session).await;
    let mut browser = Browser::default();
    for _ in 0..3 {
        let step = first_step(&app, &mut browser, ADA).await;
        let credential = authenticator.get(&step["passkey_options"], straight);
        let body = json!({"credential": credential});
        assert_one_session(&app, &browser, "/api/login/second-factor", &body).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn a_new_one_that_is_sent_again_at_the_same_time_is_one_sign_in() {
    let app = TestApp::with(REQUIRED).await;
    for name in ["ada", "bob", "cleo"] {
        let mut browser = Browser::default();
        let registration = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
        assert_eq!(browser.post(&app, "/api/register", registration).await.0, 202);
        let (_, asked) = browser.post(&app, "/api/factors/passkeys/options", json!({})).await;
        let body = json!({"credential": Authenticator::new(&app.origin).make(&asked, straight)});
        assert_one_session(&app, &browser, "/api/factors/passkeys", &body).await;
    }
    app.stop().await;
}

/// A thief has the password and a step that waits; the owner sets two-step sign-in up.
#[tokio::test]
async fn whoever_adds_one_ends_the_steps_of_everybody_else() {
    let app = TestApp::start().await;
    app.register(ADA).await;
    let app = app.restart(REQUIRED).await;
    let (mut thief, mut ada) = (Browser::default(), Browser::default());
    let mut asked = Vec::new();
    for browser in [&mut thief, &mut ada] {
        let (status, step) = browser.post(&app, "/api/login", json!({"email": ADA, "password": PASSWORD})).await;
        assert_eq!((status, &step["status"]), (202, &json!("enrol")));
        asked.push(browser.post(&app, "/api/factors/passkeys/options", json!({})).await.1);
    }
    let made = |asked: &Value| Authenticator::new(&app.origin).make(asked, straight);
    let adas = json!({"credential": made(&asked[1])});
    assert_eq!(ada.post(&app, "/api/factors/passkeys", adas).await.0, 200);
    let replaced = (403, json!("CHALLENGE_OVER"), json!("replaced"));
    for is_open in [false, true] {
        if is_open {
            // One that began at the very moment.
            let pool = app.database().connect().await;
            let reopen = "UPDATE challenges SET over_reason = NULL WHERE kind = 'enrol'";
            sqlx::query(reopen).execute(&pool).await.unwrap();
            pool.close().await;
        }
        let body = json!({"credential": made(&asked[0])});
        let (status, refused) = thief.post(&app, "/api/factors/passkeys", body).await;
        assert_eq!((status, refused["code"].clone(), refused["reason"].clone()), replaced, "{is_open}");
    }
    assert_eq!(thief.value("refresh"), None);
    app.stop().await;
}

#[tokio::test]
async fn a_session_goes_on_as_it_began_whatever_was_confirmed_since() {
    let app = TestApp::start().await;
    let (by_password, mut authenticator) = account(&app, ADA).await;
    let mut browser = Browser::default();
    let credential = authenticator.get(&options(&app, &mut browser).await, straight);
    let (status, answer) = sign_in(&app, &mut browser, &credential).await;
    assert_eq!(status, 200, "{answer}");
    let by_passkey = signed(&browser, &answer);
    let asked = read(&app, &by_password, "/api/step-up").await["passkey_options"].clone();
    let proof = json!({"credential": authenticator.get(&asked, straight)});
    assert_eq!(call(&app, &by_password, "/api/step-up", proof).await.0, 200);
    assert_eq!(call(&app, &by_passkey, "/api/step-up", json!({"password": PASSWORD})).await.0, 200);
    let app = app.restart(REQUIRED).await;
    app.wait(GRACE);
    assert_eq!(app.refresh(&by_passkey.cookie).await.status, 200);
    assert_eq!(app.refresh(&by_password.cookie).await.reason(), "factors_changed");
    app.stop().await;
}

#[tokio::test]
async fn the_last_one_stays_although_two_step_sign_in_is_off() {
    let app = TestApp::start().await;
    let (session, _) = account(&app, ADA).await;
    require(&app).await;
    let id = read(&app, &session, "/api/factors").await["passkeys"][0]["id"].clone();
    let (status, refused) = call(&app, &session, "/api/factors/remove", json!({"id": id})).await;
    assert_eq!((status, &refused["code"]), (409, &json!("MFA_REQUIRED")));
    let other = Authenticator::new(&app.origin).make(&creation_options(&app, &session).await, straight);
    assert_eq!(call(&app, &session, "/api/factors/passkeys", json!({"credential": other})).await.0, 201);
    assert_eq!(call(&app, &session, "/api/factors/remove", json!({"id": id})).await.0, 204, "one of two");
    app.stop().await;
}

#[tokio::test]
async fn a_strangers_recovery_codes_go_with_their_passkeys() {
    let app = TestApp::start().await;
    let (stranger, _) = account(&app, ADA).await;
    turn_on(&app, &stranger).await;
    let app = app.restart(&["--mail", "dev"]).await;
    let mut ada = Browser::default();
    assert_eq!(ada.post(&app, "/api/forgot-password", json!({"email": ADA})).await.0, 202);
    let new = "three loud grey geese";
    let body = json!({"code": code(&email(&app, ADA, "reset", 1).await), "new_password": new});
    assert_eq!(ada.post(&app, "/api/reset-password", body).await.0, 204);
    let (status, answer) = ada.post(&app, "/api/login", json!({"email": ADA, "password": new})).await;
    assert_eq!(status, 200, "{answer}");
    let factors: Value = read(&app, &signed(&ada, &answer), "/api/factors").await;
    assert_eq!(
        (&factors["passkeys"], &factors["two_step"], &factors["recovery_codes"]["left"]),
        (&json!([]), &json!(false), &json!(0))
    );
    app.stop().await;
}
