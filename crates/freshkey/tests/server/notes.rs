//! One's own notes: the example of a protected resource.

use crate::support::{Signed, TestApp, code, cookie};
use freshkey::{
    app::{ids::id_of, types::Millis},
    server::auth::cleanup,
};
use reqwest::Response;
use serde_json::{Value, json};
use starter::notes::{
    rules::{NOTES_MAX, TEXT_MAX},
    server::store::clean_up,
};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

async fn list(app: &TestApp, session: &Signed) -> Vec<Value> {
    let answer = app.get("/api/notes").bearer_auth(&session.access).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

async fn texts(app: &TestApp, session: &Signed) -> Vec<String> {
    list(app, session).await.iter().map(|note| note["text"].as_str().unwrap().to_owned()).collect()
}

async fn post(app: &TestApp, session: &Signed, path: &str, body: Value) -> Response {
    let request = app.post(path).bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    request.json(&body).send().await.unwrap()
}

async fn add(app: &TestApp, session: &Signed, text: &str) -> Value {
    let answer = post(app, session, "/api/notes", json!({"text": text})).await;
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

/// A form as a browser without WASM sends it; where it leads, and the cookie with what was typed.
async fn submit(app: &TestApp, session: &Signed, path: &str, fields: &[(&str, &str)]) -> (String, Option<String>) {
    let fields = [fields, &[("_csrf", session.csrf.as_str()), ("next", "/app")]].concat();
    let request = app.post(path).header("accept", "text/html").header("cookie", format!("refresh={}", session.cookie));
    let answer = request.form(&fields).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    (answer.headers()["location"].to_str().unwrap().to_owned(), cookie(&answer, "form"))
}

async fn page(app: &TestApp, session: &Signed, path: &str, echo: Option<&str>) -> String {
    let cookies = format!("refresh={}; form={}", session.cookie, echo.unwrap_or_default());
    app.get(path).header("cookie", cookies).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn a_note_is_added_changed_deleted_and_brought_back() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    add(&app, &session, "first").await;
    app.wait(Duration::from_secs(1));
    let note = add(&app, &session, "  Milk\r\nBread e\u{301}\t. ").await;
    assert_eq!(note["text"], "Milk\nBread é .", "tidy, and in NFC");
    assert_eq!((&note["created_at"], &note["updated_at"]), (&json!(app.now()), &json!(app.now())));
    assert_eq!(texts(&app, &session).await, ["Milk\nBread é .", "first"], "the newest first");

    app.wait(Duration::from_secs(1));
    let edit = json!({"id": note["id"], "text": "Milk"});
    for _ in 0..2 {
        let changed: Value = post(&app, &session, "/api/notes/edit", edit.clone()).await.json().await.unwrap();
        assert_eq!((&changed["text"], &changed["updated_at"]), (&json!("Milk"), &json!(app.now())));
    }
    let id = json!({"id": note["id"]});
    for _ in 0..2 {
        let deleted = post(&app, &session, "/api/notes/delete", id.clone()).await;
        assert_eq!(deleted.status(), 204, "as often as it is sent");
    }
    assert_eq!(texts(&app, &session).await, ["first"]);
    assert_eq!(post(&app, &session, "/api/notes/edit", edit).await.status(), 404, "it is gone");
    for _ in 0..2 {
        let back: Value = post(&app, &session, "/api/notes/restore", id.clone()).await.json().await.unwrap();
        assert_eq!((&back["text"], &back["created_at"]), (&json!("Milk"), &note["created_at"]));
    }
    assert_eq!(texts(&app, &session).await, ["Milk", "first"], "where it was");
    app.stop().await;
}

#[tokio::test]
async fn somebody_elses_is_not_there() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
    let note = add(&app, &bob, "Bob's").await;
    for id in [&note["id"], &json!("x"), &json!(id_of([1; 16]))] {
        for path in ["/api/notes/edit", "/api/notes/delete", "/api/notes/restore"] {
            let answer = post(&app, &ada, path, json!({"id": id, "text": "Ada's"})).await;
            assert_eq!(code(answer).await, "NOT_FOUND", "{path} {id}");
        }
    }
    let same_id = post(&app, &ada, "/api/notes", json!({"id": note["id"], "text": "Ada's"})).await;
    assert_eq!(same_id.status(), 201, "an id is one's own: nobody learns whether another has it");
    assert_eq!((texts(&app, &ada).await, texts(&app, &bob).await), (vec!["Ada's".into()], vec!["Bob's".into()]));
    app.stop().await;
}

#[tokio::test]
async fn a_call_sent_again_adds_one_note() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let id = id_of([2; 16]);
    let calls = (0..8).map(|_| post(&app, &session, "/api/notes", json!({"id": id, "text": "once"})));
    for answer in futures::future::join_all(calls).await {
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.json::<Value>().await.unwrap()["id"], id);
    }
    let other = post(&app, &session, "/api/notes", json!({"id": id, "text": "other"})).await;
    assert_eq!(other.json::<Value>().await.unwrap()["text"], "once", "the note is as it is");
    assert_eq!(texts(&app, &session).await, ["once"]);
    app.stop().await;
}

