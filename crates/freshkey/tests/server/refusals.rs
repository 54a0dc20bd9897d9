//! What can't be read, or isn't there.

use crate::support::{TestApp, code};
use serde_json::Value;

#[tokio::test]
async fn every_refusal_is_json_with_its_code() {
    let app = TestApp::start().await;
    let cases = [
        (app.get("/api/nothing"), 404, "NOT_FOUND"),
        (app.get("/api"), 404, "NOT_FOUND"),
        (app.get("/api/"), 404, "NOT_FOUND"),
        (app.post("/api/login/"), 404, "NOT_FOUND"),
        (app.get("/api/login"), 405, "METHOD_NOT_ALLOWED"),
        (app.request("DELETE", "/api/protected"), 405, "METHOD_NOT_ALLOWED"),
        (app.post("/api/login").body("a"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (app.post("/api/login").header("content-type", "text/plain").body("{}"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (app.post("/api/login").header("content-encoding", "gzip").json(&"x"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (app.post("/api/login").header("content-type", "application/json").body("{"), 400, "BAD_REQUEST"),
        (app.post("/api/login").header("content-type", "application/json").body("[]"), 400, "BAD_REQUEST"),
        (app.post("/api/login").json(&serde_json::json!({"email": 7})), 400, "BAD_REQUEST"),
        (app.post("/api/login").header("content-type", "application/json").body(vec![b'"', 0xff]), 400, "BAD_REQUEST"),
        (app.post("/api/login").json(&serde_json::json!({})), 422, "VALIDATION"),
        (app.post("/api/login").json(&"x".repeat(65 * 1024)), 413, "PAYLOAD_TOO_LARGE"),
    ];
    for (request, status, expected) in cases {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{expected}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
        assert_eq!(answer.headers().contains_key("allow"), status == 405);
        assert_eq!(code(answer).await, expected);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_body_without_a_length_is_cut_off_as_well() {
    let app = TestApp::start().await;
    let chunks = (0..80).map(|_| Ok::<_, std::io::Error>("x".repeat(1024)));
    let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    let answer = app.post("/api/login").header("content-type", "application/json").body(body).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    app.stop().await;
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    for path in ["/api/protected", "/api/me", "/", "/readyz"] {
        let head = app.request("HEAD", path).bearer_auth(&session.access).send().await.unwrap();
        assert_eq!(head.status(), 200, "{path}");
        assert_eq!(head.text().await.unwrap(), "");
    }
    assert_eq!(app.request("HEAD", "/api/protected").send().await.unwrap().status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn an_answer_has_a_name_of_the_servers_own() {
    let app = TestApp::start().await;
    let name = async || {
        let answer = app.get("/livez").header("x-request-id", "mine").send().await.unwrap();
        answer.headers()["x-request-id"].to_str().unwrap().to_owned()
    };
    let (one, two) = (name().await, name().await);
    assert!(one != two && one != "mine");
    let ready: Value = app.get("/readyz").send().await.unwrap().json().await.unwrap();
    assert_eq!(ready["status"], "ready");
    app.stop().await;
}

#[tokio::test]
async fn the_head_is_judged_first_and_counts_for_no_limit() {
    let app = TestApp::with(&["--rate-limit", "1/1m"]).await;
    for _ in 0..3 {
        let large = app.post("/api/login").header("sec-fetch-site", "cross-site").json(&"x".repeat(65 * 1024));
        assert_eq!(large.send().await.unwrap().status(), 413);
        let plain = app.post("/api/login").header("content-type", "text/plain").body("{}");
        assert_eq!(plain.send().await.unwrap().status(), 415);
    }
    assert_eq!(app.login("ada@example.com", "a wrong password").await.status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn a_wrong_method_is_named_everywhere() {
    let app = TestApp::start().await;
    for path in ["/", "/login", "/app", "/app/sessions", "/livez", "/readyz", "/.well-known/jwks.json"] {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
            let answer = app.request(method, path).send().await.unwrap();
            assert_eq!(answer.status(), 405, "{method} {path}");
            assert_eq!(answer.headers()["allow"], "GET,HEAD");
            assert_eq!(code(answer).await, "METHOD_NOT_ALLOWED");
        }
    }
    app.stop().await;
}
