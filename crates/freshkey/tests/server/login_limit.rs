//! Failed logins, per account.

use crate::support::{PASSWORD, Signed, TestApp, code, cookie, signed};
use reqwest::StatusCode;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;

const FLAGS: &[&str] = &["--rate-limit", "off", "--login-rate-limit", "3/15m"];

async fn fail(app: &TestApp, email: &str, times: usize) {
    for _ in 0..times {
        assert_eq!(app.login(email, "a wrong password").await.status(), 401);
    }
}

#[tokio::test]
async fn an_account_has_an_allowance_however_its_address_is_written() {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    app.register("bob@example.com").await;
    fail(&app, "ada@example.com", 1).await;
    fail(&app, " ADA@example.com", 1).await;
    fail(&app, "aDA@Example.Com ", 1).await;
    let refused = app.login("ada@example.com", PASSWORD).await;
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "300"));
    assert_eq!(refused.headers()["ratelimit-policy"], "\"login\";q=3;w=900");
    assert_eq!(code(refused).await, "RATE_LIMITED", "the right password is refused too");
    assert_eq!(app.login("bob@example.com", PASSWORD).await.status(), 200);
    app.wait(Duration::from_mins(5));
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200);
    fail(&app, "ada@example.com", 3).await;
    app.stop().await;
}

#[tokio::test]
async fn an_account_that_does_not_exist_has_the_same_allowance() {
    let app = TestApp::with(FLAGS).await;
    fail(&app, "nobody@example.com", 3).await;
    assert_eq!(app.login("nobody@example.com", "a wrong password").await.status(), 429);
    app.stop().await;
}

/// The headers and the body that a guesser sees, whether there is such an account or not.
#[tokio::test]
async fn a_refusal_says_nothing_about_the_account() {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    let seen = async |email: &str| {
        let answer = app.login(email, "a wrong password").await;
        let mut headers = answer.headers().clone();
        for own in ["x-request-id", "date"] {
            assert!(headers.remove(own).is_some());
        }
        (answer.status(), headers, answer.text().await.unwrap())
    };
    for _ in 0..3 {
        assert_eq!(seen("ada@example.com").await, seen("nobody@example.com").await);
    }
    let refused = seen("ada@example.com").await;
    assert_eq!(refused.0, 429);
    assert_eq!(refused, seen("nobody@example.com").await);
    app.stop().await;
}

#[tokio::test]
async fn off_is_off() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "off"]).await;
    app.register("ada@example.com").await;
    fail(&app, "ada@example.com", 15).await;
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn guessing_from_elsewhere_does_not_lock_the_owner_out() {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    let signed_in = app.login("ada@example.com", PASSWORD).await;
    let device = cookie(&signed_in, "device").unwrap();
    fail(&app, "ada@example.com", 3).await;
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 429);

    let from_device = async |password: &str, device: &str| {
        let body = json!({"email": "ada@example.com", "password": password});
        app.post("/api/login").header("cookie", format!("device={device}")).json(&body).send().await.unwrap().status()
    };
    assert_eq!(from_device(PASSWORD, &device).await, 200);
    assert_eq!(from_device(PASSWORD, &device.replace(&device[5..8], "AAA")).await, 429, "a forged one is none");
    for _ in 0..3 {
        assert_eq!(from_device("a wrong password", &device).await, 401);
    }
    assert_eq!(from_device(PASSWORD, &device).await, 429, "it has an allowance of its own, and no more");
    app.stop().await;
}

#[tokio::test]
async fn guesses_that_come_at_once_are_no_more_than_the_allowance() {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let request = app.post("/api/login").json(&json!({"email": "ada@example.com", "password": "a wrong password"}));
        tasks.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 3, "{answers:?}");
    app.stop().await;
}

/// A login from a browser with this `Cookie` header.
async fn with_cookie(app: &TestApp, email: &str, password: &str, cookie: &str) -> reqwest::Response {
    let body = json!({"email": email, "password": password});
    app.post("/api/login").header("cookie", cookie).json(&body).send().await.unwrap()
}

