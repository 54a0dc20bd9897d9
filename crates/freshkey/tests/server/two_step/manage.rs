//! Adding and removing what answers the second step.

use super::{ADA, Protected, STEP, add, call, events, factors, require, signed};
use crate::{
    steps::{email, email_change::app_with},
    support::{Browser, PASSWORD, code_at, seed},
};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn an_app_counts_from_its_first_code_on() {
    let (app, [ada]) = app_with([ADA], &[]).await;
    let before = factors(&app, &ada).await;
    let none = json!({"two_step": false, "required": false, "password_changed_at": null, "totp": [], "passkeys": [],
        "recovery_codes": {"left": 0, "created_at": null}, "trusted_devices": 0, "user_handle": null});
    for (name, value) in none.as_object().unwrap() {
        assert_eq!(&before[name], value, "{name}");
    }
    let (status, replaced) = call(&app, &ada, "/api/factors/totp", json!({})).await;
    assert_eq!(status, 201);
    let (_, waiting) = call(&app, &ada, "/api/factors/totp", json!({"name": "Phone"})).await;
    let secret = waiting["secret"].as_str().unwrap();
    let uri = waiting["uri"].as_str().unwrap();
    assert!(secret.len() == 32 && uri.starts_with("otpauth://totp/") && uri.contains(&format!("secret={secret}")));
    assert!(waiting["qr_svg"].as_str().unwrap().starts_with("<svg") && waiting["expires_in"] == 600);
    assert_eq!(factors(&app, &ada).await["totp"], json!([]), "nothing counts yet");

    let path = "/api/factors/totp/confirm";
    let seed = seed(secret);
    let right = json!({"id": waiting["id"], "code": code_at(&seed, app.now())});
    let old = json!({"id": replaced["id"], "code": right["code"]});
    assert_eq!(call(&app, &ada, path, old).await.1["reason"], "replaced");
    let (status, refused) = call(&app, &ada, path, json!({"id": waiting["id"], "code": "12 34"})).await;
    assert_eq!((status, &refused["code"]), (422, &json!("VALIDATION")));
    let slow = json!({"id": waiting["id"], "code": code_at(&seed, app.now() - 300_000)});
    let (status, refused) = call(&app, &ada, path, slow).await;
    let expected = (403, &json!("INVALID_CODE"), &json!(-300), &json!(4));
    assert_eq!((status, &refused["code"], &refused["clock_off_seconds"], &refused["attempts_left"]), expected);
    let (status, added) = call(&app, &ada, path, right.clone()).await;
    assert_eq!(
        (status, &added["two_step"], added["recovery_codes"].as_array().unwrap().len()),
        (200, &json!(true), 10)
    );
    let (status, again) = call(&app, &ada, path, right).await;
    assert_eq!((status, again), (200, added), "a double click");
    email(&app, ADA, "factor_added", 1).await;
    let now = factors(&app, &ada).await;
    assert_eq!(
        (&now["two_step"], &now["totp"][0]["name"], &now["recovery_codes"]["left"]),
        (&json!(true), &json!("Phone"), &json!(10))
    );
    for event in ["totp_added", "two_step_on", "recovery_codes_made"] {
        assert!(events(&app, &ada.access).await.iter().any(|(happened, _)| happened == event), "{event}");
    }
    // The enrolment's code is spent.
    let mut browser = Browser::default();
    browser.post(&app, "/api/login", json!({"email": ADA, "password": PASSWORD})).await;
    let body = json!({"code": code_at(&seed, app.now())});
    assert_eq!(browser.post(&app, "/api/login/second-factor", body).await.0, 403);
    app.stop().await;
}

