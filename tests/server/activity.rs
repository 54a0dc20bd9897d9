//! What a user may read of what happened to the account.

use crate::support::{GRACE, Signed, TestApp};
use serde_json::Value;

/// The events, the newest first, once there are `count` of them: they are written beside the answers.
async fn events(app: &TestApp, session: &Signed, count: usize) -> Vec<String> {
    loop {
        let answer = app.get("/api/activity").bearer_auth(&session.access).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let items: Vec<Value> = answer.json().await.unwrap();
        if items.len() >= count {
            return items.iter().map(|item| item["event"].as_str().unwrap().to_owned()).collect();
        }
    }
}

#[tokio::test]
async fn sign_ins_and_refusals_are_there_and_somebody_elses_are_not() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.register("bob@example.com").await;
    app.login("ADA@example.com", "a wrong brown horse").await;
    app.login("nobody@example.com", "a wrong brown horse").await;
    assert_eq!(events(&app, &session, 2).await, ["sign_in_refused", "signed_in"]);
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
    let events = events(&app, &mine, 4).await;
    assert_eq!(events[..2], ["refresh_token_replayed", "lost_answer_recovered"]);
    app.stop().await;
}

#[tokio::test]
async fn the_page_says_it_in_words() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    events(&app, &session, 1).await;
    let page = app.get("/app/security").header("cookie", format!("refresh={}", session.cookie));
    let html = page.send().await.unwrap().text().await.unwrap();
    assert!(
        html.contains("Signed in") && html.contains(r#"href="/app/security" aria-current="page">Security<"#),
        "{html}"
    );
    let nobody = app.get("/app/security").header("accept", "text/html").send().await.unwrap();
    assert_eq!(nobody.headers()["location"], "/login?next=%2Fapp%2Fsecurity");
    app.stop().await;
}
