//! One's own account: the name, and the password.

use crate::support::{PASSWORD, Signed, TestApp, code, cookie, eventually};
use reqwest::Response;
use serde_json::{Value, json};
use std::time::Duration;

const OTHER: &str = "seventeen slow snails";
const BROWSER: &str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

async fn post(app: &TestApp, session: &Signed, path: &str, body: Value) -> Response {
    let request = app.post(path).bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    request.json(&body).send().await.unwrap()
}

async fn change(app: &TestApp, session: &Signed, current: &str, new: &str) -> Response {
    post(app, session, "/api/profile/password", json!({"current_password": current, "new_password": new})).await
}

/// The sentence beside the field `name`.
async fn sentence(answer: Response, name: &str) -> String {
    assert_eq!(answer.status(), 422);
    let body: Value = answer.json().await.unwrap();
    body["fields"][name].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

/// Sends a form as a browser without WASM does.
async fn form(app: &TestApp, session: &Signed, path: &str, fields: &[(&str, &str)]) -> Response {
    let request = app.post(path).header("accept", BROWSER).header("referer", format!("{}/app/profile", app.origin));
    request.header("cookie", format!("refresh={}", session.cookie)).form(fields).send().await.unwrap()
}

async fn page(app: &TestApp, session: &Signed, path: &str, cookies: &str) -> String {
    let request = app.get(path).header("cookie", format!("refresh={}{cookies}", session.cookie));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

fn location(answer: &Response) -> String {
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_account_is_shown_to_its_user() {
    let app = TestApp::start().await;
    let session = app.register("Ada@example.com").await;
    let profile: Value =
        app.get("/api/profile").bearer_auth(&session.access).send().await.unwrap().json().await.unwrap();
    assert_eq!(profile["email"], "Ada@example.com");
    assert_eq!(profile["created_at"], app.now());
    assert!(!profile.to_string().contains("argon2"));
    let html = page(&app, &session, "/app/profile", "").await;
    assert!(html.contains(profile["id"].as_str().unwrap()) && html.contains("Member since"));
    assert!(html.contains(r#"href="/app/profile""#), "the navigation leads here");
    assert_eq!(app.get("/api/profile").send().await.unwrap().status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn a_name_is_changed_and_taken_away() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let named = post(&app, &session, "/api/profile/name", json!({"name": "  Ada Lovelace "})).await;
    assert_eq!(named.status(), 200);
    let user: Value = named.json().await.unwrap();
    let me: Value = app.get("/api/me").bearer_auth(&session.access).send().await.unwrap().json().await.unwrap();
    assert_eq!((&user["name"], &me), (&json!("Ada Lovelace"), &user));
    assert!(page(&app, &session, "/app", "").await.contains("<bdi>Ada Lovelace<"));
    for bad in ["x".repeat(101), "a\nb".to_owned()] {
        let refused = post(&app, &session, "/api/profile/name", json!({"name": bad})).await;
        assert!(sentence(refused, "name").await.contains("100 characters"));
    }
    for nothing in [json!({"name": " "}), json!({"name": null}), json!({})] {
        let user: Value = post(&app, &session, "/api/profile/name", nothing).await.json().await.unwrap();
        assert_eq!(user["name"], Value::Null);
    }
    app.stop().await;
}

#[tokio::test]
async fn another_password_ends_every_other_session_and_this_one_goes_on() {
    let app = TestApp::start().await;
    let (here, there) = (app.register("ada@example.com").await, app.sign_in("ada@example.com").await);
    let bob = app.register("bob@example.com").await;
    assert_eq!(change(&app, &here, PASSWORD, OTHER).await.status(), 204);
    let ended = app.protected(&there.access).await;
    assert_eq!(ended.status(), 401, "at once");
    assert_eq!(ended.json::<Value>().await.unwrap()["reason"], "password_changed");
    assert_eq!(app.refresh(&there.cookie).await.reason(), "password_changed");
    for session in [&here, &bob] {
        assert_eq!(app.protected(&session.access).await.status(), 200);
        assert_eq!(app.refresh(&session.cookie).await.status, 200);
    }
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 401);
    assert_eq!(app.login("ada@example.com", OTHER).await.status(), 200);
    assert_eq!(app.login("bob@example.com", PASSWORD).await.status(), 200, "nobody else's");
    let item = eventually("the change is in the activity", async || {
        let items: Vec<Value> =
            app.get("/api/activity").bearer_auth(&here.access).send().await.unwrap().json().await.unwrap();
        items.into_iter().find(|item| item["event"] == "password_changed")
    })
    .await;
    assert_eq!(item["current"], true);
    app.stop().await;
}

#[tokio::test]
async fn a_new_password_follows_the_rules_of_a_registration() {
    let app = TestApp::start().await;
    let session = app.register("ada.lovelace@example.com").await;
    for (new, part) in
        [("", "Choose"), ("short", "at least 8"), ("password", "too common"), ("ada.lovelace1", "your email address")]
    {
        assert!(sentence(change(&app, &session, PASSWORD, new).await, "new_password").await.contains(part), "{new}");
    }
    assert_eq!(
        sentence(change(&app, &session, "", OTHER).await, "current_password").await,
        "Enter your current password."
    );
    let wrong = sentence(change(&app, &session, "a wrong password", OTHER).await, "current_password").await;
    assert_eq!(wrong, "This is not your current password.");
    assert_eq!(app.login("ada.lovelace@example.com", PASSWORD).await.status(), 200, "nothing was changed");
    app.stop().await;
}

#[tokio::test]
async fn it_takes_the_csrf_token() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
    for path in ["/api/profile/name", "/api/profile/password"] {
        for csrf in ["", bob.csrf.as_str()] {
            let request = app.post(path).bearer_auth(&ada.access).header("x-csrf-token", csrf);
            let body = json!({"name": "Eve", "current_password": PASSWORD, "new_password": OTHER});
            assert_eq!(code(request.json(&body).send().await.unwrap()).await, "INVALID_CSRF_TOKEN");
        }
    }
    app.sign_in("ada@example.com").await;
    app.stop().await;
}

#[tokio::test]
async fn guessing_the_current_password_is_limited_and_locks_nobody_out() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "3/15m"]).await;
    let session = app.register("ada@example.com").await;
    for _ in 0..3 {
        assert_eq!(change(&app, &session, "a wrong password", OTHER).await.status(), 422);
    }
    let limited = change(&app, &session, PASSWORD, OTHER).await;
    assert_eq!((limited.status().as_u16(), limited.headers()["retry-after"].to_str().unwrap()), (429, "300"));
    assert_eq!(code(limited).await, "RATE_LIMITED", "the right one is refused too");
    assert_eq!(app.protected(&session.access).await.status(), 200, "the session goes on");
    let elsewhere = app.sign_in("ada@example.com").await;
    for _ in 0..3 {
        assert_eq!(app.login("ada@example.com", "a wrong password").await.status(), 401);
    }
    assert_eq!(change(&app, &elsewhere, PASSWORD, OTHER).await.status(), 204, "whoever guesses elsewhere");
    app.wait(Duration::from_mins(5));
    assert_eq!(change(&app, &elsewhere, OTHER, PASSWORD).await.status(), 204);
    app.stop().await;
}

/// On a device that signed in before, a wrong one counts as a failed sign-in from there.
#[tokio::test]
async fn a_device_has_one_count_for_both() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "3/15m"]).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let registered = app.post("/api/register").json(&body).send().await.unwrap();
    let device = format!("device={}", cookie(&registered, "device").unwrap());
    let session = crate::support::signed(registered).await;
    for _ in 0..3 {
        let request = app.post("/api/profile/password").bearer_auth(&session.access);
        let request = request.header("x-csrf-token", &session.csrf).header("cookie", &device);
        let body = json!({"current_password": "a wrong password", "new_password": OTHER});
        assert_eq!(request.json(&body).send().await.unwrap().status(), 422);
    }
    let there = app.post("/api/login").header("cookie", &device).json(&body).send().await.unwrap();
    assert_eq!(there.status(), 429);
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200, "from everywhere else");
    app.stop().await;
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_done() {
    let app = TestApp::start().await;
    let (one, two) = (app.register("ada@example.com").await, app.sign_in("ada@example.com").await);
    let (a, b) = tokio::join!(
        change(&app, &one, PASSWORD, "first of two words"),
        change(&app, &two, PASSWORD, "second of two words")
    );
    assert_eq!([a.status(), b.status()].iter().filter(|status| **status == 204).count(), 1);
    let (password, ended) =
        if a.status() == 204 { ("first of two words", &two) } else { ("second of two words", &one) };
    assert_eq!(app.login("ada@example.com", password).await.status(), 200);
    assert_eq!(app.protected(&ended.access).await.status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn the_forms_work_without_wasm() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let csrf = ("_csrf", session.csrf.as_str());
    let next = "/app/profile?saved=name";
    let saved = form(&app, &session, "/api/profile/name", &[csrf, ("name", "Ada"), ("next", next)]).await;
    assert_eq!(location(&saved), next);
    assert!(page(&app, &session, next, "").await.contains("Name saved."));

    let next = "/app/profile?saved=password";
    let fields = [csrf, ("current_password", "a wrong password"), ("new_password", OTHER), ("next", next)];
    let failed = form(&app, &session, "/api/profile/password", &fields).await;
    let to = location(&failed);
    assert_eq!(to, "/app/profile?error=VALIDATION&next=%2Fapp%2Fprofile%3Fsaved%3Dpassword");
    let echo = format!("; form={}", cookie(&failed, "form").unwrap());
    let html = page(&app, &session, &to, &echo).await;
    assert!(html.contains("This is not your current password.") && !html.contains(OTHER));
    assert_eq!(html.matches("Check the highlighted fields").count(), 1, "above its own form only");

    let fields = [csrf, ("current_password", PASSWORD), ("new_password", OTHER), ("next", next)];
    assert_eq!(location(&form(&app, &session, "/api/profile/password", &fields).await), next);
    assert!(page(&app, &session, next, "").await.contains("Password changed."));
    app.stop().await;
}
