//! Adding passkeys.

use super::{CODE_TTL, account, add, assert_refused, call, count, creation_options, read};
use crate::support::{Authenticator, BACKED_UP, BACKUP_ELIGIBLE, Browser, TestApp, straight};
use serde_json::json;
use std::time::Duration;

const PATH: &str = "/api/factors/passkeys";
/// Google Password Manager.
const GOOGLE: [u8; 16] =
    [0xEA, 0x9B, 0x8D, 0x66, 0x4D, 0x01, 0x1D, 0x21, 0x3C, 0xE4, 0xB6, 0xB4, 0x8C, 0xB5, 0x75, 0xD4];

#[tokio::test]
async fn the_options_are_those_of_the_standard_and_leave_out_what_the_account_has() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let options = creation_options(&app, &session).await;
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!((&options["user"]["name"], &options["attestation"]), (&json!("ada@example.com"), &json!("none")));
    let selection = &options["authenticatorSelection"];
    assert_eq!((&selection["residentKey"], &selection["userVerification"]), (&json!("required"), &json!("required")));
    let algorithms: Vec<_> = options["pubKeyCredParams"].as_array().unwrap().iter().map(|of| &of["alg"]).collect();
    assert_eq!(algorithms, [-7, -8, -257]);
    assert_eq!((&options["excludeCredentials"], &options["extensions"]), (&json!([]), &json!({"credProps": true})));

    let mut authenticator = Authenticator::new(&app.origin);
    add(&app, &session, &mut authenticator).await;
    let again = creation_options(&app, &session).await;
    assert_eq!(again["user"]["id"], options["user"]["id"], "an account is known by one handle");
    let excluded = json!([{"type": "public-key", "id": authenticator.id(), "transports": ["hybrid", "internal"]}]);
    assert_eq!(again["excludeCredentials"], excluded);
    let factors = read(&app, &session, "/api/factors").await;
    assert_eq!((&factors["user_handle"], &factors["rp_id"]), (&options["user"]["id"], &json!("localhost")));
    assert_eq!(factors["two_step"], false, "it is another way to sign in");
    app.stop().await;
}

#[tokio::test]
async fn it_is_called_as_its_owner_says_or_by_who_keeps_it() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let mut known = Authenticator::new(&app.origin);
    known.aaguid = GOOGLE;
    known.flags |= BACKUP_ELIGIBLE | BACKED_UP;
    let passkey = add(&app, &session, &mut known).await;
    let expected = json!({"id": passkey["id"], "credential_id": known.id(), "name": "Google Password Manager",
        "created_at": app.now(), "last_used_at": null, "synced": true});
    assert_eq!(passkey, expected);
    assert_eq!(add(&app, &session, &mut Authenticator::new(&app.origin)).await["name"], "Passkey");

    let mut named = Authenticator::new(&app.origin);
    let credential = named.make(&creation_options(&app, &session).await, straight);
    let long = json!({"credential": credential, "name": "x".repeat(61)});
    let (status, refusal) = call(&app, &session, PATH, long).await;
    assert_eq!((status, refusal["fields"].get("name").is_some()), (422, true), "{refusal}");
    let (status, passkey) = call(&app, &session, PATH, json!({"credential": credential, "name": " My key "})).await;
    assert_eq!((status, &passkey["name"]), (201, &json!("My key")), "a refused name has used nothing up");
    app.stop().await;
}

#[tokio::test]
async fn a_credential_is_one_accounts_and_a_challenge_is_good_once() {
    let app = TestApp::start().await;
    let (ada, mut authenticator) = account(&app, "ada@example.com").await;
    let bob = app.register("bob@example.com").await;
    for session in [&ada, &bob] {
        let credential = authenticator.make(&creation_options(&app, session).await, straight);
        assert_refused(call(&app, session, PATH, json!({"credential": credential})).await, "taken");
    }
    let options = creation_options(&app, &bob).await;
    let made = |app: &TestApp| Authenticator::new(&app.origin).make(&options, straight);
    assert_eq!(call(&app, &bob, PATH, json!({"credential": made(&app)})).await.0, 201);
    assert_refused(call(&app, &bob, PATH, json!({"credential": made(&app)})).await, "used");
    let options = creation_options(&app, &bob).await;
    let late = json!({"credential": Authenticator::new(&app.origin).make(&options, straight)});
    app.wait(CODE_TTL);
    assert_refused(call(&app, &bob, PATH, late.clone()).await, "expired");
    app.wait(Duration::from_millis(1));
    let (status, refusal) = call(&app, &bob, PATH, late).await;
    assert_eq!((status, &refusal["code"]), (401, &json!("STEP_UP_REQUIRED")), "it is a sensitive call");
    app.stop().await;
}

#[tokio::test]
async fn there_are_twenty_at_most() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let spare = creation_options(&app, &session).await;
    for _ in 0..20 {
        add(&app, &session, &mut Authenticator::new(&app.origin)).await;
    }
    let (status, refusal) = call(&app, &session, "/api/factors/passkeys/options", json!({})).await;
    assert_eq!((status, &refusal["code"]), (409, &json!("TOO_MANY")));
    let credential = Authenticator::new(&app.origin).make(&spare, straight);
    let (status, refusal) = call(&app, &session, PATH, json!({"credential": credential})).await;
    assert_eq!((status, &refusal["code"]), (409, &json!("TOO_MANY")));
    app.stop().await;
}

#[tokio::test]
async fn its_owner_is_told_and_other_sessions_may_be_ended() {
    let app = TestApp::with(&["--mail", "dev"]).await;
    let mut browser = Browser::default();
    let (session, other) = super::steps::two_sessions(&app, &mut browser).await;
    let credential = Authenticator::new(&app.origin).make(&creation_options(&app, &session).await, straight);
    let added = call(&app, &session, PATH, json!({"credential": credential, "end_others": true})).await;
    assert_eq!(added.0, 201, "{}", added.1);
    let ended = app.protected(&other.access).await;
    assert_eq!(ended.status(), 401);
    let refusal: serde_json::Value = ended.json().await.unwrap();
    assert_eq!((&refusal["code"], &refusal["reason"]), (&json!("SESSION_ENDED"), &json!("factors_changed")));
    assert_eq!(app.protected(&session.access).await.status(), 200);
    let activity = read(&app, &session, "/api/activity").await;
    assert!(activity.as_array().unwrap().iter().any(|event| event["event"] == "passkey_added"));
    let email = super::steps::newest_email(&app, "factor_added").await;
    assert!(email["text"].as_str().unwrap().contains("/secure?t="), "{email}");
    app.stop().await;
}

#[tokio::test]
async fn one_that_is_too_many_for_a_day_is_told_so_before_its_challenge_is_spent() {
    let app = TestApp::with(&["--mail", "dev"]).await;
    let (session, _) = super::steps::two_sessions(&app, &mut Browser::default()).await;
    let mut last = json!(null);
    for _ in 0..19 {
        last = add(&app, &session, &mut Authenticator::new(&app.origin)).await;
    }
    assert_eq!(call(&app, &session, "/api/factors/remove", json!({"id": last["id"]})).await.0, 204);
    let credential = Authenticator::new(&app.origin).make(&creation_options(&app, &session).await, straight);
    let spent = count(&app, "spent_passkey_challenges").await;
    let (status, refusal) = call(&app, &session, PATH, json!({"credential": credential})).await;
    assert_eq!((status, &refusal["code"]), (429, &json!("RATE_LIMITED")), "{refusal}");
    assert_eq!(count(&app, "spent_passkey_challenges").await, spent);
    app.stop().await;
}
