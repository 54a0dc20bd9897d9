//! What a user may read of what happened to the account.

use crate::support::{GRACE, PASSWORD, Signed, TestApp, at_once, eventually};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn items(app: &TestApp, session: &Signed) -> Vec<Value> {
    let answer = app.get("/api/activity").bearer_auth(&session.access).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// The items, the newest first, once they are as `expected`: they are written beside the answers.
async fn items_once(app: &TestApp, session: &Signed, expected: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    eventually("the events are written", async || {
        let items = items(app, session).await;
        expected(&items).then_some(items)
    })
    .await
}

/// The events, the newest first, once there are `count` of them.
async fn events(app: &TestApp, session: &Signed, count: usize) -> Vec<String> {
    let items = items_once(app, session, |items| items.len() >= count).await;
    items.iter().map(|item| item["event"].as_str().unwrap().to_owned()).collect()
}

fn counts(items: &[Value], event: &str) -> Vec<u64> {
    items.iter().filter(|item| item["event"] == event).map(|item| item["count"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn sign_ins_and_refusals_are_there_and_somebody_elses_are_not() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.register("bob@example.com").await;
    app.login("ADA@example.com", "a wrong brown horse").await;
    app.login("nobody@example.com", "a wrong brown horse").await;
    assert_eq!(events(&app, &session, 3).await, ["sign_in_refused", "signed_in", "registered"]);
    let methods: Vec<_> = items(&app, &session).await.iter().map(|item| item["method"].clone()).collect();
    assert_eq!(methods, [Value::Null, json!("password"), Value::Null]);
    app.stop().await;
}

#[tokio::test]
async fn a_replay_and_a_lost_answer_are_there() {
    let app = TestApp::start().await;
    let (mine, thiefs) = (app.register("ada@example.com").await, app.sign_in("ada@example.com").await);
    app.wait(GRACE);
    app.refresh(&thiefs.cookie).await;
    app.wait(GRACE);
    // Its answer was lost, as far as anybody knows.
    let second = app.refresh(&thiefs.cookie).await.cookie.unwrap();
    app.wait(GRACE);
    app.refresh(&second).await;
    app.wait(GRACE);
    assert_eq!(app.refresh(&thiefs.cookie).await.reason(), "replay");
    let events = events(&app, &mine, 5).await;
    assert_eq!(events[..2], ["refresh_token_replayed", "lost_answer_recovered"]);
    app.stop().await;
}

#[tokio::test]
async fn the_page_says_it_in_words() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    events(&app, &session, 2).await;
    let page = app.get("/app/security").header("cookie", format!("refresh={}", session.cookie));
    let html = page.send().await.unwrap().text().await.unwrap();
    assert!(html.contains("Signed in") && html.contains(r#"href="/app/security" aria-current="page""#), "{html}");
    let nobody = app.get("/app/security").header("accept", "text/html").send().await.unwrap();
    assert_eq!(nobody.headers()["location"], "/login?next=%2Fapp%2Fsecurity");
    app.stop().await;
}

#[tokio::test]
async fn a_hundred_refusals_are_one_line_and_push_nothing_out() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "off"]).await;
    let session = app.register("ada@example.com").await;
    for _ in 0..130 {
        assert_eq!(app.login("ada@example.com", "a wrong brown horse").await.status(), 401);
    }
    let items = items_once(&app, &session, |items| counts(items, "sign_in_refused") == [130]).await;
    assert_eq!(items.len(), 3);
    assert_eq!((&items[1]["event"], &items[1]["count"]), (&json!("signed_in"), &json!(1)));
    let page = app.get("/app/security").header("cookie", format!("refresh={}", session.cookie));
    assert!(page.send().await.unwrap().text().await.unwrap().contains("130 times that day"));
    app.wait(Duration::from_hours(24));
    let session = app.sign_in("ada@example.com").await;
    app.login("ada@example.com", "a wrong brown horse").await;
    items_once(&app, &session, |items| counts(items, "sign_in_refused") == [1, 130]).await;
    app.stop().await;
}

/// Neither do sign-ins, nor refusals that are spread over months.
#[tokio::test]
async fn what_matters_stays_among_many_sign_ins() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    events(&app, &session, 2).await;
    let database = app.database().connect().await;
    // What anybody can make happen to anybody, day after day.
    let often = [
        "signed_in",
        "sign_in_refused",
        "lost_answer_recovered",
        "password_reset_asked",
        "sign_in_code_sent",
        "second_factor_refused",
        "passkey_refused",
    ];
    for n in 0..600 {
        let event = often[n % often.len()];
        let sql = "INSERT INTO activity (id, user_id, event, at) SELECT $1, id, $2, $3 FROM users";
        let (id, at) = (format!("n{n}"), app.now() + i64::try_from(n).unwrap());
        sqlx::query(sql).bind(id).bind(event).bind(at).execute(&database).await.unwrap();
    }
    let sql = "INSERT INTO activity (id, user_id, event, at) SELECT 'x', id, 'password_changed', $1 FROM users";
    sqlx::query(sql).bind(app.now() - 1).execute(&database).await.unwrap();
    database.close().await;
    let items = items(&app, &session).await;
    assert_eq!(items.len(), 100);
    assert_eq!(items.last().unwrap()["event"], "password_changed");
    assert!(items.is_sorted_by_key(|item| std::cmp::Reverse(item["at"].as_i64())));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_lost_answer_is_one_line_however_often_it_is_asked_for_at_once() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    assert_eq!(app.refresh(&session.cookie).await.status, 200);
    app.wait(GRACE);
    let refresh = || app.post("/api/refresh-token").header("cookie", format!("refresh={}", session.cookie));
    for (_, answer) in at_once((0..16).map(|_| refresh()).collect()).await {
        assert_eq!(answer.status(), 200);
    }
    // What was noted before it is written before it.
    app.login("ada@example.com", "a wrong brown horse").await;
    let items = items_once(&app, &session, |items| counts(items, "sign_in_refused") == [1]).await;
    assert_eq!(counts(&items, "lost_answer_recovered"), [1]);
    app.stop().await;
}

/// What a refused sign-in leaves for the database to do is alike, so that others wait for it alike.
#[tokio::test]
async fn a_refusal_is_written_whether_or_not_there_is_somebody_to_read_it() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    app.register("disabled@example.com").await;
    let database = app.database().connect().await;
    let sql = "UPDATE users SET disabled_at = 1 WHERE email = 'disabled@example.com'";
    sqlx::query(sql).execute(&database).await.unwrap();
    let written = async || -> i64 {
        let sql = "SELECT CAST((SELECT COALESCE(SUM(count), 0) FROM activity WHERE event = 'sign_in_refused')
                             + (SELECT COALESCE(SUM(count), 0) FROM activity_of_nobody) AS BIGINT)";
        sqlx::query_scalar(sql).fetch_one(&database).await.unwrap()
    };
    let attempts = [
        ("ada@example.com", "a wrong brown horse"),
        ("nobody@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("disabled@example.com", PASSWORD),
        ("disabled@example.com", "a wrong brown horse"),
    ];
    for (count, (email, password)) in (1..).zip(attempts) {
        assert_eq!(app.login(email, password).await.status(), 401);
        let end = Instant::now() + Duration::from_secs(10);
        while written().await < count {
            assert!(Instant::now() < end, "{email}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(written().await, count, "{email}");
    }
    database.close().await;
    app.stop().await;
}
