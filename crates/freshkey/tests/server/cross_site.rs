//! Other sites, and forms.

use crate::support::{PASSWORD, TestApp, code, signed};
use serde_json::json;

#[tokio::test]
async fn another_site_can_do_nothing() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let attacks: [&[(&str, &str)]; 6] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "")],
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ];
    for attack in attacks {
        for path in
            ["/api/logout", "/api/login", "/api/register", "/api/refresh-token", "/api/protected", "/app", "/nowhere"]
        {
            let request = app.post(path).header("cookie", format!("refresh={}", session.cookie)).json(&json!({}));
            let request = attack.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 403, "{attack:?} {path}");
            assert_eq!(code(answer).await, "CROSS_ORIGIN");
        }
    }
    assert_eq!(app.protected(&session.access).await.status(), 200, "the session goes on");
    app.stop().await;
}

#[tokio::test]
async fn our_own_pages_pass() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    for (name, value) in [("sec-fetch-site", "same-origin"), ("origin", app.origin.as_str())] {
        let answer =
            app.post("/api/login").header(name, value).json(&json!({"email": "ada@example.com", "password": PASSWORD}));
        assert_eq!(answer.send().await.unwrap().status(), 200);
    }
    let safe = app.get("/api/protected").bearer_auth(&session.access).header("sec-fetch-site", "cross-site");
    assert_eq!(safe.send().await.unwrap().status(), 200, "reading is not refused: without CORS nobody else reads it");
    app.stop().await;
}

#[tokio::test]
async fn a_sensitive_call_needs_the_csrf_token_of_its_own_session() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let other = app.register("bob@example.com").await;
    let send = async |token: Option<&str>| {
        let request = app.post("/api/protected").bearer_auth(&session.access);
        token.into_iter().fold(request, |request, token| request.header("x-csrf-token", token)).send().await.unwrap()
    };
    for wrong in [None, Some(""), Some("x"), Some(other.csrf.as_str()), Some(session.access.as_str())] {
        let answer = send(wrong).await;
        assert_eq!(answer.status(), 403);
        assert_eq!(code(answer).await, "INVALID_CSRF_TOKEN");
    }
    assert_eq!(send(Some(&session.csrf)).await.status(), 200);
    for two in [[session.csrf.as_str(), "x"], ["x", &session.csrf], [&session.csrf, &session.csrf]] {
        let request = app.post("/api/protected").bearer_auth(&session.access);
        let answer = two.iter().fold(request, |request, token| request.header("x-csrf-token", *token)).send().await;
        assert_eq!(code(answer.unwrap()).await, "INVALID_CSRF_TOKEN", "exactly one");
    }
    for wrong in [&b"x"[..], b"\xff", b""] {
        let request = app.post("/api/protected").bearer_auth(&session.access).header("x-csrf-token", wrong);
        let answer = request.json(&json!({"_csrf": session.csrf})).send().await.unwrap();
        assert_eq!(code(answer).await, "INVALID_CSRF_TOKEN", "the header goes first");
    }
    let in_body = app.post("/api/protected").bearer_auth(&session.access).json(&json!({"_csrf": session.csrf}));
    assert_eq!(in_body.send().await.unwrap().status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn the_cookie_authenticates_a_form_with_its_csrf_token_and_nothing_else() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let cookie = format!("refresh={}", session.cookie);
    let form =
        app.post("/api/protected").header("cookie", &cookie).form(&[("_csrf", &session.csrf)]).send().await.unwrap();
    assert_eq!(form.status(), 200);
    let bare = app.post("/api/protected").header("cookie", &cookie).form(&[("a", "b")]).send().await.unwrap();
    assert_eq!(code(bare).await, "INVALID_CSRF_TOKEN");
    let json = app
        .post("/api/protected")
        .header("cookie", &cookie)
        .json(&json!({"_csrf": session.csrf}))
        .send()
        .await
        .unwrap();
    assert_eq!(code(json).await, "TOKEN_NOT_FOUND");
    let logout = app.post("/api/logout").header("cookie", &cookie).form(&[("a", "b")]).send().await.unwrap();
    assert_eq!(code(logout).await, "INVALID_CSRF_TOKEN");
    let again = signed(app.login("ada@example.com", PASSWORD).await).await;
    assert_ne!(again.csrf, session.csrf, "each session has its own");
    app.stop().await;
}
