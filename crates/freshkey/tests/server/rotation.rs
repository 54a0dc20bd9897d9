//! The rules of rotation, over HTTP. The rules themselves are proved beside their code.

use crate::support::{GRACE, Refreshed, TestApp, confirmed};
use serde_json::json;
use std::{collections::HashSet, time::Duration};

const MOMENT: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_refresh_rotates_the_cookie() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    let first = app.refresh(&session.cookie).await;
    assert_eq!(first.status, 200);
    let second = first.cookie.clone().unwrap();
    assert_ne!(second, session.cookie);
    assert_eq!(app.protected(first.access()).await.status(), 200);
    app.wait(GRACE);
    let third = app.refresh(&second).await.cookie.unwrap();
    assert_eq!(HashSet::from([&session.cookie, &second, &third]).len(), 3);
    app.stop().await;
}

#[tokio::test]
async fn fifty_at_once_end_with_one_cookie() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let request = app.post("/api/refresh-token").header("cookie", format!("refresh={}", session.cookie));
        tasks.spawn(async move { Refreshed::read(request.send().await.unwrap()).await });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let cookies: HashSet<_> = answers.iter().map(|answer| answer.cookie.clone().unwrap()).collect();
    assert_eq!(cookies.len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn within_the_moment_the_current_token_stays_and_sets_no_cookie() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let young = app.refresh(&session.cookie).await;
    assert_eq!((young.status, young.cookie.as_ref()), (200, None), "a login counts as a rotation");
    app.wait(GRACE);
    let successor = app.refresh(&session.cookie).await.cookie.unwrap();
    app.wait(GRACE.saturating_sub(MOMENT));
    let again = app.refresh(&session.cookie).await;
    assert_eq!(again.cookie.as_ref(), Some(&successor), "the spent token gets the identical successor");
    assert_eq!(app.refresh(&successor).await.cookie, None);
    app.stop().await;
}

#[tokio::test]
async fn a_replay_ends_the_session_for_everybody() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    let rotated = app.refresh(&session.cookie).await;
    assert_eq!(app.protected(rotated.access()).await.status(), 200);
    all_confirmed(&app).await;
    app.wait(GRACE);
    let replay = app.refresh(&session.cookie).await;
    assert_eq!((replay.status, replay.code(), replay.reason()), (403, "INVALID_REFRESH_TOKEN", "replay"));
    assert_eq!(replay.cookie.as_deref(), Some(""));
    assert_eq!(app.refresh(rotated.cookie.as_ref().unwrap()).await.reason(), "replay", "the successor is no use");
    assert_eq!(app.protected(rotated.access()).await.status(), 401, "nor the access token");
    app.stop().await;
}

#[tokio::test]
async fn a_laptop_that_slept_through_the_answer_is_not_signed_out() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    let lost = app.refresh(&session.cookie).await;
    app.wait(Duration::from_hours(8));
    let recovered = app.refresh(&session.cookie).await;
    assert_eq!((recovered.status, recovered.cookie), (200, lost.cookie));
    app.stop().await;

    let app = TestApp::with(&["--lost-answer-recovery", "off"]).await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    app.refresh(&session.cookie).await;
    app.wait(GRACE);
    assert_eq!(app.refresh(&session.cookie).await.reason(), "replay");
    app.stop().await;
}

#[tokio::test]
async fn a_request_that_its_sender_gave_up_does_nothing() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    let send = async |cookie: &str, sent_at: i64| {
        let request = app.post("/api/refresh-token").header("cookie", format!("refresh={cookie}"));
        Refreshed::read(request.json(&json!({"sent_at": sent_at})).send().await.unwrap()).await
    };
    let stale = send(&session.cookie, app.now() - 10_001).await;
    assert_eq!((stale.status, stale.code(), stale.cookie.clone()), (409, "STALE_REQUEST", None));
    assert_eq!(send("forged", app.now() - 10_001).await.status, 403);
    let first = send(&session.cookie, app.now() - 10_000).await;
    assert_eq!(first.status, 200);
    assert!(first.cookie.is_some(), "the stale one has not spent the token");
    app.stop().await;
}

#[tokio::test]
async fn without_grace_every_use_rotates_and_nothing_is_tolerated() {
    let app = TestApp::with(&["--refresh-grace", "0s"]).await;
    let session = app.register("ada@example.com").await;
    let request = app.post("/api/refresh-token").header("cookie", format!("refresh={}", session.cookie));
    let first = Refreshed::read(request.json(&json!({"sent_at": 0})).send().await.unwrap()).await;
    assert_eq!((first.status, first.body["refresh_timeout"].as_u64()), (200, Some(10)));
    let second = app.refresh(first.cookie.as_ref().unwrap()).await;
    assert!(second.cookie.is_some());
    assert_eq!(app.refresh(&session.cookie).await.reason(), "replay");
    app.stop().await;
}

