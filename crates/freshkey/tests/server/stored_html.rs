//! What people are called, and what their browsers say they are, is text wherever it is shown.

use crate::support::{HtmlForm, PASSWORD, TestApp, elements, location};
use serde_json::{Value, json};

const HOSTILE: [&str; 5] = [
    "<img src=x onerror=alert(1)>",
    "\"><img src=x onerror=alert(2)>",
    "'><img src=x onerror=alert(3)>",
    "</textarea></title></script><img src=x onerror=alert(4)>",
    "<!--<script><img src=x onerror=alert(5)>",
];

/// Checks that nothing of it became an element or an attribute, but that it is there.
async fn assert_text(app: &TestApp, path: &str, cookies: &str, shown: &str) {
    let html = app.page(path, cookies).await.text().await.unwrap();
    let hostile: Vec<_> = elements(&html)
        .into_iter()
        .filter(|tag| tag.starts_with("img") || tag.split('"').step_by(2).any(|outside| outside.contains("onerror")))
        .collect();
    assert!(hostile.is_empty(), "{path}: {hostile:?}");
    assert!(html.contains(shown), "{path} shows it");
}

#[tokio::test]
async fn a_stored_name_address_device_or_note_is_text() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    for (index, hostile) in HOSTILE.into_iter().enumerate() {
        let (email, number) = (format!("ada{index}@example.com"), index + 1);
        let body = json!({"email": email, "password": PASSWORD, "name": hostile});
        let request = app.post("/api/register").header("user-agent", hostile.replace(' ', "/"));
        let answer = request.json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{hostile}");
        let session = crate::support::signed(answer).await;
        let cookie = format!("refresh={}", session.cookie);
        let call = app.post("/api/notes").bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
        let note: Value = call.json(&json!({"text": hostile})).send().await.unwrap().json().await.unwrap();
        // An address that no check of today lets in.
        let database = app.database().connect().await;
        sqlx::query("UPDATE users SET role = 'admin', email = $1 WHERE email = $2")
            .bind(format!("{hostile}@example.com"))
            .bind(&email)
            .execute(&database)
            .await
            .unwrap();
        database.close().await;
        let me: Value = app.get("/api/me").bearer_auth(&session.access).send().await.unwrap().json().await.unwrap();
        let (id, note) = (me["id"].as_str().unwrap(), note["id"].as_str().unwrap());
        let shown = format!("alert({number})");
        for path in [
            "/",
            "/login",
            "/app",
            &format!("/app?edit={note}"),
            "/app/sessions",
            "/app/security",
            "/app/profile",
            "/app/admin",
            &format!("/app/admin?q=alert({number})"),
            &format!("/app/admin/users/{id}"),
        ] {
            assert_text(&app, path, &cookie, &shown).await;
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn what_was_typed_or_stands_in_the_address_is_text() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    for hostile in HOSTILE {
        let form = HtmlForm { action: "/api/register".to_owned(), fields: Vec::new() };
        let form = form.with("email", hostile).with("name", hostile).with("password", "short");
        let refused = app.submit(&form, "").await;
        let echo = format!("form={}", crate::support::cookie(&refused, "form").unwrap());
        assert_text(&app, &location(&refused), &echo, "onerror").await;
        let path = format!("/login?next={}", freshkey::app::paths::encode(&format!("/app?q={hostile}")));
        assert_text(&app, &path, "", "onerror").await;
    }
    app.stop().await;
}
