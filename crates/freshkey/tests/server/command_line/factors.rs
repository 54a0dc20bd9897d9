//! An account whose user has lost every second step, or the password.

use super::Operator;
use crate::{
    steps::{NEW, by_admin::says_only_what_works, email, email_change::app_with, link, token},
    support::{Browser, PASSWORD, TestApp},
    two_step::add,
};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn the_operator_removes_what_is_lost_and_the_user_is_told_with_an_undo() {
    let (app, [ada]) = app_with(["ada@example.com"], &[]).await;
    add(&app, &ada).await;
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 202);
    let operator = Operator::of(app.database());
    let command = ["users", "remove-factors", "ada@example.com", "--mail", "dev"];
    operator.does(&command, "").await;
    assert_eq!(super::over(&app, &ada.access).await, "factors_changed");
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200);
    // The operator's clock is not the test's, which stands still.
    app.wait(Duration::from_mins(10));
    let told = told(&app).await;
    assert!(told.contains("/secure?t="), "{told}");
    let token = told.split("/secure?t=").nth(1).unwrap().split_whitespace().next().unwrap();
    let answer = json!({"token": token, "answer": "not_me"});
    assert_eq!(Browser::default().post(&app, "/api/secure", answer).await.0, 200);
    operator.may_not(&["users", "remove-factors", "nobody@example.com"], "").await;
    app.stop().await;
}

#[tokio::test]
async fn the_operator_has_an_email_sent_whose_link_leads_to_another_password() {
    let (app, [_]) = app_with(["ada@example.com"], &[]).await;
    let operator = Operator::of(app.database());
    operator.does(&["users", "start-reset", "ada@example.com", "--mail", "dev"], "").await;
    app.wait(Duration::from_mins(1));
    let email = email(&app, "ada@example.com", "reset", 1).await;
    says_only_what_works(&email, "the one you have still works");
    let by_link = json!({"token": token(&link(&app, &email)), "new_password": NEW});
    assert_eq!(Browser::default().post(&app, "/api/reset-password", by_link).await.0, 204);
    assert_eq!(app.login("ada@example.com", NEW).await.status(), 200);
    app.stop().await;
}

async fn told(app: &TestApp) -> String {
    email(app, "ada@example.com", "by_admin", 1).await["text"].as_str().unwrap().to_owned()
}
