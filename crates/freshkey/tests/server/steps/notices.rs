//! Emails that tell of something by themselves: how many there may be, and that an answer to one is done as a whole.

use super::{
    Browser, NEW, PASSWORD, TestApp, email,
    email_change::{app_with, change, post, profile},
    link, mailbox, token,
};
use serde_json::json;
use std::time::Duration;

const OLD: &str = "ada@example.com";

async fn count(app: &TestApp, kind: &str) -> usize {
    mailbox(app, OLD).await.iter().filter(|email| email["kind"] == kind).count()
}

#[tokio::test]
async fn sign_ins_are_told_five_times_a_day_and_ten_minutes_apart_and_changes_always() {
    let (app, [_]) = app_with([OLD], &[]).await;
    for told in [1, 2, 3, 4, 5, 5, 5] {
        for _ in 0..2 {
            app.sign_in(OLD).await;
        }
        email(&app, OLD, "new_device", told).await;
        app.wait(Duration::from_mins(11));
    }
    let ada = app.sign_in(OLD).await;
    change(&app, &ada, "ada@new.example").await;
    email(&app, OLD, "email_changed", 1).await;
    assert_eq!(count(&app, "new_device").await, 5);
    app.stop().await;
}

#[tokio::test]
async fn an_account_changes_twenty_times_a_day() {
    let (app, [ada]) = app_with([OLD], &["--session-rate-limit", "off", "--rate-limit", "off"]).await;
    for n in 0..20 {
        change(&app, &ada, ["one@example.com", "two@example.com"][n % 2]).await;
    }
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    assert_eq!(post(&app, &ada, "/api/profile/password", body).await.status(), 429);
    assert_eq!(app.login("two@example.com", PASSWORD).await.status(), 200, "nothing was changed");
    app.stop().await;
}

#[tokio::test]
async fn where_no_email_can_be_written_nothing_is_done() {
    let (app, [ada]) = app_with([OLD], &[]).await;
    change(&app, &ada, "eve@evil.example").await;
    let told = email(&app, OLD, "email_changed", 1).await;
    let link = link(&app, &told);
    let body = json!({"token": token(&link), "answer": "not_me"});
    let pool = app.database().connect().await;
    let fill = "INSERT INTO outbox (id, kind, language, email, number, facts, created_at, useful_until, next_try_at)
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
                SELECT CAST(i AS TEXT), 'test', 'en', 'x@example.com', 1, '{}', 0, 9000000000000, 9000000000000 FROM n";
    sqlx::query(fill).execute(&pool).await.unwrap();
    let mut reader = Browser::default();
    let (status, refused) = reader.post(&app, "/api/secure", body.clone()).await;
    assert_eq!((status, &refused["code"]), (503, &json!("OVERLOADED")));
    assert_eq!(app.protected(&ada.access).await.status(), 200, "nobody is signed out");
    assert_eq!(profile(&app, &ada).await["email"], "eve@evil.example");
    assert_eq!(app.login("eve@evil.example", PASSWORD).await.status(), 200);
    assert_eq!(post(&app, &ada, "/api/profile/export", json!({})).await.status(), 503);

    sqlx::query("DELETE FROM outbox WHERE email = 'x@example.com'").execute(&pool).await.unwrap();
    pool.close().await;
    assert_eq!(reader.post(&app, "/api/secure", body).await.0, 200, "the link was not used up");
    email(&app, OLD, "reset", 1).await;
    app.stop().await;
}