#[tokio::test]
async fn recovery_codes_are_shown_to_the_session_that_made_them_until_they_are_saved() {
    let it = Protected::with(&[]).await;
    let shown = async |access: &str| {
        let answer = it.app.get("/api/factors/recovery-codes").bearer_auth(access).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    };
    assert_eq!(shown(&it.session.access).await, (200, json!({"recovery_codes": it.recovery})));
    let mut elsewhere = Browser::default();
    let answer = it.sign_in(&mut elsewhere, false).await;
    assert_eq!(shown(answer["access_token"].as_str().unwrap()).await.0, 204);
    let (status, made) = call(&it.app, &it.session, "/api/factors/recovery-codes", json!({})).await;
    let made: Vec<_> = made["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    assert_eq!((status, made.len()), (200, 10));
    assert_eq!(shown(&it.session.access).await, (200, json!({"recovery_codes": made})));
    email(&it.app, ADA, "recovery_codes_made", 1).await;
    assert_eq!(call(&it.app, &it.session, "/api/factors/recovery-codes/saved", json!({})).await.0, 204);
    assert_eq!(shown(&it.session.access).await.0, 204);
    it.password(&mut elsewhere).await;
    let old = elsewhere.post(&it.app, "/api/login/second-factor", json!({"code": it.recovery[0]})).await;
    assert_eq!(old.0, 403, "the old ones are dead");
    let new = elsewhere.post(&it.app, "/api/login/second-factor", json!({"code": made[0]})).await;
    assert_eq!(new.0, 200);
    it.app.wait(Duration::from_mins(10));
    assert_eq!(shown(&it.session.access).await.0, 204);
    it.app.stop().await;
}

#[tokio::test]
async fn the_last_one_that_is_removed_turns_it_off_and_every_other_session_ends() {
    let it = Protected::with(&[]).await;
    let answer = it.sign_in(&mut Browser::default(), false).await;
    let elsewhere = answer["access_token"].as_str().unwrap();
    let id = factors(&it.app, &it.session).await["totp"][0]["id"].clone();
    let (status, renamed) =
        call(&it.app, &it.session, "/api/factors/rename", json!({"id": id, "name": " New phone "})).await;
    assert_eq!((status, &renamed["totp"][0]["name"]), (200, &json!("New phone")));
    let long = json!({"id": id, "name": "x".repeat(61)});
    assert_eq!(call(&it.app, &it.session, "/api/factors/rename", long).await.0, 422);
    for path in ["/api/factors/rename", "/api/factors/remove"] {
        let nobodys = json!({"id": "0198c1a0-0000-7000-8000-000000000000", "name": "x"});
        assert_eq!(call(&it.app, &it.session, path, nobodys).await.0, 404, "{path}");
    }
    assert_eq!(call(&it.app, &it.session, "/api/factors/remove", json!({"id": id})).await.0, 204);
    assert_eq!(it.app.protected(elsewhere).await.status(), 401);
    assert_eq!(it.app.protected(&it.session.access).await.status(), 200);
    let now = factors(&it.app, &it.session).await;
    assert_eq!(
        (&now["two_step"], &now["totp"], &now["recovery_codes"]["left"]),
        (&json!(false), &json!([]), &json!(0))
    );
    email(&it.app, ADA, "factor_removed", 1).await;
    assert_eq!(it.app.login(ADA, PASSWORD).await.status(), 200);
    it.app.stop().await;
}

#[tokio::test]
async fn the_switch_needs_something_to_ask_for() {
    let (app, [ada]) = app_with([ADA], &[]).await;
    for body in [json!({"on": true}), json!({})] {
        let (status, refused) = call(&app, &ada, "/api/factors/two-step", body).await;
        assert_eq!((status, &refused["code"]), (422, &json!("VALIDATION")));
        assert!(refused["fields"]["on"].is_string());
    }
    let (status, refused) = call(&app, &ada, "/api/factors/recovery-codes", json!({})).await;
    assert_eq!((status, &refused["code"]), (422, &json!("VALIDATION")));
    add(&app, &ada).await;
    assert_eq!(
        call(&app, &ada, "/api/factors/two-step", json!({"on": false})).await,
        (200, json!({"two_step": false}))
    );
    email(&app, ADA, "two_step_off", 1).await;
    assert_eq!(factors(&app, &ada).await["totp"], json!([]));
    app.stop().await;
}

#[tokio::test]
async fn there_are_five_apps_at_the_most_and_changes_ask_for_a_recent_sign_in() {
    let it = Protected::with(&[]).await;
    for _ in 0..4 {
        it.app.wait(STEP);
        add(&it.app, &it.session).await;
    }
    let (status, refused) = call(&it.app, &it.session, "/api/factors/totp", json!({})).await;
    assert_eq!((status, &refused["code"]), (409, &json!("TOO_MANY")));
    it.app.wait(Duration::from_mins(10));
    let calls = ["totp", "totp/confirm", "two-step", "recovery-codes", "remove", "forget-devices"];
    for path in calls {
        let (status, refused) = call(&it.app, &it.session, &format!("/api/factors/{path}"), json!({})).await;
        assert_eq!((status, &refused["code"]), (401, &json!("STEP_UP_REQUIRED")), "{path}");
    }
    let body = json!({"current_password": PASSWORD, "new_password": "three loud grey geese"});
    assert_eq!(call(&it.app, &it.session, "/api/profile/password", body).await.0, 401);
    let without = json!({"password": PASSWORD});
    let (status, refused) = call(&it.app, &it.session, "/api/step-up", without).await;
    assert_eq!((status, refused["fields"].as_object().unwrap().len()), (422, 1));
    let wrong = json!({"password": PASSWORD, "code": "000000"});
    let (status, refused) = call(&it.app, &it.session, "/api/step-up", wrong).await;
    assert_eq!((status, refused["fields"]["code"].is_string()), (422, true));
    let by_recovery = json!({"password": PASSWORD, "code": it.recovery[0]});
    assert_eq!(call(&it.app, &it.session, "/api/step-up", by_recovery).await.0, 200);
    assert_eq!(call(&it.app, &it.session, "/api/factors/forget-devices", json!({})).await.0, 204);
    it.app.stop().await;
}

#[tokio::test]
async fn no_seed_and_no_code_is_in_the_database_or_the_export() {
    let it = Protected::with(&[]).await;
    let mut ada = Browser::default();
    let answer = it.sign_in(&mut ada, true).await;
    let (status, export) = call(&it.app, &signed(&ada, &answer), "/api/profile/export", json!({})).await;
    assert_eq!((status, export["factors"]["totp"].as_array().unwrap().len()), (200, 1));
    let pool = it.app.database().connect().await;
    let mut kept = String::new();
    for sql in [
        "SELECT COALESCE(secret, '') FROM factors",
        "SELECT selector || ' ' || hash FROM recovery_codes",
        "SELECT COALESCE(data, '') || ' ' || COALESCE(answer, '') FROM challenges",
        "SELECT facts FROM outbox",
    ] {
        let rows: Vec<(String,)> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
        assert!(!rows.is_empty(), "{sql}");
        kept.extend(rows.into_iter().map(|(text,)| text + "\n"));
    }
    pool.close().await;
    let bytes = it.seed.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    for text in [kept, export.to_string()] {
        for code in &it.recovery {
            assert!(!text.contains(code) && !text.contains(&code.replace('-', "")), "a recovery code");
        }
        assert!(!text.to_lowercase().contains(&bytes), "the seed");
    }
    it.app.stop().await;
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let it = Protected::with(&[]).await;
    for (path, body, missing) in [
        ("remove", json!({}), vec!["id"]),
        ("remove", json!({"id": ""}), vec!["id"]),
        ("rename", json!({"name": "x"}), vec!["id"]),
        ("rename", json!({}), vec!["id", "name"]),
        ("totp/confirm", json!({"code": "123456"}), vec!["id"]),
        ("totp/confirm", json!({}), vec!["code", "id"]),
    ] {
        let (status, refused) = call(&it.app, &it.session, &format!("/api/factors/{path}"), body.clone()).await;
        assert_eq!((status, &refused["code"]), (422, &json!("VALIDATION")), "{path} {body}");
        let mut named: Vec<_> = refused["fields"].as_object().unwrap().keys().map(String::as_str).collect();
        named.sort_unstable();
        assert_eq!(named, missing, "{path} {body}");
    }
    it.app.stop().await;
}

#[tokio::test]
async fn what_is_refused_is_no_change_of_the_day() {
    let Protected { app, session, .. } = Protected::with(&[]).await;
    require(&app).await;
    let id = factors(&app, &session).await["totp"][0]["id"].clone();
    for time in 1..=21 {
        let (status, refused) = call(&app, &session, "/api/factors/remove", json!({"id": id})).await;
        assert_eq!((status, &refused["code"]), (409, &json!("MFA_REQUIRED")), "the {time}. time");
    }
    assert_eq!(call(&app, &session, "/api/factors/recovery-codes", json!({})).await.0, 200);
    app.stop().await;
}

#[tokio::test]
async fn dead_recovery_codes_are_shown_to_nobody() {
    let it = Protected::with(&[]).await;
    let shown = async || {
        let answer = it.app.get("/api/factors/recovery-codes").bearer_auth(&it.session.access).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(shown().await, 200);
    assert_eq!(call(&it.app, &it.session, "/api/factors/two-step", json!({"on": false})).await.0, 200);
    assert_eq!(shown().await, 204);
    it.app.stop().await;
}
