//! An account that the operator deletes, or begins a reset for: as its user or an administrator would.

use super::Operator;
use crate::{
    steps::{
        email,
        email_change::{app_with, post},
    },
    support::{Browser, PASSWORD, TestApp},
};
use serde_json::json;
use std::time::Duration;

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn the_user_is_told_of_the_deletion_with_an_undo() {
    let (app, [ada]) = app_with([ADA], &[]).await;
    let operator = Operator::of(app.database());
    operator.does(&["users", "delete", ADA, "--mail", "dev"], "").await;
    assert_eq!(super::over(&app, &ada.access).await, "deleted");
    // The operator's clock is not the test's, which stands still.
    app.wait(Duration::from_mins(10));
    let told = email(&app, ADA, "deletion_asked", 1).await;
    let text = told["text"].as_str().unwrap();
    assert!(text.contains("An administrator asked") && text.contains("You didn't ask for it?"), "{text}");
    let token = text.split("/secure?t=").nth(1).expect("a link").split_whitespace().next().unwrap();
    let answer = json!({"token": token, "answer": "not_me"});
    assert_eq!(Browser::default().post(&app, "/api/secure", answer).await.0, 200);
    assert_eq!(operator.reads(&["users", "list", "--json"]).await[0]["email"], ADA);
    operator.may_not(&["users", "keep", ADA], "").await;
    app.stop().await;
}

#[tokio::test]
async fn without_a_delay_the_account_is_gone_at_once() {
    let app = TestApp::start().await;
    let operator = Operator::of(app.database());
    app.register(ADA).await;
    let said = operator.does(&["users", "delete", ADA, "--delete-after", "0s"], "").await;
    assert!(said.contains("is deleted, 1 session ended"), "{said}");
    assert_eq!(operator.reads(&["users", "list", "--json"]).await, json!([]));
    app.register(ADA).await;
    app.stop().await;
}

#[tokio::test]
async fn a_disabled_account_is_sent_no_reset() {
    let app = TestApp::start().await;
    let operator = Operator::of(app.database());
    app.register(ADA).await;
    operator.does(&["users", "disable", ADA], "").await;
    let said = operator.may_not(&["users", "start-reset", ADA, "--mail", "dev"], "").await;
    assert!(said.contains("is disabled"), "{said}");
    let database = app.database().connect().await;
    let (written,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM outbox").fetch_one(&database).await.unwrap();
    database.close().await;
    assert_eq!(written, 0);
    assert_eq!(app.login(ADA, PASSWORD).await.status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn a_language_that_is_not_offered_any_more_is_not_written_in() {
    let (app, [ada]) = app_with([ADA], &[]).await;
    assert_eq!(post(&app, &ada, "/api/profile/language", json!({"language": "fr"})).await.status(), 200);
    let operator = Operator::of(app.database());
    // By the second one the test's clock is ahead of the operator's: the email may be on its way already, and by another
    // minute whoever sends it would have lost it.
    for (count, languages, written, wait) in [(1, "en,fr", "fr", 60), (2, "de,en", "de", 1)] {
        let command = ["users", "start-reset", ADA, "--mail", "dev", "--languages", languages];
        operator.does(&command, "").await;
        app.wait(Duration::from_secs(wait));
        assert_eq!(email(&app, ADA, "reset", count).await["language"], written);
    }
    app.stop().await;
}
