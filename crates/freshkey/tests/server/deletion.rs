//! Deleting one's account, keeping it after all, and the file of one's data.

use crate::support::{Browser, PASSWORD, Signed, TestApp, eventually, signed};
use freshkey::{app::types::Millis, server::auth::clean_removals};
use reqwest::Response;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::time::Duration;

async fn post(app: &TestApp, signed: &Signed, path: &str, body: Value) -> Response {
    let request = app.post(path).bearer_auth(&signed.access).header("x-csrf-token", &signed.csrf);
    request.json(&body).send().await.unwrap()
}

/// The rows of a table.
async fn count(app: &TestApp, table: &str) -> i64 {
    let pool = app.database().connect().await;
    let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(&pool).await.unwrap();
    pool.close().await;
    count
}

#[tokio::test]
async fn a_deleted_account_is_kept_by_signing_in_or_removed_with_all_that_names_it() {
    let app = TestApp::start().await;
    let begun = app.register("ada@example.com").await;
    let note = json!({"id": "0198c0de-0000-7000-8000-000000000001", "text": "buy bread"});
    assert!(post(&app, &begun, "/api/notes", note).await.status().is_success());
    let export = post(&app, &begun, "/api/profile/export", json!({})).await;
    assert!(export.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let file: Value = export.json().await.unwrap();
    assert_eq!(
        (&file["format"], &file["tables"]["notes"][0]["text"]),
        (&json!("freshkey-export/1"), &json!("buy bread"))
    );
    assert!(!file.to_string().contains("argon2"), "no hash");

    let answer = post(&app, &begun, "/api/profile/delete", json!({})).await;
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["delete_at"], app.now() + 7 * 24 * 60 * 60 * 1000);
    assert_eq!(app.refresh(&begun.cookie).await.reason(), "deleted");
    let mut ada = Browser::default();
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    let (status, step) = ada.post(&app, "/api/login", login.clone()).await;
    assert_eq!((status, &step["status"], &step["delete_at"]), (202, &json!("deletion_pending"), &answer["delete_at"]));
    let keep = json!({"challenge": step["challenge"]});
    assert_eq!(Browser::default().post(&app, "/api/login/keep", keep.clone()).await.0, 403, "another browser");
    let (status, kept) = ada.post(&app, "/api/login/keep", keep).await;
    assert_eq!((status, &kept["user"]["email"]), (200, &json!("ada@example.com")));
    let again = signed(app.login("ada@example.com", PASSWORD).await).await;
    assert_eq!(post(&app, &again, "/api/profile/delete", json!({})).await.status(), 200);
    app.wait(Duration::from_hours(7 * 24) - Duration::from_secs(1));
    let (status, step) = ada.post(&app, "/api/login", login).await;
    assert_eq!(status, 202, "a moment before its time");
    let keep = json!({"challenge": step["challenge"]});
    let store = app.store().await;
    clean_removals::remove_due(&store, None, Millis(app.now())).await.unwrap();
    assert_eq!(count(&app, "users").await, 1, "not before its time");
    app.wait(Duration::from_secs(1));
    let (status, over) = ada.post(&app, "/api/login/keep", keep).await;
    assert_eq!((status, &over["code"]), (403, &json!("CHALLENGE_OVER")), "its time has come");
    eventually("it is removed", async || (count(&app, "users").await == 0).then_some(())).await;
    store.close().await;
    for table in ["users", "sessions", "activity", "notes", "challenges"] {
        assert_eq!(count(&app, table).await, 0, "{table}");
    }
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 401);
    app.register("ada@example.com").await;
    app.stop().await;
}

#[tokio::test]
async fn the_file_has_every_table_with_the_users_id_and_of_nobody_else() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.register("ada@example.com").await, app.register("eve@example.com").await);
    post(&app, &eve, "/api/notes", json!({"text": "eve's own"})).await;
    post(&app, &ada, "/api/notes", json!({"text": "buy \"bread\""})).await;
    assert_eq!(post(&app, &ada, "/api/factors/totp", json!({})).await.status(), 201);
    let pool = app.database().connect().await;
    let sql = "INSERT INTO trusted_devices SELECT id, 'digest', 1, 7 FROM users WHERE email_key = 'ada@example.com'";
    sqlx::query(sql).execute(&pool).await.unwrap();
    pool.close().await;
    let file: Value = post(&app, &ada, "/api/profile/export", json!({})).await.json().await.unwrap();
    assert_eq!(file["tables"]["notes"].as_array().map(Vec::len), Some(1));
    let store = app.store().await;
    let tables = store.tables_of_users().await.unwrap();
    store.close().await;
    assert!(
        ["activity", "notes", "sessions"].iter().all(|table| tables.iter().any(|name| name == table)),
        "{tables:?}"
    );
    for table in tables {
        let ours = ["factors", "outbox", "recovery_codes"].contains(&table.as_str());
        assert!(ours || file[&table].is_array() || file["tables"][&table].is_array(), "{table} is in the file");
    }
    assert_eq!(file["challenges"][0]["kind"], "totp");
    assert_eq!(file["trusted_devices"][0]["until"], 7);
    assert!(file["factors"]["totp"].is_array() && file["factors"]["recovery_codes"]["left"] == 0);
    assert!(!file.to_string().contains("eve@"));
    for _ in 1..5 {
        assert_eq!(post(&app, &ada, "/api/profile/export", json!({})).await.status(), 200);
    }
    assert_eq!(post(&app, &ada, "/api/profile/export", json!({})).await.status(), 429, "five a day");
    app.stop().await;
}

#[tokio::test]
async fn the_only_administrator_is_not_deleted() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    let pool = app.database().connect().await;
    sqlx::query("UPDATE users SET role = 'admin'").execute(&pool).await.unwrap();
    pool.close().await;
    let refused = post(&app, &ada, "/api/profile/delete", json!({})).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(app.protected(&ada.access).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn without_a_delay_everything_is_gone_at_once() {
    let app = TestApp::with(&["--delete-after", "0s"]).await;
    let ada = app.register("ada@example.com").await;
    assert_eq!(post(&app, &ada, "/api/profile/delete", json!({})).await.status(), 200);
    assert_eq!((count(&app, "users").await, count(&app, "sessions").await), (0, 0));
    app.register("ada@example.com").await;
    app.stop().await;
}
