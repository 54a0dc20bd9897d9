//! Every answer has the security headers, whatever its kind and status.

use crate::support::{FOR_EVER, PASSWORD, TestApp};
use serde_json::{Value, json};
use tokio::time::timeout;

const HSTS: &str = "max-age=63072000; includeSubDomains";

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let app = TestApp::with(&["--origin", "https://example.com"]).await;
    let account = json!({"email": "ada@example.com", "password": PASSWORD});
    let registered = app.post("/api/register").json(&account).send().await.unwrap();
    let session: Value = registered.json().await.unwrap();
    let access = session["access_token"].as_str().unwrap();
    let cases = [
        (app.get("/"), 200),
        (app.get("/login/"), 308),
        (app.get("/app"), 303),
        (app.get("/.well-known/change-password"), 303),
        (app.get("/favicon.ico"), 308),
        (app.get("/nowhere"), 404),
        (app.post("/"), 405),
        (app.get("/favicon.svg"), 200),
        (app.get("/favicon.svg").header("range", "bytes=0-3"), 206),
        (app.get("/favicon.svg").header("range", "bytes=99999-"), 416),
        (app.get("/favicon.svg").header("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT"), 304),
        (app.post("/favicon.svg"), 405),
        (app.get("/pkg/nothing.js"), 404),
        (app.get("/livez"), 200),
        (app.get("/readyz"), 200),
        (app.get("/.well-known/jwks.json"), 200),
        (app.get("/api/openapi.json"), 200),
        (app.get("/api/me").bearer_auth(access), 200),
        (app.post("/api/logout"), 204),
        (app.get("/api/me"), 401),
        (app.get("/api/me").bearer_auth("forged"), 403),
        (app.get("/api/nothing"), 404),
        (app.get("/api/login"), 405),
        (app.post("/api/login").json(&"x".repeat(70_000)), 413),
        (app.post("/api/login").body("x"), 415),
        (app.post("/api/login").json(&json!({})), 422),
        (app.post("/api/login").header("content-type", "application/json").body("{"), 400),
        (app.post("/api/login").header("accept", "text/html").form(&[("email", "x")]), 303),
        (app.post("/api/logout").header("origin", "https://evil.example"), 403),
    ];
    for (request, status) in cases {
        let answer = timeout(FOR_EVER, request.send()).await.expect("in time").unwrap();
        let path = answer.url().path().to_owned();
        assert_eq!(answer.status(), status, "{path}");
        let header = |name: &str| {
            let mut values = answer.headers().get_all(name).iter();
            let value = values.next().unwrap_or_else(|| panic!("{status} {path} has no {name}"));
            assert!(values.next().is_none(), "{status} {path} has two {name}");
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(header("strict-transport-security"), HSTS, "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(header("permissions-policy").contains("camera=()"), "{path}");
        let policy = header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{path}: {policy}");
        assert_eq!(header("x-request-id").len(), 32, "{path}");
        if path.starts_with("/api/") {
            assert_eq!(header("cache-control"), "no-store", "{path}");
            assert!(policy.contains("sandbox"), "{path}: {policy}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn hsts_is_the_operators_to_choose_and_for_https_alone() {
    for (flags, expected) in [
        (&["--origin", "https://example.com", "--hsts", "max-age=1; preload"][..], Some("max-age=1; preload")),
        (&["--origin", "https://example.com", "--hsts", "off"], None),
        (&[], None),
    ] {
        let app = TestApp::with(flags).await;
        for path in ["/", "/api/nothing", "/favicon.svg"] {
            let answer = app.get(path).send().await.unwrap();
            let hsts = answer.headers().get("strict-transport-security").map(|value| value.to_str().unwrap());
            assert_eq!(hsts, expected, "{path}");
        }
        app.stop().await;
    }
}
