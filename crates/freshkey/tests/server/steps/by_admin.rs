//! A reset that an administrator begins for somebody. No browser has asked for a code, so the email has none.

use super::{
    Browser, NEW, TestApp, email,
    email_change::{app_with, post},
    full::fill,
    link, token,
};
use crate::support::{HtmlForm, PASSWORD, Signed, eventually, signed};
use serde_json::{Value, json};

const ACCOUNTS: [&str; 2] = ["root@example.org", "ada@example.com"];

async fn make_admin(app: &TestApp) -> String {
    let pool = app.database().connect().await;
    sqlx::query("UPDATE users SET role = 'admin' WHERE email = $1").bind(ACCOUNTS[0]).execute(&pool).await.unwrap();
    let sql = "SELECT id FROM users WHERE email = $1";
    let (ada,): (String,) = sqlx::query_as(sql).bind(ACCOUNTS[1]).fetch_one(&pool).await.unwrap();
    pool.close().await;
    ada
}

#[tokio::test]
async fn the_password_stops_working_and_only_the_email_leads_to_another() {
    let (app, [root, ada]) = app_with(ACCOUNTS, &[]).await;
    let id = make_admin(&app).await;
    let answer = post(&app, &root, "/api/admin/users/start-reset", json!({"id": id, "lock": true})).await;
    assert_eq!(answer.status(), 202);
    assert_eq!(answer.json::<Value>().await.unwrap()["status"], "check_mail");
    assert_eq!(app.protected(&ada.access).await.status(), 401);
    assert_eq!(app.refresh(&ada.cookie).await.reason(), "password_changed");
    assert_eq!(app.login(ACCOUNTS[1], PASSWORD).await.status(), 401);

    let email = email(&app, ACCOUNTS[1], "reset", 1).await;
    says_only_what_works(&email, "turned off your password");
    // As the person does it: the link, its page, a password.
    let mut reader = Browser::default();
    assert_eq!(reader.open(&app, &link(&app, &email)).await, (303, "/reset".to_owned()));
    let (_, page) = reader.open(&app, "/reset").await;
    assert!(page.contains(ACCOUNTS[1]), "{page}");
    let form = HtmlForm::find(&page, "/api/reset-password");
    assert_eq!(reader.submit(&app, &form.with("new_password", NEW)).await, "/login");
    let answer = app.login(ACCOUNTS[1], NEW).await;
    assert_eq!(answer.status(), 200);
    is_noted(&app, &signed(answer).await).await;
    app.stop().await;
}

/// The user reads that it was begun, and nothing of the administrator's device.
async fn is_noted(app: &TestApp, ada: &Signed) {
    let begun = eventually("the activity tells of it", async || {
        let answer = app.get("/api/activity").bearer_auth(&ada.access).send().await.unwrap();
        let items: Vec<Value> = answer.json().await.unwrap();
        items.into_iter().find(|item| item["event"] == "reset_started_by_admin")
    })
    .await;
    assert_eq!((&begun["ip"], &begun["user_agent"]), (&Value::Null, &Value::Null), "{begun}");
}

/// There is no code in it, and nothing of the administrator's device.
pub fn says_only_what_works(email: &Value, sentence: &str) {
    assert_eq!(email["subject"], "Choose a new password");
    for part in ["text", "html"] {
        let text = email[part].as_str().unwrap();
        assert!(text.contains(sentence) && !text.contains("code"), "{text}");
        assert!(!text.contains("IP address") && !text.contains("Device"), "{text}");
    }
}

#[tokio::test]
async fn without_a_lock_the_password_works_until_there_is_another() {
    let (app, [root, ada]) = app_with(ACCOUNTS, &[]).await;
    let id = make_admin(&app).await;
    let answer = post(&app, &root, "/api/admin/users/start-reset", json!({"id": id})).await;
    assert_eq!(answer.status(), 202);
    let email = email(&app, ACCOUNTS[1], "reset", 1).await;
    says_only_what_works(&email, "the one you have still works");
    is_noted(&app, &ada).await;
    assert_eq!(app.protected(&ada.access).await.status(), 200);
    assert_eq!(app.login(ACCOUNTS[1], PASSWORD).await.status(), 200);
    let by_link = json!({"token": token(&link(&app, &email)), "new_password": NEW});
    assert_eq!(Browser::default().post(&app, "/api/reset-password", by_link).await.0, 204);
    assert_eq!(app.login(ACCOUNTS[1], PASSWORD).await.status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn without_script_the_administrator_comes_back_to_the_account() {
    let (app, [root, _ada]) = app_with(ACCOUNTS, &[]).await;
    let id = make_admin(&app).await;
    let next = format!("/app/admin/users/{id}?done=reset");
    let form = [("id", id.as_str()), ("next", &next), ("_csrf", &root.csrf)];
    let request = app.post("/api/admin/users/start-reset").header("cookie", format!("refresh={}", root.cookie));
    let answer = request.header("accept", "text/html").form(&form).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, next.as_str()));
    app.stop().await;
}

#[tokio::test]
async fn without_the_email_the_password_works_on() {
    let (app, [root, ada]) = app_with(ACCOUNTS, &[]).await;
    let id = make_admin(&app).await;
    fill(&app).await;
    let refused = post(&app, &root, "/api/admin/users/start-reset", json!({"id": id, "lock": true})).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(app.protected(&ada.access).await.status(), 200);
    assert_eq!(app.login(ACCOUNTS[1], PASSWORD).await.status(), 200);
    app.stop().await;
}