#[tokio::test]
async fn a_token_ahead_of_a_restored_database_is_taken() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let (app, backup) = app.back_up().await;
    app.wait(GRACE);
    let newer = app.refresh(&session.cookie).await.cookie.unwrap();
    let app = app.restore(backup).await;
    app.wait(GRACE);
    let taken = app.refresh(&newer).await;
    assert_eq!(taken.status, 200);
    app.wait(GRACE);
    let next = app.refresh(&newer).await;
    assert_eq!(next.status, 200);
    assert_eq!(app.refresh(&newer).await.cookie, next.cookie);
    app.stop().await;
}

#[tokio::test]
async fn a_refused_refresh_clears_the_cookie_only_when_its_session_is_over() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let send = async |cookie: &str| {
        Refreshed::read(app.post("/api/refresh-token").header("cookie", cookie).send().await.unwrap()).await
    };
    let none = send("other=1").await;
    assert_eq!((none.status, none.code(), none.cookie.clone()), (401, "REFRESH_TOKEN_NOT_FOUND", None));
    let mut forged = session.cookie.clone();
    forged.replace_range(30..31, if &forged[30..31] == "A" { "B" } else { "A" });
    let forged = send(&format!("refresh={forged}")).await;
    assert_eq!((forged.status, forged.reason(), forged.cookie.clone()), (403, "", None), "a forged one learns nothing");
    let two = send(&format!("refresh={0}; refresh={0}", session.cookie)).await;
    assert_eq!((two.status, two.reason(), two.cookie.as_deref()), (403, "", Some("")), "both are cleared");
    assert_eq!(app.refresh(&session.cookie).await.status, 200, "and the session goes on");
    app.stop().await;
}

#[tokio::test]
async fn the_cookie_is_judged_before_the_input() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let send = async |cookie: &str| {
        let request = app.post("/api/refresh-token").header("cookie", cookie);
        Refreshed::read(request.header("content-type", "application/json").body("{").send().await.unwrap()).await
    };
    assert_eq!(send("a=b").await.code(), "REFRESH_TOKEN_NOT_FOUND");
    assert_eq!(send("refresh=forged").await.code(), "INVALID_REFRESH_TOKEN");
    assert_eq!(send(&format!("refresh={}", session.cookie)).await.code(), "BAD_REQUEST");
    app.stop().await;
}

#[tokio::test]
async fn a_neighbour_that_is_not_ascii_hides_no_cookie() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let cookies = format!("theme=dunkelgr\u{fc}n; refresh={}", session.cookie);
    let refresh = app.post("/api/refresh-token").header("cookie", cookies.as_bytes());
    assert_eq!(refresh.send().await.unwrap().status(), 200);
    let page = app.get("/app").header("cookie", cookies.as_bytes()).send().await.unwrap();
    assert_eq!(page.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn sessions_end_by_age_and_by_idleness() {
    let app = TestApp::with(&["--refresh-ttl", "1h", "--idle-ttl", "10m"]).await;
    let (idle, busy) = (app.register("ada@example.com").await, app.sign_in("ada@example.com").await);
    let mut cookie = busy.cookie;
    for _ in 0..11 {
        app.wait(Duration::from_mins(5));
        let answer = app.refresh(&cookie).await;
        assert_eq!(answer.status, 200);
        cookie = answer.cookie.unwrap();
    }
    assert_eq!(app.refresh(&idle.cookie).await.reason(), "idle");
    let last = app.refresh(&cookie).await;
    assert_eq!(last.body["expires_in"], 300, "an access token never outlives its session");
    app.wait(Duration::from_mins(5));
    assert_eq!(app.refresh(&cookie).await.reason(), "expired");
    let ended = app.protected(last.access()).await;
    assert_eq!(ended.status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn a_session_that_refreshes_within_the_moment_is_not_idle() {
    let app = TestApp::with(&["--idle-ttl", "10s"]).await;
    let session = app.register("ada@example.com").await;
    for _ in 0..9 {
        app.wait(Duration::from_secs(2));
        assert_eq!(app.refresh(&session.cookie).await.status, 200);
    }
    app.stop().await;
}

async fn all_confirmed(app: &TestApp) {
    let database = app.database().connect().await;
    confirmed(&database).await;
    database.close().await;
}
