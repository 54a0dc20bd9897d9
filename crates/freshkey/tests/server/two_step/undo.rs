//! "It was not me", of a factor.

use super::{ADA, Protected, STEP, add, call, factors, signed};
use crate::{
    steps::{self, email, email_change::app_with},
    support::{Browser, PASSWORD, TestApp},
};
use serde_json::{Value, json};

const NEW: &str = "three loud grey geese";

/// Says of an email that it was not them.
async fn answer(app: &TestApp, told: &Value) {
    let body = json!({"token": steps::token(&steps::link(app, told)), "answer": "not_me"});
    let (status, answer) = Browser::default().post(app, "/api/secure", body).await;
    assert_eq!((status, &answer["status"]), (200, &json!("secured")), "{answer}");
}

/// Says of the newest email of this kind that it was not them, and chooses a new password.
async fn not_me(app: &TestApp, kind: &str) {
    answer(app, &email(app, ADA, kind, 1).await).await;
    let reset = steps::link(app, &email(app, ADA, "reset", 1).await);
    let body = json!({"token": steps::token(&reset), "new_password": NEW});
    assert_eq!(Browser::default().post(app, "/api/reset-password", body).await.0, 204);
}

async fn sign_in(app: &TestApp, browser: &mut Browser) -> (u16, Value) {
    browser.post(app, "/api/login", json!({"email": ADA, "password": NEW})).await
}

#[tokio::test]
async fn a_thiefs_app_is_gone_again_and_with_it_the_second_step() {
    let (app, [thief]) = app_with([ADA], &[]).await;
    add(&app, &thief).await;
    not_me(&app, "factor_added").await;
    assert_eq!(app.refresh(&thief.cookie).await.reason(), "secured");
    let mut ada = Browser::default();
    let (status, answer) = sign_in(&app, &mut ada).await;
    assert_eq!(status, 200, "{answer}");
    let now = factors(&app, &signed(&ada, &answer)).await;
    assert_eq!((&now["totp"], &now["recovery_codes"]["left"]), (&json!([]), &json!(0)));
    app.stop().await;
}

#[tokio::test]
async fn what_an_answer_about_another_session_leaves_can_be_undone_afterwards() {
    let (app, [_]) = app_with([ADA], &[]).await;
    let told = email(&app, ADA, "new_device", 1).await;
    // Of one kind one is sent in ten minutes.
    let untold = app.sign_in(ADA).await;
    add(&app, &untold).await;
    let added = email(&app, ADA, "factor_added", 1).await;
    answer(&app, &told).await;
    // Before the next answer takes its place.
    email(&app, ADA, "reset", 1).await;
    answer(&app, &added).await;
    let reset = steps::link(&app, &email(&app, ADA, "reset", 2).await);
    let body = json!({"token": steps::token(&reset), "new_password": NEW});
    assert_eq!(Browser::default().post(&app, "/api/reset-password", body).await.0, 204);
    assert_eq!(app.login(ADA, NEW).await.status(), 200, "no second step is asked for");
    app.stop().await;
}

#[tokio::test]
async fn what_a_thief_removed_is_back_with_its_recovery_codes() {
    for turns_off in [true, false] {
        let it = Protected::with(&[]).await;
        let id = factors(&it.app, &it.session).await["totp"][0]["id"].clone();
        let kind = if turns_off {
            assert_eq!(call(&it.app, &it.session, "/api/factors/two-step", json!({"on": false})).await.0, 200);
            "two_step_off"
        } else {
            assert_eq!(call(&it.app, &it.session, "/api/factors/remove", json!({"id": id})).await.0, 204);
            "factor_removed"
        };
        assert_eq!(it.app.login(ADA, PASSWORD).await.status(), 200, "the password was enough");
        // And then puts one of their own in its place.
        add(&it.app, &it.session).await;
        not_me(&it.app, kind).await;
        let mut ada = Browser::default();
        assert_eq!(sign_in(&it.app, &mut ada).await.0, 202);
        it.app.wait(STEP);
        let (status, answer) = ada.post(&it.app, "/api/login/second-factor", json!({"code": it.code()})).await;
        assert_eq!(status, 200, "{answer}");
        let now = factors(&it.app, &signed(&ada, &answer)).await;
        assert_eq!((&now["totp"][0]["id"], now["totp"].as_array().unwrap().len()), (&id, 1));
        assert_eq!(now["recovery_codes"]["left"], 10);
        sign_in(&it.app, &mut ada).await;
        let recovered = ada.post(&it.app, "/api/login/second-factor", json!({"code": it.recovery[0]})).await;
        assert_eq!(recovered.0, 200);
        it.app.stop().await;
    }
}

#[tokio::test]
async fn new_codes_that_a_thief_made_are_dead_and_the_old_ones_work() {
    let it = Protected::with(&[]).await;
    let (_, thiefs) = call(&it.app, &it.session, "/api/factors/recovery-codes", json!({})).await;
    not_me(&it.app, "recovery_codes_made").await;
    let mut ada = Browser::default();
    sign_in(&it.app, &mut ada).await;
    let stolen = ada.post(&it.app, "/api/login/second-factor", json!({"code": thiefs["recovery_codes"][0]})).await;
    assert_eq!(stolen.0, 403);
    let own = ada.post(&it.app, "/api/login/second-factor", json!({"code": it.recovery[0]})).await;
    assert_eq!(own.0, 200);
    it.app.stop().await;
}
