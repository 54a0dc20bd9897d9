//! Passkeys where a sign-in has several steps, and where somebody confirms that it is them.

use super::{account, add, assert_refused, call, claims, creation_options, options, read, sign_in};
use crate::support::{Authenticator, Browser, PASSWORD, Signed, TestApp, eventually, straight};
use serde_json::{Value, json};
use std::time::Duration;

const UNDO_TTL: Duration = Duration::from_hours(72);

/// The newest email of this kind, once it is there.
pub(super) async fn newest_email(app: &TestApp, kind: &str) -> Value {
    eventually("the email arrives", async || {
        let answer = app.get("/dev/mailbox").header("accept", "application/json").send().await.unwrap();
        let all: Vec<Value> = answer.json().await.unwrap();
        all.into_iter().find(|email| email["kind"] == kind)
    })
    .await
}

pub(super) fn signed(browser: &Browser, answer: &Value) -> Signed {
    let text = |name: &str| answer[name].as_str().unwrap_or_else(|| panic!("{name} in {answer}")).to_owned();
    let cookie = browser.value("refresh").expect("a refresh cookie").to_owned();
    Signed { access: text("access_token"), csrf: text("csrf_token"), cookie }
}

/// An account where there is mail: the session that registered, and another one.
pub(super) async fn two_sessions(app: &TestApp, browser: &mut Browser) -> (Signed, Signed) {
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    assert_eq!(browser.post(app, "/api/register", body).await.0, 202);
    let subject = newest_email(app, "register").await["subject"].clone();
    let code: String = subject.as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
    let (status, answer) = browser.post(app, "/api/register/confirm", json!({"code": code})).await;
    assert_eq!(status, 201, "{answer}");
    (signed(browser, &answer), app.sign_in("ada@example.com").await)
}

pub(super) async fn turn_on(app: &TestApp, session: &Signed) {
    let (status, answer) = call(app, session, "/api/factors/two-step", json!({"on": true})).await;
    assert_eq!((status, &answer["two_step"]), (200, &json!(true)), "{answer}");
}

/// Signs in with the password, as far as that goes.
pub(super) async fn first_step(app: &TestApp, browser: &mut Browser, email: &str) -> Value {
    let (status, step) = browser.post(app, "/api/login", json!({"email": email, "password": PASSWORD})).await;
    assert_eq!((status, &step["status"]), (202, &json!("second_factor")), "{step}");
    step
}

#[tokio::test]
async fn it_is_a_second_step_in_the_browser_that_took_the_first() {
    let app = TestApp::start().await;
    let (session, mut authenticator) = account(&app, "ada@example.com").await;
    let (_, mut bobs) = account(&app, "bob@example.com").await;
    turn_on(&app, &session).await;
    let (mut browser, mut other) = (Browser::default(), Browser::default());
    let step = first_step(&app, &mut browser, "ada@example.com").await;
    assert_eq!(step["methods"], json!(["code", "passkey"]));
    let asked = &step["passkey_options"];
    let allowed = json!([{"type": "public-key", "id": authenticator.id(), "transports": ["hybrid", "internal"]}]);
    assert_eq!((&asked["allowCredentials"], &asked["userVerification"]), (&allowed, &json!("required")));

    let path = "/api/login/second-factor";
    let others = first_step(&app, &mut other, "ada@example.com").await["passkey_options"].clone();
    let refused = |(status, body): (u16, Value), what: &str| {
        assert_eq!(
            (status, &body["code"], body.get("reason")),
            (403, &json!("INVALID_PASSKEY"), None),
            "{what}: {body}"
        );
    };
    let credential = authenticator.get(&others, straight);
    refused(browser.post(&app, path, json!({"credential": credential})).await, "asked for in another browser");
    refused(browser.post(&app, path, json!({"credential": bobs.get(asked, straight)})).await, "another account's");
    let unverified = authenticator.get(asked, |bent| bent.flags &= !crate::support::VERIFIED);
    refused(browser.post(&app, path, json!({"credential": unverified})).await, "nobody was verified");

    // An authenticator that was told which passkey to use need not say whose it is.
    let credential = authenticator.get(asked, |bent| bent.handle = None);
    let (status, answer) = browser.post(&app, path, json!({"credential": credential})).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(claims(&answer)["amr"], json!(["pwd", "pop", "mfa"]));
    let cookie = browser.value("refresh").map(str::to_owned);
    let (status, again) = browser.post(&app, path, json!({"credential": credential})).await;
    assert_eq!((status, browser.value("refresh").map(str::to_owned)), (200, cookie), "{again}: a double click");
    app.stop().await;
}

#[tokio::test]
async fn alone_it_is_both_steps_where_two_are_asked_for() {
    let app = TestApp::start().await;
    let (session, mut authenticator) = account(&app, "ada@example.com").await;
    turn_on(&app, &session).await;
    let mut browser = Browser::default();
    let credential = authenticator.get(&options(&app, &mut browser).await, straight);
    let (status, answer) = sign_in(&app, &mut browser, &credential).await;
    assert_eq!(status, 200, "{answer}");
    app.stop().await;
}

