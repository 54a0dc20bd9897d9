//! How many emails there may be: of a step, and to an address.

use super::{Browser, MAIL, TestApp, asked, registration};
use crate::support::PASSWORD;
use serde_json::{Value, json};
use std::time::Duration;

/// A call of somebody who is signed in, by a browser that is known to their account.
async fn call(app: &TestApp, (browser, session): &(Browser, Value), path: &str, body: Value) -> u16 {
    let request = app.post(path).header("cookie", browser.header());
    let request = request.bearer_auth(session["access_token"].as_str().unwrap());
    let request = request.header("x-csrf-token", session["csrf_token"].as_str().unwrap());
    request.json(&body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn an_account_is_no_way_around_the_limit_of_an_address() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let app = app.restart(&["--mail", "dev"]).await;
    let mut devices = Vec::new();
    for _ in 0..2 {
        let mut browser = Browser::default();
        let login = json!({"email": "ada@example.com", "password": PASSWORD});
        let (status, session) = browser.post(&app, "/api/login", login).await;
        assert_eq!(status, 200);
        devices.push((browser, session));
    }
    let wish = json!({"email": "bob@example.com"});
    for n in 0..6 {
        let status = call(&app, &devices[n % 2], "/api/profile/email", wish.clone()).await;
        assert_eq!(status, if n < 5 { 202 } else { 429 }, "{n}");
    }
    app.wait(Duration::from_secs(30));
    assert_eq!(call(&app, &devices[0], "/api/resend", json!({})).await, 429, "another email of the step, too");
    app.stop().await;
}

#[tokio::test]
async fn a_second_email_that_is_asked_for_too_soon_is_refused_with_the_limit() {
    let app = TestApp::with(MAIL).await;
    let mut ada = Browser::default();
    asked(&mut ada, &app, "/api/register", registration("ada@example.com")).await;
    app.wait(Duration::from_secs(10));
    let refused = app.post("/api/resend").header("cookie", ada.header()).json(&json!({})).send().await.unwrap();
    assert_eq!(refused.status(), 429);
    let headers =
        ["retry-after", "ratelimit-policy", "ratelimit"].map(|name| refused.headers()[name].to_str().unwrap());
    assert_eq!(headers, ["20", "\"resend\";q=1;w=30", "\"resend\";r=0;t=20"]);
    app.stop().await;
}
