//! Instances that share one Redis, and what they do without it.

use crate::{
    redis_server::RedisServer,
    support::{PASSWORD, TestApp, eventually},
};
use std::time::Duration;

async fn fail(app: &TestApp, email: &str) -> u16 {
    app.login(email, "a wrong password").await.status().as_u16()
}

#[tokio::test]
async fn two_instances_share_one_allowance_per_address() {
    let redis = RedisServer::start();
    let url = redis.url();
    let flags = ["--redis-url", &url, "--rate-limit", "5/1h"];
    let (one, two) = (TestApp::with(&flags).await, TestApp::with(&flags).await);
    for app in [&one, &two, &one, &two, &one] {
        assert_eq!(fail(app, "ada@example.com").await, 401);
    }
    for app in [&one, &two] {
        assert_eq!(fail(app, "ada@example.com").await, 429);
    }
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn two_instances_share_one_allowance_per_account() {
    let redis = RedisServer::start();
    let url = redis.url();
    let flags = ["--redis-url", &url, "--rate-limit", "off", "--login-rate-limit", "3/1h"];
    let one = TestApp::with(&flags).await;
    let two = one.another(&flags).await;
    two.register("ada@example.com").await;
    assert_eq!(fail(&one, "ada@example.com").await, 401);
    assert_eq!(fail(&one, "ADA@example.com").await, 401);
    assert_eq!(two.login("Ada@example.com", PASSWORD).await.status(), 200, "success resets it, for both");
    for app in [&one, &two, &one] {
        assert_eq!(fail(app, "ada@example.com").await, 401);
    }
    assert_eq!(two.login("ada@example.com", PASSWORD).await.status(), 429);
    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn two_instances_share_one_allowance_per_session() {
    let redis = RedisServer::start();
    let url = redis.url();
    let flags = ["--redis-url", &url, "--session-rate-limit", "3/1h"];
    let one = TestApp::with(&flags).await;
    let two = one.another(&flags).await;
    let session = one.register("ada@example.com").await;
    for app in [&one, &two, &one] {
        assert_eq!(app.protected(&session.access).await.status(), 200);
    }
    for app in [&one, &two] {
        assert_eq!(app.protected(&session.access).await.status(), 429);
    }
    one.wait(Duration::from_hours(1));
    assert_eq!(two.refresh(&session.cookie).await.code(), "RATE_LIMITED", "by the clock of Redis, not of an instance");
    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn without_redis_it_starts_and_counts_for_itself_and_finds_it_later() {
    let mut redis = RedisServer::stopped();
    let url = redis.url();
    let app = TestApp::with(&["--redis-url", &url, "--rate-limit", "2/1h"]).await;
    for status in [401, 401, 429] {
        assert_eq!(fail(&app, "ada@example.com").await, status);
    }
    redis.run();
    // Redis has counted nothing yet: it is asked once the answer is another one.
    eventually("Redis counts again", async || (fail(&app, "ada@example.com").await != 429).then_some(())).await;
    for status in [401, 429] {
        assert_eq!(fail(&app, "ada@example.com").await, status);
    }
    redis.kill();
    assert_eq!(fail(&app, "ada@example.com").await, 429, "no new allowance, and no failure either");
    app.wait(Duration::from_hours(1));
    assert_eq!(fail(&app, "ada@example.com").await, 401);
    app.stop().await;
}

#[tokio::test]
async fn a_redis_that_hangs_holds_nobody_up_for_long_and_only_once() {
    let redis = RedisServer::start();
    let app = TestApp::with(&["--redis-url", &redis.url(), "--rate-limit", "3/1h"]).await;
    assert_eq!(fail(&app, "ada@example.com").await, 401);
    redis.pause();
    for status in [401, 401, 429] {
        assert_eq!(fail(&app, "ada@example.com").await, status, "what Redis has counted is known here");
    }
    redis.resume();
    // There, what was counted while it was away is not known.
    eventually("Redis counts again", async || (fail(&app, "ada@example.com").await != 429).then_some(())).await;
    app.stop().await;
}
