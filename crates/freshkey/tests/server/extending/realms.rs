//! Sessions without accounts.

use crate::support::{TestApp, code};
use freshkey::{
    app::{
        api::protocol::{Bearer, Get, Post, Public},
        error::{ApiError, Code},
        types::Millis,
    },
    server::{
        openapi::{Operation, call},
        realm::Realm,
        request::{caller, now},
        state::AppState,
    },
};
use leptos::prelude::*;

const TRIAL: Realm = Realm {
    name: "trial",
    life: Millis::from_mins(10),
    grace_period: Millis::from_secs(2),
    operations,
    switch: |_| Ok(None),
};

/// Begins a session of the realm.
#[server(prefix = "/api", endpoint = "test/trial", protocol = Post<Public>)]
pub async fn begin_trial() -> Result<String, ApiError> {
    let state: AppState = expect_context();
    let trial = state.realm(TRIAL.name).ok_or(Code::NotFound)?;
    Ok(trial.begin("guest@trial.invalid", now()).await?.access_token)
}

/// Who is in it.
#[server(prefix = "/api", endpoint = "test/trial", protocol = Get<Bearer>)]
pub async fn guest() -> Result<String, ApiError> {
    Ok(caller()?.user.email)
}

pub fn operations() -> Vec<Operation> {
    vec![call::<BeginTrial>("beginTrial", "Begins a trial."), call::<Guest>("guest", "The guest.")]
}

async fn begin(app: &TestApp) -> String {
    app.post("/api/test/trial").send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_token_of_one_realm_is_invalid_in_every_other() {
    let app = TestApp::of(starter::freshkey().realm(TRIAL), &[]).await;
    let (guest, member) = (begin(&app).await, app.register("ada@example.com").await.access);
    let lab = app.post("/api/lab/begin").json(&serde_json::json!({})).send().await.unwrap();
    let lab: serde_json::Value = lab.json().await.unwrap();
    let visitor = lab["access_token"].as_str().unwrap();
    let calls = [("/api/test/trial", guest.as_str()), ("/api/protected", &member), ("/api/lab/protected", visitor)];
    for (path, accepted) in calls {
        for (_, token) in calls {
            let answer = app.get(path).bearer_auth(token).send().await.unwrap();
            let expected = if token == accepted { 200 } else { 403 };
            assert_eq!(answer.status(), expected, "{path}");
            if expected == 403 {
                assert_eq!(code(answer).await, "INVALID_TOKEN", "{path}");
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn for_the_public_it_is_off_unless_it_is_turned_on() {
    let realm = |switch| starter::freshkey().realm(Realm { switch, ..TRIAL });
    for (app, is_on) in [(realm(|_| Ok(None)), false), (realm(|_| Ok(Some(true))), true)] {
        let app = TestApp::of(app, &["--origin", "https://example.com"]).await;
        let begun = app.post("/api/test/trial").send().await.unwrap();
        assert_eq!(begun.status(), if is_on { 200 } else { 404 });
        app.stop().await;
    }
}

#[test]
#[should_panic(expected = "\"freshkey\" is taken")]
fn a_realm_has_no_file_of_the_accounts() {
    let _ = starter::freshkey().realm(Realm { name: "freshkey", ..TRIAL });
}

#[test]
#[should_panic(expected = "\"lab\" is taken")]
fn a_realm_has_no_other_realms_name() {
    let _ = starter::freshkey().realm(Realm { name: "lab", ..TRIAL });
}

#[test]
#[should_panic(expected = "is no name of a realm")]
fn a_realm_has_a_plain_name() {
    let _ = starter::freshkey().realm(Realm { name: "../secret", ..TRIAL });
}