#[tokio::test]
async fn what_is_not_acceptable_is_said_beside_the_field() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let long = "ä".repeat(TEXT_MAX);
    assert_eq!(add(&app, &session, &long).await["text"], long);
    for (text, word) in
        [(" \n ", "Write"), (&format!("{long}ä"), "2001"), ("a\0b", "control"), ("\u{1b}[1m", "control")]
    {
        let answer = post(&app, &session, "/api/notes", json!({"text": text})).await;
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["code"], "VALIDATION");
        assert!(body["fields"]["text"].as_str().unwrap().contains(word), "{body}");
    }
    for id in ["x", "c232ab00-9414-11ec-b3c8-9f6bdeced846"] {
        let body: Value =
            post(&app, &session, "/api/notes", json!({"id": id, "text": "a"})).await.json().await.unwrap();
        assert!(body["fields"]["id"].is_string(), "{body}");
    }
    app.stop().await;
}

#[tokio::test]
async fn there_are_so_many_and_no_more() {
    let app = TestApp::with(&["--session-rate-limit", "off"]).await;
    let session = app.register("ada@example.com").await;
    let deleted = add(&app, &session, "deleted").await;
    post(&app, &session, "/api/notes/delete", json!({"id": deleted["id"]})).await;
    for _ in 1..NOTES_MAX {
        add(&app, &session, "one more").await;
    }
    // Two at once find room for one.
    let last = (0..8).map(|_| post(&app, &session, "/api/notes", json!({"text": "the last"})));
    let statuses: Vec<_> =
        futures::future::join_all(last).await.iter().map(|answer| answer.status().as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    let restored = post(&app, &session, "/api/notes/restore", json!({"id": deleted["id"]})).await;
    let body: Value = restored.json().await.unwrap();
    assert!(body["fields"]["text"].as_str().unwrap().starts_with("You have 500 notes"), "{body}");
    assert_eq!(list(&app, &session).await.len(), NOTES_MAX);
    app.stop().await;
}

#[tokio::test]
async fn a_note_needs_a_session_and_its_csrf_token() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let id = add(&app, &session, "mine").await["id"].clone();
    for path in ["/api/notes", "/api/notes/edit", "/api/notes/delete", "/api/notes/restore"] {
        let body = json!({"id": id, "text": "a"});
        let nobody = app.post(path).json(&body).send().await.unwrap();
        assert_eq!(code(nobody).await, "TOKEN_NOT_FOUND", "{path}");
        let without = app.post(path).bearer_auth(&session.access).json(&body).send().await.unwrap();
        assert_eq!(code(without).await, "INVALID_CSRF_TOKEN", "{path}");
    }
    assert_eq!(app.get("/api/notes").send().await.unwrap().status(), 401);
    assert_eq!(texts(&app, &session).await, ["mine"]);
    app.stop().await;
}

