//! Clocks that are set, and clocks that differ.

use crate::support::{GRACE, Signed, TestApp, code};
use serde_json::Value;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

async fn listed(app: &TestApp, path: &str, access: &str) -> Vec<Value> {
    app.get(path).bearer_auth(access).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_session_goes_on_when_the_clock_is_set_back() {
    for back in [Duration::from_secs(30), HOUR, HOUR * 24 * 400] {
        let app = TestApp::start().await;
        let session = app.register("ada@example.com").await;
        app.set_back(back);
        let refreshed = app.refresh(&session.cookie).await;
        assert_eq!(refreshed.status, 200, "{back:?}");
        assert_eq!(app.protected(refreshed.access()).await.status(), 200, "{back:?}");
        for item in listed(&app, "/api/sessions", refreshed.access()).await {
            assert!(item["last_seen_at"].as_i64() <= Some(app.now()), "{item}");
        }
        app.wait(back);
        let cookie = refreshed.cookie.unwrap_or(session.cookie);
        assert_eq!(app.refresh(&cookie).await.status, 200, "{back:?}");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_stops_no_rotation_and_hides_no_replay() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.set_back(HOUR);
    let first = app.refresh(&session.cookie).await.cookie.expect("it rotates");
    app.wait(GRACE);
    let second = app.refresh(&first).await;
    assert_eq!(app.protected(second.access()).await.status(), 200);
    app.wait(GRACE);
    assert_eq!(app.refresh(&session.cookie).await.code(), "INVALID_REFRESH_TOKEN");
    let again = app.sign_in("ada@example.com").await;
    let happened = listed(&app, "/api/activity", &again.access).await;
    let replay = happened.iter().find(|event| event["event"] == "refresh_token_replayed").expect("it is told");
    assert_eq!(replay["at"].as_i64(), Some(app.now()), "by the clock, not by the row");
    app.stop().await;
}

#[tokio::test]
async fn instances_whose_clocks_differ_by_a_minute_take_each_others_tokens() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    for (ahead, status) in [(15, 200), (60, 200), (62, 403)] {
        let other = app.another_ahead(Duration::from_secs(ahead)).await;
        let theirs = other.sign_in("ada@example.com").await;
        assert_eq!(app.protected(&theirs.access).await.status(), status, "{ahead} s ahead");
        assert_eq!(other.protected(&session.access).await.status(), 200, "{ahead} s behind");
        other.wait(GRACE);
        let rotated = other.refresh(&theirs.cookie).await;
        let refreshed = app.refresh(rotated.cookie.as_deref().expect("it rotates")).await;
        assert_eq!(app.protected(refreshed.access()).await.status(), 200, "what one issues, it takes");
        other.stop().await;
    }
    app.stop().await;
}

#[tokio::test]
async fn setting_the_clock_gives_and_takes_no_allowance() {
    let app = TestApp::with(&["--rate-limit", "3/1h"]).await;
    let fail = async || app.login("ada@example.com", "a wrong password").await.status().as_u16();
    assert_eq!(fail().await, 401);
    app.set_back(HOUR * 2);
    assert_eq!((fail().await, fail().await, fail().await), (401, 401, 429));
    app.set_forward(HOUR * 2);
    assert_eq!(fail().await, 429);
    app.wait(HOUR / 3);
    assert_eq!(fail().await, 401);
    app.stop().await;
}

async fn sign_out(app: &TestApp, sessions: &[Signed]) {
    for session in sessions {
        assert_eq!(app.logout(&session.cookie).await.status(), 204);
    }
}

async fn many(app: &TestApp, count: usize) -> Vec<Signed> {
    let mut sessions = Vec::with_capacity(count);
    for _ in 0..count {
        sessions.push(app.sign_in("ada@example.com").await);
    }
    sessions
}

async fn all_are_ended(app: &TestApp, sessions: &[Signed]) {
    for session in sessions {
        let answer = app.protected(&session.access).await;
        assert_eq!(answer.status(), 401);
        assert_eq!(code(answer).await, "SESSION_ENDED");
    }
}

#[tokio::test]
async fn an_ended_session_stays_ended_whatever_clocks_do() {
    for ahead in [HOUR / 3, HOUR * 3] {
        let app = TestApp::with(&["--rate-limit", "off"]).await;
        app.register("ada@example.com").await;
        let (first, others) = (many(&app, 6).await, many(&app, 40).await);
        sign_out(&app, &first).await;
        app.set_forward(ahead);
        sign_out(&app, &others).await;
        app.set_back(ahead);
        all_are_ended(&app, &first).await;
        // Nor does a server that starts under a wrong clock take them.
        app.set_forward(ahead);
        let origin = app.origin.clone();
        let app = app.restart(&["--origin", &origin, "--rate-limit", "off"]).await;
        app.set_back(ahead);
        all_are_ended(&app, &first).await;
        let live = app.sign_in("ada@example.com").await;
        assert_eq!(app.protected(&live.access).await.status(), 200);
        app.stop().await;
    }
}

#[tokio::test]
async fn no_other_instances_clock_has_an_ended_session_forgotten() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    app.register("ada@example.com").await;
    let (first, others) = (many(&app, 6).await, many(&app, 40).await);
    let other = app.another_ahead(HOUR / 3).await;
    sign_out(&app, &first).await;
    sign_out(&other, &others).await;
    // The other instance's are known here within a second; then nothing else is to come.
    is_refused(&app, &others.last().unwrap().access).await;
    all_are_ended(&app, &first).await;
    other.stop().await;
    app.stop().await;
}

#[tokio::test]
async fn what_ends_after_the_clock_was_set_back_is_found_by_others() {
    let app = TestApp::with(&["--rate-limit", "off", "--session-rate-limit", "off"]).await;
    let other = app.another(&["--rate-limit", "off", "--session-rate-limit", "off"]).await;
    let first = app.register("ada@example.com").await;
    let second = app.sign_in("ada@example.com").await;
    app.set_forward(HOUR / 6);
    for session in [first, second] {
        sign_out(&app, std::slice::from_ref(&session)).await;
        is_refused(&other, &session.access).await;
        all_are_ended(&other, &[session]).await;
        app.set_back(HOUR / 6);
    }
    other.stop().await;
    app.stop().await;
}

/// Waits until the access token is refused.
async fn is_refused(app: &TestApp, access: &str) {
    let refused = async { while app.protected(access).await.status() == 200 {} };
    tokio::time::timeout(Duration::from_secs(20), refused).await.expect("it is refused within a moment");
}