#[tokio::test]
async fn it_confirms_that_it_is_you() {
    let app = TestApp::start().await;
    let (session, mut authenticator) = account(&app, "ada@example.com").await;
    let (_, mut bobs) = account(&app, "bob@example.com").await;
    app.wait(Duration::from_mins(11));
    let (status, refusal) = call(&app, &session, "/api/factors/passkeys/options", json!({})).await;
    assert_eq!((status, &refusal["code"]), (401, &json!("STEP_UP_REQUIRED")));
    let offered = read(&app, &session, "/api/step-up").await;
    assert_eq!(offered["methods"], json!(["password", "passkey"]));
    let asked = &offered["passkey_options"];
    assert_eq!(asked["allowCredentials"][0]["id"], authenticator.id());
    let told = &refusal["step_up"]["passkey_options"];
    assert_eq!(told["allowCredentials"], asked["allowCredentials"], "the refusal says so, too");

    let path = "/api/step-up";
    assert_refused(call(&app, &session, path, json!({"credential": bobs.get(asked, straight)})).await, "another's");
    let credential = authenticator.get(told, straight);
    let (status, answer) = call(&app, &session, path, json!({"credential": credential})).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(claims(&answer)["amr"], json!(["pop", "mfa"]));
    assert_refused(call(&app, &session, path, json!({"credential": credential})).await, "used");
    creation_options(&app, &session).await;
    app.stop().await;
}

#[tokio::test]
async fn where_two_steps_are_required_it_is_set_up_before_there_is_a_session() {
    let app = TestApp::with(&["--require-mfa", "all"]).await;
    let mut browser = Browser::default();
    let registration = json!({"email": "ada@example.com", "password": PASSWORD});
    let (status, step) = browser.post(&app, "/api/register", registration).await;
    assert_eq!((status, &step["status"]), (202, &json!("enrol")), "{step}");
    let (status, asked) = browser.post(&app, "/api/factors/passkeys/options", json!({})).await;
    assert_eq!(status, 200, "{asked}");
    let mut authenticator = Authenticator::new(&app.origin);
    let body = json!({"credential": authenticator.make(&asked, straight)});
    let path = "/api/factors/passkeys";
    let stranger = Browser::default().post(&app, path, body.clone()).await;
    assert!([401, 403].contains(&stranger.0), "{stranger:?}");
    let (status, answer) = browser.post(&app, path, body.clone()).await;
    assert_eq!((status, answer["recovery_codes"].as_array().map(Vec::len)), (200, Some(10)), "{answer}");
    assert_eq!(claims(&answer)["amr"], json!(["pwd", "pop", "mfa"]));
    let session = signed(&browser, &answer);
    let factors = read(&app, &session, "/api/factors").await;
    assert_eq!((&factors["two_step"], factors["passkeys"].as_array().map(Vec::len)), (&json!(true), Some(1)));
    let (status, again) = browser.post(&app, path, body).await;
    assert_eq!((status, browser.value("refresh")), (200, Some(session.cookie.as_str())), "{again}: a double click");
    assert_eq!(again["recovery_codes"], answer["recovery_codes"]);

    let mut elsewhere = Browser::default();
    let credential = authenticator.get(&options(&app, &mut elsewhere).await, straight);
    assert_eq!(sign_in(&app, &mut elsewhere, &credential).await.0, 200, "a sign-in by a passkey is enough");
    app.stop().await;
}

#[tokio::test]
async fn an_account_that_is_leaving_is_asked_first_whether_it_stays() {
    let app = TestApp::start().await;
    let (session, mut authenticator) = account(&app, "ada@example.com").await;
    assert_eq!(call(&app, &session, "/api/profile/delete", json!({})).await.0, 200);
    let mut browser = Browser::default();
    let credential = authenticator.get(&options(&app, &mut browser).await, straight);
    let (status, step) = sign_in(&app, &mut browser, &credential).await;
    assert_eq!((status, &step["status"]), (202, &json!("deletion_pending")), "{step}");
    let (status, answer) = browser.post(&app, "/api/login/keep", json!({})).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(claims(&answer)["amr"], json!(["pop", "mfa"]));
    app.stop().await;
}

#[tokio::test]
async fn while_an_undo_may_bring_it_back_nobody_says_that_it_is_gone() {
    let app = TestApp::with(&["--mail", "dev"]).await;
    let (session, _) = two_sessions(&app, &mut Browser::default()).await;
    let mut authenticator = Authenticator::new(&app.origin);
    let id = add(&app, &session, &mut authenticator).await["id"].clone();
    assert_eq!(call(&app, &session, "/api/factors/remove", json!({"id": id})).await.0, 204);
    let mut browser = Browser::default();
    let credential = authenticator.get(&options(&app, &mut browser).await, straight);
    assert_refused(sign_in(&app, &mut browser, &credential).await, "removed");
    app.wait(UNDO_TTL);
    let credential = authenticator.get(&options(&app, &mut browser).await, straight);
    let (status, refusal) = sign_in(&app, &mut browser, &credential).await;
    assert_eq!((status, &refusal["reason"]), (403, &json!("unknown")), "{refusal}");
    app.stop().await;
}
