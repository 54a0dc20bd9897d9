//! Passwords and accounts that change while somebody signs in: what was right when it was sent is
//! not right any more when it is answered.

use crate::support::{PASSWORD, Signed, TestApp, at_once, code, signed};
use reqwest::RequestBuilder;
use serde_json::json;

const OTHER: &str = "seventeen slow snails";
const FLAGS: &[&str] = &["--rate-limit", "off", "--login-rate-limit", "off"];

fn login(app: &TestApp, password: &str) -> RequestBuilder {
    app.post("/api/login").json(&json!({"email": "ada@example.com", "password": password}))
}

fn change(app: &TestApp, session: &Signed, current: &str, new: &str) -> RequestBuilder {
    let request = app.post("/api/profile/password").bearer_auth(&session.access);
    request.header("x-csrf-token", &session.csrf).json(&json!({"current_password": current, "new_password": new}))
}

/// Somebody else's change is under way, and not yet to be seen, while a password is verified.
async fn changed_while_it_is_verified(sql: &'static str) {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    let bob = json!({"email": "bob@example.com", "password": OTHER});
    assert_eq!(app.post("/api/register").json(&bob).send().await.unwrap().status(), 201);
    let database = app.database().connect().await;
    let mut transaction = database.begin().await.unwrap();
    sqlx::query(sql).execute(&mut *transaction).await.unwrap();
    let request = login(&app, PASSWORD);
    let answer = tokio::spawn(async move { request.send().await.unwrap() });
    // Passwords are verified in turn: once these are, so is that one.
    for _ in 0..4 {
        assert_eq!(app.login("bob@example.com", "a wrong password").await.status(), 401);
    }
    transaction.commit().await.unwrap();
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), 401, "{sql}");
    assert_eq!(code(answer).await, "INVALID_CREDENTIALS");
    database.close().await;
    app.stop().await;
}

#[tokio::test]
async fn no_session_begins_with_a_password_that_is_being_changed() {
    let sql = "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE email = 'bob@example.com')
               WHERE email = 'ada@example.com'";
    changed_while_it_is_verified(sql).await;
}

#[tokio::test]
async fn no_session_begins_for_an_account_that_is_being_disabled() {
    changed_while_it_is_verified("UPDATE users SET disabled_at = 1 WHERE email = 'ada@example.com'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_of_the_old_password_outlives_its_change() {
    let app = TestApp::with(FLAGS).await;
    let mine = app.register("ada@example.com").await;
    for (old, new) in [(PASSWORD, OTHER), (OTHER, PASSWORD), (PASSWORD, OTHER)] {
        let mut requests: Vec<_> = (0..12).map(|_| login(&app, old)).collect();
        requests.insert(4, change(&app, &mine, old, new));
        let mut begun = Vec::new();
        for (index, answer) in at_once(requests).await {
            match answer.status().as_u16() {
                204 => assert_eq!(index, 4),
                200 => begun.push(signed(answer).await),
                status => assert_eq!((status, index == 4), (401, false)),
            }
        }
        for session in begun {
            assert_eq!(app.protected(&session.access).await.status(), 401);
            assert_eq!(app.refresh(&session.cookie).await.reason(), "password_changed");
        }
        assert_eq!(app.protected(&mine.access).await.status(), 200);
    }
    app.stop().await;
}

/// The hash is not the verified one any more, but the password is the same.
#[tokio::test]
async fn a_password_that_is_hashed_anew_meanwhile_is_right_all_the_same() {
    let app = TestApp::with(FLAGS).await;
    app.register("ada@example.com").await;
    app.register("bob@example.com").await;
    let database = app.database().connect().await;
    let mut transaction = database.begin().await.unwrap();
    // Bob has the same password, under another salt.
    let sql = "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE email = 'bob@example.com')
               WHERE email = 'ada@example.com'";
    sqlx::query(sql).execute(&mut *transaction).await.unwrap();
    let request = login(&app, PASSWORD);
    let answer = tokio::spawn(async move { request.send().await.unwrap() });
    for _ in 0..4 {
        assert_eq!(app.login("bob@example.com", "a wrong password").await.status(), 401);
    }
    transaction.commit().await.unwrap();
    assert_eq!(answer.await.unwrap().status(), 200);
    database.close().await;
    app.stop().await;
}

/// A session that has ended changes no password, though it had not when it asked.
#[tokio::test]
async fn a_session_that_is_being_ended_changes_no_password() {
    let app = TestApp::with(FLAGS).await;
    let mine = app.register("ada@example.com").await;
    app.register("bob@example.com").await;
    let database = app.database().connect().await;
    let mut transaction = database.begin().await.unwrap();
    let sql = "UPDATE sessions SET ended_at = 1, ended_reason = 'revoked'
               WHERE user_id = (SELECT id FROM users WHERE email = 'ada@example.com')";
    sqlx::query(sql).execute(&mut *transaction).await.unwrap();
    let request = change(&app, &mine, PASSWORD, OTHER);
    let answer = tokio::spawn(async move { request.send().await.unwrap() });
    for _ in 0..4 {
        assert_eq!(app.login("bob@example.com", "a wrong password").await.status(), 401);
    }
    transaction.commit().await.unwrap();
    assert_eq!(answer.await.unwrap().status(), 401);
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200, "it is the same still");
    database.close().await;
    app.stop().await;
}
