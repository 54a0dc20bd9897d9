//! Several instances on one database are one service.

use crate::support::{GRACE, Refreshed, TestApp, TestDatabase, administer, code, settings};
use freshkey::server::{Server, clock::Clock};
use std::{collections::HashSet, time::Duration};

/// Whoever asks until something has happened asks often.
const UNLIMITED: [&str; 4] = ["--session-rate-limit", "off", "--rate-limit", "off"];

#[tokio::test]
async fn what_one_begins_another_goes_on_with() {
    let one = TestApp::with(&UNLIMITED).await;
    let two = one.another(&UNLIMITED).await;
    let session = one.register("ada@example.com").await;
    assert_eq!(two.protected(&session.access).await.status(), 200);
    one.wait(GRACE);
    let rotated = two.refresh(&session.cookie).await;
    assert_eq!(rotated.status, 200);
    assert_eq!(one.refresh(&session.cookie).await.cookie, rotated.cookie, "the grace is everybody's");
    assert_eq!(one.protected(rotated.access()).await.status(), 200);
    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn fifty_refreshes_over_two_instances_end_with_one_cookie() {
    let one = TestApp::with(&UNLIMITED).await;
    let two = one.another(&UNLIMITED).await;
    let session = one.register("ada@example.com").await;
    one.wait(GRACE);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..50 {
        let app = if n % 2 == 0 { &one } else { &two };
        let request = app.post("/api/refresh-token").header("cookie", format!("refresh={}", session.cookie));
        tasks.spawn(async move { Refreshed::read(request.send().await.unwrap()).await });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let cookies: HashSet<_> = answers.iter().map(|answer| answer.cookie.clone().unwrap()).collect();
    assert_eq!(cookies.len(), 1);
    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn what_ends_on_one_ends_on_the_other() {
    let one = TestApp::with(&UNLIMITED).await;
    let two = one.another(&UNLIMITED).await;
    let first = one.register("ada@example.com").await;
    let second = one.sign_in("ada@example.com").await;
    assert_eq!(one.protected(&first.access).await.status(), 200);
    assert_eq!(two.logout(&first.cookie).await.status(), 204);
    assert_eq!(refused(&one, &first.access).await, "SESSION_ENDED");
    let all = one.post("/api/logout-all").bearer_auth(&second.access).header("x-csrf-token", &second.csrf);
    assert_eq!(all.send().await.unwrap().status(), 204);
    assert_eq!(refused(&two, &second.access).await, "SESSION_ENDED");
    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn an_instance_that_lost_touch_learns_what_it_missed() {
    let one = TestApp::with(&UNLIMITED).await;
    let two = one.another(&UNLIMITED).await;
    let session = one.register("ada@example.com").await;
    assert_eq!(two.protected(&session.access).await.status(), 200);
    if let TestDatabase::Postgres { name } = one.database() {
        administer(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
    }
    // The pool of the first one finds out by using it.
    while one.logout(&session.cookie).await.status() != 204 {}
    assert_eq!(refused(&two, &session.access).await, "SESSION_ENDED");
    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn several_first_starts_at_once_are_one_service() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(folder.path()).await;
    let flags = database.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..6 {
        starts.spawn(Server::bind(settings(folder.path(), &flags), Clock::system()));
    }
    for server in starts.join_all().await {
        let server = server.expect("it starts");
        server.run(std::future::ready(())).await;
    }
    let pool = database.connect().await;
    let keys: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM signing_keys").fetch_one(&pool).await.unwrap();
    assert_eq!(keys.0, 1);
    pool.close().await;
    database.drop().await;
}

/// The code that the access token is refused with, once it is.
async fn refused(app: &TestApp, access: &str) -> String {
    tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let answer = app.protected(access).await;
            if answer.status() != 200 {
                return code(answer).await;
            }
        }
    })
    .await
    .expect("it is refused within a moment")
}
