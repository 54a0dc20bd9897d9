//! Ten thousand emails wait: what would write one more is refused, and nothing of it is done.

use super::{
    Browser, NEW, asked, code, email,
    email_change::{app_with, post, profile},
    link, token,
};
use crate::support::{PASSWORD, TestApp, eventually};
use serde_json::{Value, json};

/// Ten thousand emails wait from now on.
pub async fn fill(app: &TestApp) {
    fill_but(app, 0).await;
}

/// Fills it but for so many emails.
async fn fill_but(app: &TestApp, left: i64) {
    let database = app.database().connect().await;
    eventually("nothing waits", async || {
        let sql = "SELECT COUNT(*) FROM outbox WHERE outcome IS NULL";
        let (waiting,): (i64,) = sqlx::query_as(sql).fetch_one(&database).await.unwrap();
        (waiting == 0).then_some(())
    })
    .await;
    let sql = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $3)
               INSERT INTO outbox (id, kind, language, email, number, facts, created_at, useful_until, next_try_at)
               SELECT CAST(n AS TEXT), 'test', 'en', 'waits@example.com', 1, '{}', $1, $2, $2 FROM numbers";
    let query = sqlx::query(sql).bind(app.now()).bind(app.now() + 3_600_000).bind(10_000 - left);
    query.execute(&database).await.unwrap();
    database.close().await;
}

/// They wait no more.
pub async fn drain(app: &TestApp) {
    let database = app.database().connect().await;
    sqlx::query("DELETE FROM outbox WHERE kind = 'test'").execute(&database).await.unwrap();
    database.close().await;
}

#[tokio::test]
async fn nothing_is_changed_that_nobody_would_be_told_of() {
    let (app, [ada]) = app_with(["ada@example.com"], &[]).await;
    fill(&app).await;
    let calls = [
        ("/api/profile/password", json!({"current_password": PASSWORD, "new_password": NEW})),
        ("/api/profile/email", json!({"email": "new@example.com"})),
        ("/api/profile/delete", json!({})),
        ("/api/profile/export", json!({})),
    ];
    for (path, body) in calls {
        let refused = post(&app, &ada, path, body).await;
        let (status, body): (u16, Value) = (refused.status().as_u16(), refused.json().await.unwrap());
        assert_eq!((status, &body["code"]), (503, &json!("OVERLOADED")), "{path}");
    }
    let asked = app.post("/api/forgot-password").json(&json!({"email": "ada@example.com"})).send().await.unwrap();
    assert_eq!(asked.status(), 503);
    assert_eq!(
        app.login("ada@example.com", PASSWORD).await.status(),
        200,
        "the password is the old one, the account stays"
    );
    assert_eq!(profile(&app, &ada).await["new_email"], Value::Null);
    app.stop().await;
}

#[tokio::test]
async fn a_right_code_that_could_not_be_followed_is_not_a_wrong_one() {
    let (app, _) = app_with(["ada@example.com"], &[]).await;
    let mut ada = Browser::default();
    asked(&mut ada, &app, "/api/forgot-password", json!({"email": "ada@example.com"})).await;
    let body = json!({"code": code(&email(&app, "ada@example.com", "reset", 1).await), "new_password": NEW});
    fill(&app).await;
    for time in 1..=6 {
        let (status, refused) = ada.post(&app, "/api/reset-password", body.clone()).await;
        assert_eq!((status, &refused["code"]), (503, &json!("OVERLOADED")), "the {time}. time");
    }
    drain(&app).await;
    assert_eq!(ada.post(&app, "/api/reset-password", body).await.0, 204);
    app.stop().await;
}

#[tokio::test]
async fn what_writes_several_emails_is_not_done_where_not_all_of_them_fit() {
    let (app, [ada]) = app_with(["ada@example.com"], &[]).await;
    email(&app, "ada@example.com", "new_device", 1).await;
    assert_eq!(post(&app, &ada, "/api/profile/email", json!({"email": "eve@evil.example"})).await.status(), 202);
    let code = json!({"code": code(&email(&app, "eve@evil.example", "email_confirm", 1).await)});
    fill_but(&app, 1).await;
    assert_eq!(post(&app, &ada, "/api/profile/email/confirm", code.clone()).await.status(), 503);
    assert_eq!(profile(&app, &ada).await["email"], "ada@example.com");
    drain(&app).await;
    assert_eq!(post(&app, &ada, "/api/profile/email/confirm", code).await.status(), 200);

    let told = link(&app, &email(&app, "ada@example.com", "email_changed", 1).await);
    let answer = json!({"token": token(&told), "answer": "not_me"});
    for left in [1, 2] {
        fill_but(&app, left).await;
        let (status, refused) = Browser::default().post(&app, "/api/secure", answer.clone()).await;
        assert_eq!((status, &refused["code"]), (503, &json!("OVERLOADED")), "{left}");
        assert_eq!(profile(&app, &ada).await["email"], "eve@evil.example", "nobody is signed out");
        drain(&app).await;
    }
    assert_eq!(Browser::default().post(&app, "/api/secure", answer).await.0, 200, "the link was not used up");
    email(&app, "ada@example.com", "reset", 1).await;
    app.stop().await;
}
