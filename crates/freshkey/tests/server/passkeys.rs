//! Passkeys, by an authenticator whose every part can be bent.

mod adding;
mod counters;
mod forgeries;
mod required;
mod steps;

use crate::support::{Authenticator, Browser, Signed, TestApp, at_once, eventually, straight};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::time::Duration;

const CODE_TTL: Duration = Duration::from_mins(10);
const ALMOST: Duration = Duration::from_millis(599_999);

/// Calls for somebody who is signed in: the status and the answer.
async fn call(app: &TestApp, session: &Signed, path: &str, body: Value) -> (u16, Value) {
    let request = app.post(path).bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    let answer = request.json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

async fn read(app: &TestApp, session: &Signed, path: &str) -> Value {
    let answer = app.get(path).bearer_auth(&session.access).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

async fn creation_options(app: &TestApp, session: &Signed) -> Value {
    let (status, options) = call(app, session, "/api/factors/passkeys/options", json!({})).await;
    assert_eq!(status, 200, "{options}");
    options
}

/// Adds the passkey to the account.
async fn add(app: &TestApp, session: &Signed, authenticator: &mut Authenticator) -> Value {
    let credential = authenticator.make(&creation_options(app, session).await, straight);
    let (status, passkey) = call(app, session, "/api/factors/passkeys", json!({"credential": credential})).await;
    assert_eq!(status, 201, "{passkey}");
    passkey
}

/// An account with a passkey.
async fn account(app: &TestApp, email: &str) -> (Signed, Authenticator) {
    let (session, mut authenticator) = (app.register(email).await, Authenticator::new(&app.origin));
    add(app, &session, &mut authenticator).await;
    (session, authenticator)
}

async fn options(app: &TestApp, browser: &mut Browser) -> Value {
    let (status, options) = browser.get(app, "/api/login/passkey").await;
    assert_eq!(status, 200, "{options}");
    options
}

/// Signs in by a passkey, in this browser.
async fn sign_in(app: &TestApp, browser: &mut Browser, credential: &Value) -> (u16, Value) {
    browser.post(app, "/api/login/passkey", json!({"credential": credential})).await
}

fn claims(answer: &Value) -> Value {
    let access = answer["access_token"].as_str().expect("an access token");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(access.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// What every passkey is answered with which something is wrong.
fn assert_refused((status, body): (u16, Value), what: &str) {
    let refusal = json!({"code": "INVALID_PASSKEY", "message": "This passkey was not accepted"});
    assert_eq!((status, body), (403, refusal), "{what}");
}

async fn count(app: &TestApp, table: &str) -> i64 {
    let pool = app.database().connect().await;
    let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(&pool).await.unwrap();
    pool.close().await;
    count
}

#[tokio::test]
async fn it_signs_in_by_both_steps_at_once() {
    let app = TestApp::start().await;
    let (session, mut authenticator) = account(&app, "ada@example.com").await;
    let mut browser = Browser::default();
    let asked = options(&app, &mut browser).await;
    let challenge = URL_SAFE_NO_PAD.decode(asked["challenge"].as_str().unwrap()).unwrap();
    assert_eq!(challenge.len(), 32);
    let expected = json!({"challenge": asked["challenge"], "rpId": "localhost", "userVerification": "required", "timeout": 300_000});
    assert_eq!(asked, expected, "it names nobody's passkeys");
    authenticator.count = 1;
    let (status, answer) = sign_in(&app, &mut browser, &authenticator.get(&asked, straight)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["user"]["email"], "ada@example.com");
    assert_eq!(claims(&answer)["amr"], json!(["pop", "mfa"]));
    assert!(browser.value("refresh").is_some());
    eventually("it is written down", async || {
        let activity = read(&app, &session, "/api/activity").await;
        let is_it = |event: &Value| event["event"] == "signed_in" && event["method"] == "passkey";
        activity.as_array().unwrap().iter().any(is_it).then_some(())
    })
    .await;
    let passkey = &read(&app, &session, "/api/factors").await["passkeys"][0];
    assert_eq!(passkey["last_used_at"], app.now());
    app.stop().await;
}

#[tokio::test]
async fn every_algorithm_that_is_offered_works() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    for make in [Authenticator::new, Authenticator::ed25519, Authenticator::rsa] {
        let (mut authenticator, mut browser) = (make(&app.origin), Browser::default());
        add(&app, &session, &mut authenticator).await;
        let credential = authenticator.get(&options(&app, &mut browser).await, straight);
        assert_eq!(sign_in(&app, &mut browser, &credential).await.0, 200);
    }
    app.stop().await;
}

#[tokio::test]
async fn asking_writes_nothing_and_each_challenge_is_another_one() {
    let app = TestApp::start().await;
    account(&app, "ada@example.com").await;
    let mut browser = Browser::default();
    let tables = ["spent_passkey_challenges", "challenges", "factors", "activity_of_nobody"];
    let mut before = Vec::new();
    for table in tables {
        before.push(count(&app, table).await);
    }
    let (first, second) = (options(&app, &mut browser).await, options(&app, &mut browser).await);
    assert_ne!(first["challenge"], second["challenge"]);
    for (table, before) in tables.into_iter().zip(before) {
        assert_eq!(count(&app, table).await, before, "{table}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_challenge_is_good_once_in_one_browser_and_for_its_time() {
    let app = TestApp::start().await;
    let (_, mut authenticator) = account(&app, "ada@example.com").await;
    let (mut browser, mut other) = (Browser::default(), Browser::default());
    options(&app, &mut other).await;

    let late = authenticator.get(&options(&app, &mut browser).await, straight);
    app.wait(CODE_TTL);
    assert_refused(sign_in(&app, &mut browser, &late).await, "expired");

    let asked = options(&app, &mut browser).await;
    app.wait(ALMOST);
    let credential = authenticator.get(&asked, straight);
    assert_refused(sign_in(&app, &mut other, &credential).await, "another browser's");
    assert_refused(sign_in(&app, &mut Browser::default(), &credential).await, "no browser's");
    assert_eq!(sign_in(&app, &mut browser, &credential).await.0, 200);
    assert_refused(sign_in(&app, &mut browser, &credential).await, "used");
    let again = authenticator.get(&asked, straight);
    assert_refused(sign_in(&app, &mut browser, &again).await, "another answer to the same challenge");
    app.stop().await;
}

#[tokio::test]
async fn of_fifty_at_once_one_signs_in() {
    let app = TestApp::start().await;
    let (_, mut authenticator) = account(&app, "ada@example.com").await;
    let mut browser = Browser::default();
    let credential = authenticator.get(&options(&app, &mut browser).await, straight);
    let header = browser.header();
    let request = || {
        let request = app.post("/api/login/passkey").header("cookie", header.clone());
        request.json(&json!({"credential": credential}))
    };
    let answers = at_once((0..50).map(|_| request()).collect()).await;
    let signed_in = answers.iter().filter(|(_, answer)| answer.status() == 200).count();
    let refused = answers.iter().filter(|(_, answer)| answer.status() == 403).count();
    assert_eq!((signed_in, refused), (1, 49));
    app.stop().await;
}

#[tokio::test]
async fn it_is_of_the_account_that_it_says() {
    let app = TestApp::start().await;
    let (_, mut ada) = account(&app, "ada@example.com").await;
    let (_, bob) = account(&app, "bob@example.com").await;
    let mut browser = Browser::default();
    let asked = options(&app, &mut browser).await;
    for (handle, what) in [
        (Some(bob.handle.clone()), "another account's"),
        (Some(vec![7; 64]), "nobody's"),
        (Some(ada.handle[..63].to_vec()), "cut"),
        (Some(Vec::new()), "empty"),
        (None, "none"),
    ] {
        let credential = ada.get(&asked, |bent| bent.handle = handle);
        assert_refused(sign_in(&app, &mut browser, &credential).await, what);
    }
    assert_eq!(ada.handle.len(), 64);
    assert_eq!(sign_in(&app, &mut browser, &ada.get(&asked, straight)).await.0, 200);
    app.stop().await;
}

#[tokio::test]
async fn only_of_one_that_nobody_has_it_is_said() {
    let app = TestApp::start().await;
    let (session, mut authenticator) = account(&app, "ada@example.com").await;
    let mut browser = Browser::default();
    let mut strange = Authenticator::new(&app.origin);
    strange.handle.clone_from(&authenticator.handle);
    let asked = options(&app, &mut browser).await;
    let unknown = sign_in(&app, &mut browser, &strange.get(&asked, straight)).await;
    assert_eq!(
        (unknown.0, &unknown.1["code"], &unknown.1["reason"]),
        (403, &json!("INVALID_PASSKEY"), &json!("unknown"))
    );

    let pool = app.database().connect().await;
    sqlx::query("UPDATE users SET disabled_at = 1").execute(&pool).await.unwrap();
    let credential = authenticator.get(&asked, straight);
    assert_refused(sign_in(&app, &mut browser, &credential).await, "of a disabled account");
    sqlx::query("UPDATE users SET disabled_at = NULL").execute(&pool).await.unwrap();
    pool.close().await;

    let id = read(&app, &session, "/api/factors").await["passkeys"][0]["id"].clone();
    assert_eq!(call(&app, &session, "/api/factors/remove", json!({"id": id})).await.0, 204);
    let gone = sign_in(&app, &mut browser, &authenticator.get(&asked, straight)).await;
    assert_eq!((gone.0, &gone.1["reason"]), (403, &json!("unknown")), "without mail nothing brings it back");
    app.stop().await;
}

#[tokio::test]
async fn there_are_none_where_the_host_is_an_address_and_none_by_a_form() {
    let app = TestApp::with(&["--origin", "https://192.0.2.7"]).await;
    assert_eq!(app.get("/api/login/passkey").send().await.unwrap().status(), 404);
    let answer = app.post("/api/login/passkey").json(&json!({"credential": {}})).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    app.stop().await;

    let app = TestApp::start().await;
    let answer = app.post("/api/login/passkey").form(&[("credential", "{}")]).send().await.unwrap();
    assert_eq!(answer.status(), 415);
    let answer = app.post("/api/login/passkey").json(&json!({})).send().await.unwrap();
    assert_eq!(answer.status(), 422);
    for what in [json!({}), json!("x"), json!([]), json!({"id": "AA", "type": "public-key", "response": null})] {
        assert_refused(sign_in(&app, &mut Browser::default(), &what).await, &what.to_string());
    }
    app.stop().await;
}

#[tokio::test]
async fn it_may_be_for_a_domain_above_the_host() {
    let app = TestApp::with(&["--origin", "https://app.shop.example", "--rp-id", "shop.example"]).await;
    let answer = app.get("/api/login/passkey").send().await.unwrap();
    assert!(answer.headers()["set-cookie"].to_str().unwrap().starts_with("__Host-pending="));
    let options: Value = answer.json().await.unwrap();
    assert_eq!(options["rpId"], "shop.example");
    app.stop().await;
}
