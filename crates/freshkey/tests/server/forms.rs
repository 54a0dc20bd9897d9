//! Browsers without WASM.

use crate::support::{PASSWORD, TestApp, cookie};
use reqwest::Response;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn post(app: &TestApp, path: &str, fields: &[(&str, &str)], cookies: &str) -> Response {
    let request = app.post(path).header("accept", BROWSER).header("referer", format!("{}/app?a=1", app.origin));
    request.header("cookie", cookies).form(fields).send().await.unwrap()
}

fn location(answer: &Response) -> &str {
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().unwrap()
}

#[tokio::test]
async fn a_form_leads_to_the_page_that_it_names() {
    let app = TestApp::start().await;
    let fields = [("email", "ada@example.com"), ("password", PASSWORD), ("next", "/app?tab=2")];
    let answer = post(&app, "/api/register", &fields, "").await;
    assert_eq!(location(&answer), "/app?tab=2");
    let refresh = cookie(&answer, "refresh").unwrap();
    assert_eq!(answer.text().await.unwrap(), "", "no token is in the answer");
    let page = app.get("/app").header("cookie", format!("refresh={refresh}")).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("ada@example.com"));
    app.stop().await;
}

#[tokio::test]
async fn a_form_never_leads_to_another_site() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    for next in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "/a\r\nSet-Cookie: x=y",
        "/api/me",
        "/app/../api/me",
        "/%2e%2E//evil.example",
        "/readyz",
    ] {
        let fields = [("email", "ada@example.com"), ("password", PASSWORD), ("next", next)];
        let answer = post(&app, "/api/login", &fields, "").await;
        assert_eq!(location(&answer), "/app?a=1", "back to where it came from: {next:?}");
    }
    let foreign = app.post("/api/login").header("accept", BROWSER).header("referer", "https://evil.example/x");
    let answer = foreign.form(&[("email", "ada@example.com"), ("password", PASSWORD)]).send().await.unwrap();
    assert_eq!(location(&answer), "/");
    app.stop().await;
}

#[tokio::test]
async fn a_form_that_failed_keeps_what_was_typed_but_the_password() {
    let app = TestApp::start().await;
    let fields = [("email", "ada@example"), ("password", "short"), ("name", "<b>Ada</b>"), ("next", "/app")];
    let answer = post(&app, "/api/register", &fields, "").await;
    assert_eq!(location(&answer), "/register?error=VALIDATION&next=%2Fapp");
    let echo = cookie(&answer, "form").unwrap();
    let page = app
        .get("/register?error=VALIDATION&next=%2Fapp")
        .header("cookie", format!("form={echo}"))
        .send()
        .await
        .unwrap();
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert_eq!(cookie(&page, "form").as_deref(), Some(""), "shown once");
    let html = page.text().await.unwrap();
    assert!(html.contains("Check the highlighted fields") && html.contains("Use at least 8 characters."));
    assert!(html.contains("value=\"ada@example\"") && !html.contains("short"));
    assert!(!html.contains("<b>Ada"), "what was typed is text");
    app.stop().await;
}

#[tokio::test]
async fn who_tried_too_often_reads_how_long_to_wait() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "1/90s"]).await;
    app.register("ada@example.com").await;
    let fields = [("email", "ada@example.com"), ("password", "a wrong password")];
    post(&app, "/api/login", &fields, "").await;
    let answer = post(&app, "/api/login", &fields, "").await;
    let to = location(&answer).to_owned();
    assert!(to.ends_with("error=RATE_LIMITED"), "{to}");
    let echo = format!("form={}", cookie(&answer, "form").unwrap());
    let html = app.get(&to).header("cookie", echo).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("Too many attempts. Try again in 90 seconds."));
    let html = app.get(&to).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("Too many attempts. Try again in a few minutes."), "without the cookie");
    app.stop().await;
}

#[tokio::test]
async fn a_wrong_password_leads_back_to_the_form() {
    let app = TestApp::start().await;
    let fields = [("email", "ada@example.com"), ("password", "wrong password"), ("next", "/app")];
    let answer = post(&app, "/api/login", &fields, "").await;
    assert_eq!(location(&answer), "/login?error=INVALID_CREDENTIALS&next=%2Fapp");
    assert_eq!(cookie(&answer, "refresh"), None);
    assert!(!answer.headers().contains_key("www-authenticate"), "that belongs to a 401");
    for (page, title) in [(location(&answer), "Error: Sign in · Freshkey"), ("/login", "Sign in · Freshkey")] {
        let html = app.page(page, "").await.text().await.unwrap();
        assert!(html.contains(&format!("<title>{title}</title>")), "whoever listens hears it first: {html}");
    }
    app.stop().await;
}

#[tokio::test]
async fn remember_is_a_checkbox() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    for (ticked, remembered) in [(Some("on"), true), (Some("true"), true), (Some("1"), true), (None, false)] {
        let mut fields = vec![("email", "ada@example.com"), ("password", PASSWORD)];
        fields.extend(ticked.map(|value| ("remember", value)));
        let answer = post(&app, "/api/login", &fields, "").await;
        let set = crate::support::set_cookie(&answer, "refresh").unwrap();
        assert_eq!(set.contains("Max-Age="), remembered, "{ticked:?}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_program_that_sends_a_form_is_answered_in_json() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let fields = [("email", "ada@example.com"), ("password", PASSWORD)];
    let answer = app.post("/api/login").form(&fields).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().contains("access_token"));
    app.stop().await;
}

#[tokio::test]
async fn what_the_layers_refuse_leads_back_to_the_form_as_well() {
    let app = TestApp::with(&["--rate-limit", "1/1m"]).await;
    let fields = [("email", "ada@example.com"), ("password", "wrong password")];
    post(&app, "/api/login", &fields, "").await;
    let limited = post(&app, "/api/login", &fields, "").await;
    assert_eq!(location(&limited), "/login?error=RATE_LIMITED");
    assert!(limited.headers().contains_key("retry-after"));
    app.stop().await;
}

#[tokio::test]
async fn an_unticked_box_stays_unticked() {
    let app = TestApp::start().await;
    let fields = [("email", "ada@example.com"), ("password", "wrong password")];
    for (ticked, fields) in [(false, fields.to_vec()), (true, [&fields[..], &[("remember", "on")]].concat())] {
        let answer = post(&app, "/api/login", &fields, "").await;
        let echo = format!("form={}", cookie(&answer, "form").unwrap());
        let html = app.get(location(&answer)).header("cookie", echo).send().await.unwrap().text().await.unwrap();
        let input = html.split("<input").find(|input| input.contains("name=\"remember\"")).unwrap();
        assert_eq!(input.split('>').next().unwrap().contains("checked"), ticked);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_form_that_can_not_be_read_leads_back_and_says_why() {
    let app = TestApp::start().await;
    let large = "x".repeat(70_000);
    let fields = [("text", large.as_str()), ("form", "/app")];
    let answer = post(&app, "/api/notes", &fields, "").await;
    assert_eq!(location(&answer), "/app?error=PAYLOAD_TOO_LARGE");
    let compressed = app.post("/api/login").header("accept", BROWSER).header("content-encoding", "gzip");
    let answer = compressed.form(&[("email", "ada@example.com")]).send().await.unwrap();
    assert_eq!(location(&answer), "/login?error=UNSUPPORTED_MEDIA_TYPE");
    // Another site learns nothing about where a form leads.
    let foreign = app.post("/api/notes").header("accept", BROWSER).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.form(&fields).send().await.unwrap().status(), 413);
    app.stop().await;
}
