//! Bodies that come late, in an odd coding, or not at all.

use crate::support::{Raw, TestApp, code};
use serde_json::Value;
use std::time::Duration;

fn head(path: &str, headers: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n")
}

/// After an answer that came before the body, the body follows, and then another request.
async fn is_used_again(raw: &mut Raw, body: &str) {
    raw.send(body).await;
    raw.send("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(raw.answer().await.status, 200);
}

#[tokio::test]
async fn a_connection_outlives_an_answer_that_came_before_the_body() {
    let app = TestApp::with(&["--rate-limit", "5/1m"]).await;
    let json = "content-type: application/json\r\ncontent-length: 2\r\n";
    let refusals = [
        (head("/api/login", "content-type: text/plain\r\ncontent-length: 2\r\n"), 415),
        (head("/api/login", &format!("{json}origin: https://evil.example\r\n")), 403),
        (head("/api/login", &format!("{json}content-encoding: br\r\n")), 415),
        (head("/api/login", &format!("{json}content-encoding: identity\r\ncontent-encoding: br\r\n")), 415),
        (head("/login", json), 405),
        (head("/favicon.svg", json), 405),
    ];
    let mut raw = app.raw().await;
    for (request, status) in refusals {
        raw.send(&request).await;
        let answer = raw.answer().await;
        assert_eq!((answer.status, answer.closes()), (status, false), "{request}");
        is_used_again(&mut raw, "{}").await;
    }
    for _ in 0..5 {
        raw.send(&(head("/api/login", json) + "{}")).await;
        assert_eq!(raw.answer().await.status, 422);
    }
    for _ in 0..3 {
        raw.send(&head("/api/login", json)).await;
        let answer = raw.answer().await;
        assert_eq!((answer.status, answer.closes()), (429, false));
        is_used_again(&mut raw, "{}").await;
    }
    app.stop().await;
}

#[tokio::test]
async fn where_the_body_is_not_thrown_away_the_answer_says_that_the_connection_ends() {
    let app = TestApp::start().await;
    let large = "x".repeat(100_000);
    let length = format!("content-type: application/json\r\ncontent-length: {}\r\n", large.len());
    let cases = [
        (head("/api/login", &length), large.as_str(), 413),
        (head("/login", &length), large.as_str(), 405),
        (head("/api/login", "content-type: text/plain\r\ntransfer-encoding: chunked\r\n"), "1\r\n", 415),
        // Nobody told the client to send it.
        (head("/api/login", "content-type: text/plain\r\ncontent-length: 2\r\nexpect: 100-continue\r\n"), "", 415),
    ];
    for (request, body, status) in cases {
        let mut raw = app.raw().await;
        raw.send(&request).await;
        raw.send(body).await;
        let answer = raw.answer().await;
        assert_eq!((answer.status, answer.closes()), (status, true), "{request}");
        assert_eq!(raw.rest().await, "");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_transfer_coding_is_chunked_or_none() {
    let app = TestApp::start().await;
    let hidden = "GET /hidden HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let lines = [
        "transfer-encoding: chunked, chunked",
        "transfer-encoding: gzip, chunked",
        "transfer-encoding: identity, chunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        "transfer-encoding: gzip\r\ntransfer-encoding: chunked",
        "transfer-encoding: , chunked",
        "transfer-encoding: gzip",
        "transfer-encoding: chunked;q=1",
    ];
    for line in lines {
        for path in ["/api/login", "/login", "/favicon.svg"] {
            let request = head(path, &format!("content-type: application/json\r\n{line}\r\n"));
            let mut raw = app.raw().await;
            raw.send(&format!("{request}2\r\n{{}}\r\n0\r\n\r\n{hidden}")).await;
            let answer = raw.rest().await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{line}: {answer}");
            assert!(answer.to_ascii_lowercase().contains("connection: close"), "{line}: {answer}");
            assert_eq!(answer.matches("HTTP/1.1").count(), 1, "what was hidden is not answered: {answer}");
        }
    }
    let plain = head("/api/login", "content-type: application/json\r\ntransfer-encoding: Chunked\r\n");
    let mut raw = app.raw().await;
    raw.send(&format!("{plain}2\r\n{{}}\r\n0\r\n\r\n")).await;
    assert_eq!(raw.answer().await.status, 422);
    app.stop().await;
}

#[tokio::test]
async fn over_the_limit_a_form_is_refused_without_its_body() {
    let app = TestApp::with(&["--rate-limit", "1/1m"]).await;
    assert_eq!(app.login("ada@example.com", "wrong").await.status(), 401);
    let form = "accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 99\r\n";
    let mut raw = app.raw().await;
    raw.send(&(head("/api/login", form) + "email=ada")).await;
    let answer = raw.answer().await;
    // Had it been waited for, it would be a body that breaks off: 400.
    assert_eq!((answer.status, answer.header("location")), (303, Some("/login?error=RATE_LIMITED")));
    let whole = app.post("/api/login").header("accept", "text/html").form(&[("email", "ada@example.com")]);
    let whole = whole.send().await.unwrap();
    assert_eq!(whole.headers()["location"], "/login?error=RATE_LIMITED");
    assert!(crate::support::cookie(&whole, "form").is_some(), "what was typed is kept where it came along");
    app.stop().await;
}

/// The head tells who calls: nobody waits for the body of a call that is refused whatever is in it.
#[tokio::test]
async fn a_caller_is_judged_before_the_body_has_come() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let json = "content-type: application/json\r\ncontent-length: 2\r\n";
    let form = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 2\r\n";
    let bearer = format!("authorization: Bearer {}\r\n", session.access);
    let cookie = format!("cookie: refresh={}\r\n", session.cookie);
    let cases = [
        ("/api/protected", json.to_owned(), 401, "TOKEN_NOT_FOUND"),
        ("/api/protected", json.to_owned() + &cookie, 401, "TOKEN_NOT_FOUND"),
        ("/api/protected", json.to_owned() + "authorization: Bearer x\r\n", 403, "INVALID_TOKEN"),
        ("/api/protected", json.to_owned() + &bearer + "x-csrf-token: x\r\n", 403, "INVALID_CSRF_TOKEN"),
        ("/api/protected", form.to_owned(), 401, "TOKEN_NOT_FOUND"),
        ("/api/protected", form.to_owned() + "cookie: refresh=x\r\n", 401, "TOKEN_NOT_FOUND"),
        ("/api/protected", form.to_owned() + &cookie + "x-csrf-token: x\r\n", 403, "INVALID_CSRF_TOKEN"),
        ("/api/lab/protected", form.to_owned() + &cookie, 401, "TOKEN_NOT_FOUND"),
        ("/api/refresh-token", json.to_owned(), 401, "REFRESH_TOKEN_NOT_FOUND"),
        ("/api/refresh-token", json.to_owned() + "cookie: refresh=x\r\n", 403, "INVALID_REFRESH_TOKEN"),
    ];
    let mut raw = app.raw().await;
    for (path, headers, status, code) in cases {
        raw.send(&head(path, &headers)).await;
        let answer = raw.answer().await;
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        // Had the body been waited for, it would be one that breaks off: 400.
        assert_eq!((answer.status, body["code"].as_str()), (status, Some(code)), "{path}\n{headers}");
        assert!(!answer.closes());
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
        is_used_again(&mut raw, "{}").await;
    }
    let chunked = "content-type: application/json\r\ntransfer-encoding: chunked\r\n";
    raw.send(&(head("/api/protected", chunked) + "2\r\n")).await;
    let answer = raw.answer().await;
    assert_eq!((answer.status, answer.closes()), (401, true));

    // A browser's form is waited for, since it comes back to the person who filled it in; the refusal is the same.
    let form = "accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 99\r\n";
    for cookie in ["", "cookie: refresh=x\r\n"] {
        let mut raw = app.raw().await;
        raw.send(&(head("/api/notes", &(form.to_owned() + cookie)) + "form=/app")).await;
        assert_eq!(raw.answer().await.header("location"), Some("/?error=TOKEN_NOT_FOUND"));
    }
    app.stop().await;
}

/// Sends the head of a call that may change something, and waits until the server asks for its body:
/// by then it has judged the token.
async fn begin(app: &TestApp, session: &crate::support::Signed) -> Raw {
    let mut raw = app.raw().await;
    let headers = format!(
        "authorization: Bearer {}\r\nx-csrf-token: {}\r\ncontent-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n",
        session.access, session.csrf
    );
    raw.send(&head("/api/protected", &headers)).await;
    assert_eq!(raw.answer().await.status, 100);
    raw
}

#[tokio::test]
async fn a_token_is_judged_again_when_the_body_has_come() {
    let app = TestApp::with(&["--access-ttl", "60s"]).await;
    let session = app.register("ada@example.com").await;
    let mut in_time = begin(&app, &session).await;
    in_time.send("{}").await;
    assert_eq!(in_time.answer().await.status, 200);

    let mut ended = begin(&app, &session).await;
    app.logout(&session.cookie).await;
    ended.send("{}").await;
    let answer = ended.answer().await;
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, body["code"].as_str()), (401, Some("SESSION_ENDED")));

    let session = app.sign_in("ada@example.com").await;
    let mut expired = begin(&app, &session).await;
    app.wait(Duration::from_secs(61));
    expired.send("{}").await;
    let answer = expired.answer().await;
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, body["code"].as_str()), (401, Some("TOKEN_EXPIRED")));
    assert_eq!(code(app.protected(&session.access).await).await, "TOKEN_EXPIRED");
    app.stop().await;
}