async fn status(app: &TestApp, email: &str, password: &str, device: &str) -> StatusCode {
    with_cookie(app, email, password, &format!("device={device}")).await.status()
}

#[tokio::test]
async fn a_device_stands_for_everybody_who_signed_in_there() {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    app.register("bob@example.com").await;
    let device = cookie(&app.login("ada@example.com", PASSWORD).await, "device").unwrap();
    let both = with_cookie(&app, "bob@example.com", PASSWORD, &format!("device={device}")).await;
    let both = cookie(&both, "device").unwrap();
    for email in ["ada@example.com", "bob@example.com"] {
        fail(&app, email, 3).await;
        assert_eq!(app.login(email, PASSWORD).await.status(), 429);
    }
    // What one of them gets wrong there is not the other's.
    for _ in 0..3 {
        assert_eq!(status(&app, "bob@example.com", "a wrong password", &both).await, 401);
    }
    assert_eq!(status(&app, "bob@example.com", PASSWORD, &both).await, 429);
    assert_eq!(status(&app, "ada@example.com", PASSWORD, &both).await, 200);
    assert_eq!(status(&app, "bob@example.com", PASSWORD, &device).await, 429, "from before he signed in there");
    app.stop().await;
}

async fn change(app: &TestApp, session: &Signed, new: &str) -> Option<String> {
    let request = app.post("/api/profile/password").bearer_auth(&session.access);
    let body = json!({"current_password": PASSWORD, "new_password": new});
    let answer = request.header("x-csrf-token", &session.csrf).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    cookie(&answer, "device")
}

#[tokio::test]
async fn another_password_makes_every_device_a_strange_one() {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    let mut kept = Vec::new();
    for _ in 0..5 {
        kept.push(cookie(&app.login("ada@example.com", PASSWORD).await, "device").unwrap());
    }
    let session = signed(app.login("ada@example.com", PASSWORD).await).await;
    let here = change(&app, &session, "seventeen slow snails").await.expect("this one is known still");
    let mut guesses = 0;
    for device in &kept {
        while status(&app, "ada@example.com", "a wrong password", device).await == 401 {
            guesses += 1;
        }
    }
    assert_eq!(guesses, 3, "the account's own allowance");
    assert_eq!(status(&app, "ada@example.com", "seventeen slow snails", &kept[0]).await, 429);
    assert_eq!(status(&app, "ada@example.com", "seventeen slow snails", &here).await, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_device_has_one_allowance_however_often_it_signed_in() {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    let mut kept = Vec::new();
    for _ in 0..5 {
        kept.push(cookie(&app.login("ada@example.com", PASSWORD).await, "device").unwrap());
    }
    let mut guesses = 0;
    for device in &kept {
        while status(&app, "ada@example.com", "a wrong password", device).await == 401 {
            guesses += 1;
        }
    }
    assert_eq!(guesses, 3);
    app.stop().await;
}

#[tokio::test]
async fn a_planted_device_does_not_hide_the_real_one() {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    let device = cookie(&app.login("ada@example.com", PASSWORD).await, "device").unwrap();
    fail(&app, "ada@example.com", 3).await;
    for planted in ["x".to_owned(), String::new(), device.replace(&device[9..12], "AAA")] {
        let cookie = format!("device={planted}; device={device}");
        assert_eq!(with_cookie(&app, "ada@example.com", PASSWORD, &cookie).await.status(), 200, "{planted}");
    }
    app.stop().await;
}

/// Somebody presses the button, and leaves before the answer is there.
#[tokio::test]
async fn a_right_password_that_nobody_waited_for_counts_for_nothing() {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD}).to_string();
    for _ in 0..10 {
        let mut connection = app.connect().await;
        let head = format!(
            "POST /api/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        connection.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        // The server has begun, and is not done.
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        match app.login("ada@example.com", PASSWORD).await.status().as_u16() {
            200 => break,
            status => assert!(status == 429 && Instant::now() < end, "{status}"),
        }
    }
    app.stop().await;
}
