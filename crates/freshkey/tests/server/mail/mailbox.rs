//! `FRESHKEY_MAIL=dev`: the mailbox that a developer reads.

use super::ask;
use crate::support::{TestApp, eventually};
use serde_json::Value;

async fn emails(app: &TestApp) -> Vec<Value> {
    let answer = app.get("/dev/mailbox").header("accept", "application/json").send().await.unwrap();
    assert_eq!(
        (answer.status(), &answer.headers()["cache-control"]),
        (200.try_into().unwrap(), &"no-store".parse().unwrap())
    );
    answer.json().await.unwrap()
}

async fn has(app: &TestApp, count: usize) -> Vec<Value> {
    eventually("emails", async || Some(emails(app).await).filter(|emails| emails.len() == count)).await
}

#[tokio::test]
async fn emails_are_kept_and_shown_the_newest_first() {
    let app = TestApp::with(&["--mail", "dev"]).await;
    assert!(emails(&app).await.is_empty());
    ask(&app, "ada@example.com").await;
    has(&app, 1).await;
    ask(&app, "bob@example.com").await;
    let [newest, oldest] = has(&app, 2).await.try_into().unwrap();
    assert_eq!((&newest["to"], &oldest["to"]), (&"bob@example.com".into(), &"ada@example.com".into()));
    assert_eq!((&newest["kind"], &newest["language"]), (&"register".into(), &"en".into()));
    assert_eq!(newest["sent_at"], app.now());
    assert_eq!(newest["headers"]["Message-ID"], format!("<{}@localhost>", newest["id"].as_str().unwrap()));
    let text = newest["text"].as_str().unwrap();
    assert!(text.contains(&format!("{}/register/finish?t=", app.origin)), "{text}");

    let app = app.restart(&["--mail", "dev", "--origin", "http://localhost:9"]).await;
    assert_eq!(emails(&app).await, [newest, oldest], "they outlive a restart");
    app.stop().await;
}

#[tokio::test]
async fn the_page_shows_an_email_without_trusting_it() {
    let app = TestApp::with(&["--mail", "dev"]).await;
    ask(&app, "ada@example.com").await;
    let email = has(&app, 1).await.pop().unwrap();
    let page = app.get("/dev/mailbox").header("accept", "text/html").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'nonce-") && !policy.contains("unsafe"), "{policy}");
    let page = page.text().await.unwrap();
    let id = email["id"].as_str().unwrap();
    assert!(page.contains("ada@example.com") && page.contains(email["subject"].as_str().unwrap()), "{page}");
    let frame = page.split("<iframe ").nth(1).unwrap().split('>').next().unwrap();
    assert!(frame.contains(&format!("src=\"/dev/mailbox/{id}\"")), "{frame}");
    assert!(frame.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""), "{frame}");

    let inside = app.get(&format!("/dev/mailbox/{id}")).send().await.unwrap();
    let policy = inside.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'unsafe-inline'; ") && policy.contains("sandbox"),
        "{policy}"
    );
    assert!(!policy.contains("script-src") && inside.text().await.unwrap().contains("<base target=\"_blank\">"));
    assert_eq!(app.get("/dev/mailbox/other").send().await.unwrap().status(), 404);
    app.stop().await;
}

#[tokio::test]
async fn it_is_there_only_for_a_developer() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/dev/mailbox").send().await.unwrap().status(), 404);
    app.stop().await;
    let app = TestApp::with(&["--mail", "dev"]).await;
    // A site whose name leads here (DNS rebinding) is told nothing.
    for path in ["/dev/mailbox", "/dev/mailbox/x"] {
        let answer = app.get(path).header("host", "evil.example").send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
    app.stop().await;
}
