//! Claims of the app's own in the access token.

use crate::support::{TestApp, code};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use freshkey::{
    app::{
        api::protocol::{Bearer, Post},
        error::ApiError,
        types::UserView,
    },
    server::{
        request::caller,
        store::{Store, StoreError},
    },
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What one has bought: here, as many seats as one has notes.
#[derive(Serialize, Deserialize)]
struct Plan {
    plan: String,
    seats: usize,
}

async fn plan(store: Store, user: UserView) -> Result<Plan, StoreError> {
    let notes =
        store.rows::<(String,)>(sqlx::query_as("SELECT id FROM notes WHERE user_id = $1").bind(user.id)).await?;
    let plan = if user.email.starts_with("team") { "team" } else { "free" };
    Ok(Plan { plan: plan.to_owned(), seats: notes.len() })
}

/// Which plan the caller's token names.
#[server(prefix = "/api", endpoint = "test/plan", protocol = Post<Bearer>)]
pub async fn plan_of_caller() -> Result<String, ApiError> {
    Ok(caller()?.claims.read::<Plan>().map(|plan| format!("{} {}", plan.plan, plan.seats)).unwrap_or_default())
}

fn payload(token: &str) -> Map<String, Value> {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_claim_is_in_the_token_beside_the_user_and_known_to_the_calls() {
    let app = TestApp::of(starter::freshkey().describe(super::operations).claims(plan), &[]).await;
    let session = app.register("team@example.com").await;
    let claims = payload(&session.access);
    assert_eq!((&claims["plan"], &claims["seats"]), (&json!("team"), &json!(0)));
    assert!(app.protected(&session.access).await.status().is_success(), "the token is good");

    let called = app.post("/api/test/plan").bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    assert_eq!(called.send().await.unwrap().json::<Value>().await.unwrap(), "team 0");
    let me: Value = app.get("/api/me").bearer_auth(&session.access).send().await.unwrap().json().await.unwrap();
    assert_eq!(me["claims"], json!({"plan": "team", "seats": 0}));

    // It is as old as the token, and what it is made of has changed.
    let note = app.post("/api/notes").bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    let note = note.json(&json!({"text": "Milk"})).send().await.unwrap();
    assert!(note.status().is_success(), "{note:?}");
    app.wait(crate::support::GRACE);
    let refreshed = app.refresh(&session.cookie).await;
    assert_eq!(payload(refreshed.access())["seats"], 1);
    assert_eq!(refreshed.body["user"]["claims"], json!({"plan": "team", "seats": 1}));

    // A page that the server renders, and a form that a browser without WASM sends, know the caller by the cookie.
    let cookie = format!("refresh={}", refreshed.cookie.as_deref().unwrap());
    let page = app.get("/app").header("cookie", &cookie).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("team") && page.contains("seats"), "the page's state has them");
    let csrf = refreshed.body["csrf_token"].as_str().unwrap();
    let form = app.post("/api/test/plan").header("cookie", &cookie).form(&[("_csrf", csrf)]);
    assert_eq!(form.send().await.unwrap().json::<Value>().await.unwrap(), "team 1");
    app.stop().await;
}

#[tokio::test]
async fn an_app_without_claims_mentions_none() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let mut names: Vec<_> = payload(&session.access).into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["amr", "aud", "auth_time", "email", "exp", "gen", "iat", "iss", "jti", "sid", "sub"]);
    let me: Value = app.get("/api/me").bearer_auth(&session.access).send().await.unwrap().json().await.unwrap();
    assert_eq!(me.get("claims"), None);
    app.stop().await;
}

#[derive(Serialize)]
struct Anybody {
    sub: &'static str,
}

#[derive(Serialize)]
struct TooMuch {
    blob: String,
}

/// A mistake of the app's author, which the log tells them; nobody gets a token that says what it must not.
#[tokio::test]
async fn a_claim_can_not_take_the_place_of_ours_nor_make_a_token_that_nobody_takes() {
    async fn other(_: Store, _: UserView) -> Result<Anybody, StoreError> {
        Ok(Anybody { sub: "somebody else" })
    }
    async fn long(_: Store, _: UserView) -> Result<TooMuch, StoreError> {
        Ok(TooMuch { blob: "x".repeat(8000) })
    }
    async fn text(_: Store, _: UserView) -> Result<String, StoreError> {
        Ok("team".to_owned())
    }
    for wrong in [starter::freshkey().claims(other), starter::freshkey().claims(long), starter::freshkey().claims(text)]
    {
        let app = TestApp::of(wrong.describe(super::operations), &[]).await;
        let registration = json!({"email": "ada@example.com", "password": crate::support::PASSWORD});
        let answer = app.post("/api/register").json(&registration).send().await.unwrap();
        assert_eq!(answer.status(), 500);
        assert_eq!(code(answer).await, "INTERNAL");
        app.stop().await;
    }
}
