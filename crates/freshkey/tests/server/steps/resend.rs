//! How many emails there may be: of a step, and to an address.

use super::{Browser, MAIL, TestApp, asked, registration};
use crate::support::{PASSWORD, Signed, cookie, signed};
use serde_json::{Value, json};
use std::time::Duration;

/// Signs in on a device that calls itself this: the cookie by which the account knows it, and the session.
async fn sign_in(app: &TestApp, name: &str) -> (String, Signed) {
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let answer = app.post("/api/login").header("user-agent", name).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    (format!("device={}", cookie(&answer, "device").unwrap()), signed(answer).await)
}

/// A call of somebody who is signed in, on a device that their account knows.
async fn call(app: &TestApp, (device, session): &(String, Signed), path: &str, body: Value) -> u16 {
    let request = app.post(path).header("cookie", device).bearer_auth(&session.access);
    request.header("x-csrf-token", &session.csrf).json(&body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn an_account_is_no_way_around_the_limit_of_an_address() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let app = app.restart(&["--mail", "dev"]).await;
    let devices = [sign_in(&app, "one").await, sign_in(&app, "two").await];
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
async fn a_form_that_names_no_page_is_led_to_the_page_of_its_step() {
    let app = TestApp::with(MAIL).await;
    for (path, body, page) in [
        ("/api/register", registration("ada@example.com"), "/register/confirm"),
        ("/api/forgot-password", json!({"email": "ada@example.com"}), "/reset"),
        ("/api/login/code", json!({"email": "ada@example.com"}), "/login/code"),
    ] {
        let mut ada = Browser::default();
        asked(&mut ada, &app, path, body).await;
        app.wait(Duration::from_secs(30));
        let form = app.post("/api/resend").header("cookie", ada.header()).header("accept", "text/html");
        let answer = form.form(&[("challenge", "")]).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, page), "{path}");
    }
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
