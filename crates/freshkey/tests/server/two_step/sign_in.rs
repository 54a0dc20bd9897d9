//! Signing in with a second step.

use super::{ADA, Protected, STEP, call, events, factors, signed};
use crate::{
    steps::{self, email},
    support::{Browser, GRACE, PASSWORD, at_once, code_at, eventually},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::time::Duration;

fn claims(access: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(access.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn the_password_leads_to_a_second_step_and_that_to_a_session() {
    let it = Protected::with(&[]).await;
    let (mut ada, mut eve) = (Browser::default(), Browser::default());
    let step = it.password(&mut ada).await;
    assert_eq!((&step["methods"], &step["expires_in"]), (&json!(["code"]), &json!(600)));
    assert_eq!(ada.value("refresh"), None, "there is no session yet");

    let body = json!({"challenge": step["challenge"], "code": it.code()});
    let (status, refused) = eve.post(&it.app, "/api/login/second-factor", body.clone()).await;
    assert_eq!((status, &refused["code"], &refused["reason"]), (403, &json!("CHALLENGE_OVER"), &Value::Null));
    for none in [json!(""), json!("12345"), json!("not a code at all"), json!("k7wm-2x9d-hq4t")] {
        let (status, refused) = ada.post(&it.app, "/api/login/second-factor", json!({"code": none})).await;
        assert_eq!((status, &refused["code"]), (422, &json!("VALIDATION")), "{none}");
        assert!(refused["fields"]["code"].is_string());
    }
    let wrong = code_at(&it.seed, it.app.now() - 3_600_000);
    let (status, refused) = ada.post(&it.app, "/api/login/second-factor", json!({"code": wrong})).await;
    assert_eq!((status, &refused["code"], &refused["attempts_left"]), (403, &json!("INVALID_CODE"), &json!(4)));

    let (status, answer) = ada.post(&it.app, "/api/login/second-factor", body.clone()).await;
    assert_eq!((status, &answer["user"]["email"]), (200, &json!(ADA)), "{answer}");
    let access = answer["access_token"].as_str().unwrap();
    assert_eq!(claims(access)["amr"], json!(["pwd", "otp", "mfa"]));
    let (event, method) = eventually("it is noted", async || {
        let all = events(&it.app, access).await;
        all.into_iter().find(|(event, method)| event == "signed_in" && method.as_deref() != Some("password"))
    })
    .await;
    assert_eq!((event.as_str(), method.as_deref()), ("signed_in", Some("password+code")));

    // A double click gets the identical cookie; another code does not, and later it is over.
    let cookie = ada.value("refresh").unwrap().to_owned();
    let (status, _) = ada.post(&it.app, "/api/login/second-factor", body.clone()).await;
    assert_eq!((status, ada.value("refresh")), (200, Some(cookie.as_str())));
    let other = json!({"challenge": step["challenge"], "code": wrong});
    assert_eq!(ada.post(&it.app, "/api/login/second-factor", other).await.1["reason"], "used");
    it.app.wait(GRACE);
    let (status, refused) = ada.post(&it.app, "/api/login/second-factor", body).await;
    assert_eq!((status, &refused["reason"]), (403, &json!("used")));
    it.app.stop().await;
}

#[tokio::test]
async fn a_code_is_good_once_however_many_use_it_at_once() {
    let it = Protected::with(&["--login-rate-limit", "off"]).await;
    let mut browsers = [Browser::default(), Browser::default(), Browser::default()];
    for browser in &mut browsers {
        it.password(browser).await;
    }
    let body = json!({"code": it.code()});
    let request =
        |browser: &Browser| it.app.post("/api/login/second-factor").header("cookie", browser.header()).json(&body);
    let answers = at_once((0..48).map(|n| request(&browsers[n % 3])).collect()).await;
    let mut cookies: Vec<_> = answers
        .iter()
        .filter(|(_, answer)| answer.status() == 200)
        .map(|(n, answer)| (n % 3, crate::support::cookie(answer, "refresh")))
        .collect();
    cookies.dedup();
    cookies.sort();
    cookies.dedup();
    assert_eq!(cookies.len(), 1, "one browser, and one session: {cookies:?}");
    let refused = answers.iter().filter(|(_, answer)| answer.status() == 403).count();
    assert!(refused >= 32, "of the other two browsers none: {refused}");
    it.app.stop().await;
}

#[tokio::test]
async fn a_recovery_code_works_once_and_its_owner_is_told_how_many_are_left() {
    let it = Protected::with(&[]).await;
    assert_eq!(it.recovery.len(), 10);
    let typed = it.recovery[3].to_uppercase().replace('-', " ");
    let mut ada = Browser::default();
    it.password(&mut ada).await;
    let (status, answer) = ada.post(&it.app, "/api/login/second-factor", json!({"code": typed})).await;
    assert_eq!(status, 200, "{answer}");
    let told = email(&it.app, ADA, "recovery_code_used", 1).await;
    assert!(told["text"].as_str().unwrap().contains("you have 9 left"), "{told}");
    assert!(told["text"].as_str().unwrap().contains("/secure?t="));
    let session = signed(&ada, &answer);
    assert_eq!(factors(&it.app, &session).await["recovery_codes"]["left"], 9);
    eventually("it is noted", async || {
        let all = events(&it.app, &session.access).await;
        let used = all.iter().any(|(event, _)| event == "recovery_code_used");
        let by = all.iter().any(|(_, method)| method.as_deref() == Some("password+recovery_code"));
        (used && by).then_some(())
    })
    .await;
    it.password(&mut ada).await;
    let (status, refused) = ada.post(&it.app, "/api/login/second-factor", json!({"code": it.recovery[3]})).await;
    assert_eq!((status, &refused["code"]), (403, &json!("INVALID_CODE")));
    it.app.stop().await;
}

#[tokio::test]
async fn a_trusted_device_is_not_asked_again_until_something_changes() {
    let it = Protected::with(&[]).await;
    let (mut ada, mut other) = (Browser::default(), Browser::default());
    it.sign_in(&mut ada, true).await;
    let login = json!({"email": ADA, "password": PASSWORD});
    let (status, answer) = ada.post(&it.app, "/api/login", login.clone()).await;
    assert_eq!(status, 200, "{answer}");
    let session = signed(&ada, &answer);
    assert_eq!(claims(&session.access)["amr"], json!(["pwd"]));
    assert_eq!(factors(&it.app, &session).await["trusted_devices"], 1);
    it.password(&mut other).await;
    // It is no full sign-in: what is sensitive asks.
    let (status, refused) = call(&it.app, &session, "/api/factors/forget-devices", json!({})).await;
    assert_eq!((status, &refused["step_up"]["methods"]), (401, &json!(["password", "code"])));
    it.app.wait(STEP);
    let body = json!({"password": PASSWORD, "code": it.code()});
    let (status, answer) = call(&it.app, &session, "/api/step-up", body).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(claims(answer["access_token"].as_str().unwrap())["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(call(&it.app, &session, "/api/factors/forget-devices", json!({})).await.0, 204);
    it.password(&mut ada).await;

    it.sign_in(&mut ada, true).await;
    it.app.wait(Duration::from_hours(30 * 24));
    it.password(&mut ada).await;
    it.app.stop().await;
}

#[tokio::test]
async fn wrong_second_steps_are_counted_apart_and_the_owner_is_told_of_three() {
    let it = Protected::with(&["--login-rate-limit", "7/15m"]).await;
    let mut eve = Browser::default();
    let mut last = 0;
    for n in 0..8 {
        if n % 5 == 0 {
            it.password(&mut eve).await;
        }
        last = eve.post(&it.app, "/api/login/second-factor", json!({"code": "000000"})).await.0;
    }
    assert_eq!(last, 429, "for the account, and not for the step");
    let told = email(&it.app, ADA, "second_step_refused", 1).await;
    assert_eq!(told["subject"], "Somebody knows your password");
    // The count is that of strange devices: the owner's own goes on, and so do passwords.
    it.password(&mut eve).await;
    it.app.stop().await;
}

#[tokio::test]
async fn after_fifty_wrong_ones_apps_rest_on_strange_devices_and_recovery_codes_do_not() {
    let it = Protected::with(&["--login-rate-limit", "off"]).await;
    let mut known = Browser::default();
    it.sign_in(&mut known, false).await;
    let mut eve = Browser::default();
    for n in 0..50 {
        if n % 5 == 0 {
            it.password(&mut eve).await;
        }
        assert_eq!(eve.post(&it.app, "/api/login/second-factor", json!({"code": "000000"})).await.0, 403);
    }
    it.app.wait(STEP);
    it.password(&mut eve).await;
    assert_eq!(eve.post(&it.app, "/api/login/second-factor", json!({"code": it.code()})).await.0, 403, "the right one");
    it.sign_in(&mut known, false).await;
    it.password(&mut eve).await;
    assert_eq!(eve.post(&it.app, "/api/login/second-factor", json!({"code": it.recovery[0]})).await.0, 200);
    it.sign_in(&mut Browser::default(), false).await;
    it.app.stop().await;
}

#[tokio::test]
async fn a_mailed_code_is_one_step_and_the_second_comes_before_the_account_is_kept() {
    let it = Protected::with(&[]).await;
    it.app.wait(STEP);
    let body = json!({"password": PASSWORD, "code": it.code()});
    assert_eq!(call(&it.app, &it.session, "/api/step-up", body).await.0, 200);
    assert_eq!(call(&it.app, &it.session, "/api/profile/delete", json!({})).await.0, 200);
    let mut ada = Browser::default();
    ada.post(&it.app, "/api/login/code", json!({"email": ADA})).await;
    let mailed = steps::code(&email(&it.app, ADA, "sign_in_code", 1).await);
    let (status, step) = ada.post(&it.app, "/api/login/code/confirm", json!({"code": mailed})).await;
    assert_eq!((status, &step["status"]), (202, &json!("second_factor")));
    it.app.wait(STEP);
    let body = json!({"code": it.code()});
    let (status, step) = ada.post(&it.app, "/api/login/second-factor", body.clone()).await;
    assert_eq!((status, &step["status"]), (202, &json!("deletion_pending")), "{step}");
    let (status, again) = ada.post(&it.app, "/api/login/second-factor", body).await;
    assert_eq!((status, again), (202, step), "a double click");
    let (status, answer) = ada.post(&it.app, "/api/login/keep", json!({})).await;
    assert_eq!(status, 200, "{answer}");
    let access = answer["access_token"].as_str().unwrap().to_owned();
    assert_eq!(claims(&access)["amr"], json!(["otp", "mfa"]));
    eventually("it is noted", async || {
        let all = events(&it.app, &access).await;
        all.iter().any(|(_, method)| method.as_deref() == Some("mail_code+code")).then_some(())
    })
    .await;
    let (status, refused) = call(&it.app, &signed(&ada, &answer), "/api/factors/two-step", json!({"on": false})).await;
    assert_eq!((status, &refused["code"]), (401, &json!("STEP_UP_REQUIRED")), "an emailed code never counts");
    it.app.stop().await;
}