#[tokio::test]
async fn what_was_deleted_is_gone_after_a_day() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let (old, kept) = (add(&app, &session, "old").await, add(&app, &session, "kept").await);
    post(&app, &session, "/api/notes/delete", json!({"id": old["id"]})).await;
    let store = app.store().await;
    let day = Millis(app.now()) + Millis::try_from(DAY).unwrap();
    assert!(cleanup::delete_now(&store, &[clean_up], day).await.is_empty());
    assert_eq!(post(&app, &session, "/api/notes/restore", json!({"id": old["id"]})).await.status(), 200);
    post(&app, &session, "/api/notes/delete", json!({"id": old["id"]})).await;
    assert!(cleanup::delete_now(&store, &[clean_up], day + Millis(1)).await.is_empty());
    store.close().await;
    assert_eq!(post(&app, &session, "/api/notes/restore", json!({"id": old["id"]})).await.status(), 404);
    assert_eq!(list(&app, &session).await, [kept]);
    app.stop().await;
}

#[tokio::test]
async fn the_page_arrives_with_the_notes_as_text() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let id = add(&app, &session, "</textarea><script>alert(1)</script>").await["id"].as_str().unwrap().to_owned();
    for path in ["/app".to_owned(), format!("/app?edit={id}"), format!("/app?deleted={id}")] {
        let html = page(&app, &session, &path, None).await;
        assert!(html.contains("&lt;/textarea"), "{path}");
        assert!(!html.contains("<script>alert") && !html.contains("</textarea><script"), "{path}: text is text");
    }
    app.stop().await;
}

#[tokio::test]
async fn forms_do_it_without_wasm() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let id = id_of([3; 16]);
    for (text, notes) in [("Milk\r\nBread", 1), ("Milk\r\nBread", 1), ("Another, from the page before", 2)] {
        let (leads_to, _) = submit(&app, &session, "/api/notes", &[("id", &id), ("text", text)]).await;
        assert_eq!((leads_to.as_str(), list(&app, &session).await.len()), ("/app", notes));
    }

    let form = format!("/app?edit={id}");
    let html = page(&app, &session, &form, None).await;
    assert!(html.contains(">Milk\nBread</textarea>") && html.contains(&format!(r#"value="{form}""#)));
    let typed = "a\0b & more";
    let fields = [("id", id.as_str()), ("text", typed), ("form", &form)];
    let (leads_to, echo) = submit(&app, &session, "/api/notes/edit", &fields).await;
    assert_eq!(leads_to, format!("{form}&error=VALIDATION"));
    let html = page(&app, &session, &leads_to, echo.as_deref()).await;
    assert!(html.contains("b &amp; more</textarea>") && html.contains("Remove the control characters"));

    let (leads_to, echo) = submit(&app, &session, "/api/notes", &[("text", ""), ("form", "/app")]).await;
    assert_eq!(leads_to, "/app?error=VALIDATION");
    assert!(page(&app, &session, &leads_to, echo.as_deref()).await.contains("Write something first."));

    let deleted = format!("/app?deleted={id}");
    let (leads_to, _) = submit(&app, &session, "/api/notes/delete", &[("next", &deleted), ("id", &id)]).await;
    assert_eq!(leads_to, deleted);
    let html = page(&app, &session, &leads_to, None).await;
    assert!(html.contains("Note deleted") && html.contains(r#"action="/api/notes/restore""#));
    submit(&app, &session, "/api/notes/restore", &[("id", &id)]).await;
    assert_eq!(list(&app, &session).await.len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_form_never_leads_back_to_another_site() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    for form in ["https://evil.example", "//evil.example", "/api/me", ""] {
        let (leads_to, _) = submit(&app, &session, "/api/notes", &[("form", form)]).await;
        assert_eq!(leads_to, "/app?error=VALIDATION&next=%2Fapp", "{form}");
    }
    let (leads_to, _) = submit(&app, &session, "/api/notes", &[("form", "/app?edit=1#there")]).await;
    assert_eq!(leads_to, "/app?edit=1&error=VALIDATION");
    app.stop().await;
}
