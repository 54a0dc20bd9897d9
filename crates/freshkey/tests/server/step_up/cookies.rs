//! A step-up is a refresh as well: what becomes of the cookie.

use super::{MOMENT, TTL, claims, is_let_through, status, step_up};
use crate::support::{GRACE, PASSWORD, Refreshed, Signed, TestApp, confirmed};
use serde_json::{Value, json};

/// A step-up that brings this cookie.
async fn with(app: &TestApp, session: &Signed, cookie: &str, body: Value) -> Refreshed {
    let request = step_up(app, session, &body).header("cookie", format!("refresh={cookie}"));
    Refreshed::read(request.send().await.unwrap()).await
}

fn right() -> Value {
    json!({"password": PASSWORD})
}

#[tokio::test]
async fn with_the_cookie_it_rotates_as_a_refresh_does() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(TTL + MOMENT);
    let first = with(&app, &session, &session.cookie, right()).await;
    assert_eq!((first.status, claims(first.access())["gen"].as_u64()), (200, Some(1)));
    let successor = first.cookie.clone().expect("it is rotated");
    for member in ["token_type", "expires_in", "server_time", "refresh_timeout", "csrf_token", "user"] {
        assert!(!first.body[member].is_null(), "{member}");
    }
    // Within the grace period, the spent one gets the same successor, and that one is left as it is.
    assert_eq!(with(&app, &session, &session.cookie, right()).await.cookie, Some(successor.clone()));
    let current = with(&app, &session, &successor, right()).await;
    assert_eq!((current.status, current.cookie), (200, None));
    assert_eq!(app.protected(current.body["access_token"].as_str().unwrap()).await.status(), 200);
    // Later, the spent one is a replay.
    app.wait(GRACE);
    let session = Signed { access: current.body["access_token"].as_str().unwrap().to_owned(), ..session };
    assert_eq!(app.protected(&session.access).await.status(), 200);
    let database = app.database().connect().await;
    confirmed(&database).await;
    database.close().await;
    let replayed = with(&app, &session, &session.cookie, right()).await;
    assert_eq!((replayed.status, replayed.code(), replayed.reason()), (403, "INVALID_REFRESH_TOKEN", "replay"));
    assert_eq!(replayed.cookie.as_deref(), Some(""), "it is cleared");
    assert_eq!(app.protected(&session.access).await.status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn without_the_cookie_only_the_access_token_is_new() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    // The answer to this refresh is lost.
    let lost = app.refresh(&session.cookie).await;
    app.wait(TTL + MOMENT);
    let answer = Refreshed::read(step_up(&app, &session, &right()).send().await.unwrap()).await;
    assert_eq!((answer.status, &answer.cookie), (200, &None));
    assert_eq!(claims(answer.access())["gen"], 0, "what the client is known to have");
    assert_eq!(app.protected(answer.access()).await.status(), 200);
    let recovered = app.refresh(&session.cookie).await;
    assert_eq!((recovered.status, recovered.cookie), (200, lost.cookie), "the lost answer is found again");
    app.stop().await;
}

#[tokio::test]
async fn one_that_was_held_up_does_nothing() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(TTL + MOMENT);
    let sent_at = app.now() - 10_001;
    let late = json!({"password": PASSWORD, "sent_at": sent_at});
    let refused = with(&app, &session, &session.cookie, late.clone()).await;
    assert_eq!((refused.status, refused.code(), &refused.cookie), (409, "STALE_REQUEST", &None));
    assert!(!is_let_through(&app, &session).await);
    let in_time = json!({"password": PASSWORD, "sent_at": sent_at + 1});
    assert_eq!(with(&app, &session, &session.cookie, in_time).await.status, 200);
    let without = Refreshed::read(step_up(&app, &session, &late).send().await.unwrap()).await;
    assert_eq!(without.status, 200, "nothing is rotated, and so it is not looked at");
    app.stop().await;
}

#[tokio::test]
async fn a_cookie_that_is_not_the_sessions_is_not_touched() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.register("ada@example.com").await, app.register("bob@example.com").await);
    app.wait(TTL + MOMENT);
    let others = with(&app, &ada, &bob.cookie, right()).await;
    assert_eq!((others.status, &others.cookie), (200, &None));
    assert_eq!(others.body["user"]["email"], "ada@example.com");
    assert!(is_let_through(&app, &ada).await && !is_let_through(&app, &bob).await);
    let forged = with(&app, &bob, &format!("{}x", bob.cookie), right()).await;
    assert_eq!((forged.status, forged.code(), &forged.cookie), (403, "INVALID_REFRESH_TOKEN", &None));
    let two = step_up(&app, &bob, &json!({"password": "x"}))
        .header("cookie", format!("refresh={0}; refresh={0}", bob.cookie));
    assert_eq!(two.send().await.unwrap().status(), 422, "two count as none");
    assert_eq!(status(&app, &bob.access).await["required"], true);
    app.stop().await;
}

#[tokio::test]
async fn a_wrong_password_rotates_nothing() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(TTL + MOMENT);
    let refused = with(&app, &session, &session.cookie, json!({"password": "a wrong password"})).await;
    assert_eq!((refused.status, &refused.cookie), (422, &None));
    assert_eq!(claims(app.refresh(&session.cookie).await.access())["gen"], 1, "the next refresh is the first one");
    app.stop().await;
}
