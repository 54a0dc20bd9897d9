//! The list of one's own sessions, and ending them.

use crate::support::{Signed, TestApp, cookie};
use serde_json::{Value, json};
use std::time::Duration;

async fn list(app: &TestApp, session: &Signed) -> Vec<Value> {
    let answer = app.get("/api/sessions").bearer_auth(&session.access).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

async fn revoke(app: &TestApp, session: &Signed, id: &Value) -> reqwest::Response {
    let request = app.post("/api/sessions/revoke").bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    request.json(&json!({"id": id})).send().await.unwrap()
}

#[tokio::test]
async fn they_are_listed_with_their_devices_the_newest_first() {
    let app = TestApp::start().await;
    let first = app.register("ada@example.com").await;
    app.register("bob@example.com").await;
    app.wait(Duration::from_secs(5));
    let login = json!({"email": "ada@example.com", "password": crate::support::PASSWORD});
    let second = app.post("/api/login").header("user-agent", "Browser/1").json(&login).send().await.unwrap();
    let second = crate::support::signed(second).await;
    let listed = list(&app, &second).await;
    assert_eq!(listed.len(), 2, "nobody else's");
    assert_eq!((&listed[0]["current"], &listed[1]["current"]), (&json!(true), &json!(false)));
    assert_eq!((&listed[0]["user_agent"], &listed[0]["ip"]), (&json!("Browser/1"), &json!("127.0.0.1")));
    assert_eq!(listed[0]["created_at"], app.now());
    assert_eq!(listed[1]["last_seen_at"], app.now() - 5000);
    app.logout(&first.cookie).await;
    assert_eq!(list(&app, &second).await.len(), 1, "what is over is not listed");
    app.stop().await;
}

#[tokio::test]
async fn one_is_ended_from_another() {
    let app = TestApp::start().await;
    let (here, there) = (app.register("ada@example.com").await, app.sign_in("ada@example.com").await);
    let listed = list(&app, &here).await;
    let other = listed.iter().find(|item| item["current"] == false).unwrap();
    assert_eq!(revoke(&app, &here, &other["id"]).await.status(), 204);
    assert_eq!(app.protected(&there.access).await.status(), 401, "its access token stops at once");
    assert_eq!(app.refresh(&there.cookie).await.reason(), "revoked");
    assert_eq!(revoke(&app, &here, &other["id"]).await.status(), 404, "it is gone");

    let current = listed.iter().find(|item| item["current"] == true).unwrap();
    let answer = revoke(&app, &here, &current["id"]).await;
    assert_eq!((answer.status().as_u16(), cookie(&answer, "refresh").as_deref()), (204, Some("")));
    assert_eq!(app.refresh(&here.cookie).await.reason(), "signed_out", "one's own: as a sign-out");
    app.stop().await;
}

#[tokio::test]
async fn somebody_elses_is_not_there() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
    let id = list(&app, &bob).await[0]["id"].clone();
    for (id, status) in [(id, 404), (json!("x"), 404), (json!(""), 422), (json!(7), 400)] {
        assert_eq!(revoke(&app, &ada, &id).await.status(), status, "{id}");
    }
    let without =
        app.post("/api/sessions/revoke").bearer_auth(&ada.access).json(&json!({"id": "x"})).send().await.unwrap();
    assert_eq!(without.status(), 403, "it needs the CSRF token");
    assert_eq!(app.protected(&bob.access).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn all_are_ended_at_once() {
    let app = TestApp::start().await;
    let (here, there) = (app.register("ada@example.com").await, app.sign_in("ada@example.com").await);
    let bob = app.register("bob@example.com").await;
    let answer =
        app.post("/api/logout-all").bearer_auth(&here.access).header("x-csrf-token", &here.csrf).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), cookie(&answer, "refresh").as_deref()), (204, Some("")));
    for session in [&here, &there] {
        assert_eq!(app.protected(&session.access).await.status(), 401);
        assert_eq!(app.refresh(&session.cookie).await.reason(), "revoked");
    }
    assert_eq!(app.protected(&bob.access).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn all_but_this_one_are_ended() {
    let app = TestApp::start().await;
    let (here, there) = (app.register("ada@example.com").await, app.sign_in("ada@example.com").await);
    let bob = app.register("bob@example.com").await;
    let others = || app.post("/api/sessions/revoke-others");
    let without = others().bearer_auth(&here.access).send().await.unwrap();
    assert_eq!(without.status(), 403, "it needs the CSRF token");
    let answer = others().bearer_auth(&here.access).header("x-csrf-token", &here.csrf).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), cookie(&answer, "refresh")), (204, None), "this one is left as it is");
    assert_eq!(app.protected(&here.access).await.status(), 200);
    assert_eq!(app.protected(&there.access).await.status(), 401, "its access token stops at once");
    assert_eq!(app.refresh(&there.cookie).await.reason(), "revoked");
    assert_eq!(app.refresh(&here.cookie).await.status, 200);
    assert_eq!(app.protected(&bob.access).await.status(), 200);
    assert_eq!(list(&app, &here).await.len(), 1);

    app.sign_in("ada@example.com").await;
    let form = others().header("accept", "text/html").header("cookie", format!("refresh={}", here.cookie));
    let fields = [("_csrf", here.csrf.as_str()), ("next", "/app/sessions")];
    let led = form.form(&fields).send().await.unwrap();
    assert_eq!((led.status().as_u16(), &led.headers()["location"]), (303, &"/app/sessions".parse().unwrap()));
    assert_eq!(list(&app, &here).await.len(), 1, "by a plain form as well");
    app.stop().await;
}

#[tokio::test]
async fn the_page_arrives_with_the_list_in_it() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let page = app.get("/app/sessions").header("cookie", format!("refresh={}", session.cookie)).send().await.unwrap();
    let html = page.text().await.unwrap();
    assert!(html.contains("this one") && html.contains("127.0.0.1"));
    assert!(!html.contains("eyJ"));
    app.stop().await;
}
