//! Emails: written with what they tell of, and sent until they arrive.

mod foreign;
mod killed;
mod laws;
mod mailbox;
mod operator;
pub mod own;
pub mod smtp_server;

use crate::support::{Browser, PASSWORD, TestApp, eventually};
use freshkey::server::{
    auth::{
        mail::smtp::{Client, Step},
        secret_text::Secret,
    },
    causes::with_causes,
    settings::{MailTimes, Smtp, SmtpTls},
};
use serde_json::json;
use smtp_server::{Manners, SmtpServer};
use sqlx::FromRow;
use std::time::Duration;

/// More than the first pauses between two tries, each.
const PAUSES: [Duration; 3] = [Duration::from_secs(7), Duration::from_secs(20), Duration::from_secs(80)];

/// An email's row in the outbox.
#[derive(Debug, FromRow)]
struct Row {
    kind: String,
    tries: i64,
    outcome: Option<String>,
    last_error: Option<String>,
    claimed_by: Option<String>,
}

async fn app(server: &SmtpServer) -> TestApp {
    TestApp::with(&["--mail", &server.url(), "--mail-from", "Shop <no-reply@shop.example>"]).await
}

/// Has an email sent, with a code in it.
async fn ask(app: &TestApp, email: &str) {
    let body = json!({"email": email, "password": PASSWORD});
    let answer = app.post("/api/register").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 202);
}

async fn rows(app: &TestApp) -> Vec<Row> {
    let database = app.database().connect().await;
    let sql = "SELECT kind, tries, outcome, last_error, claimed_by FROM outbox WHERE decoy = 0 ORDER BY id";
    let rows = sqlx::query_as(sql).fetch_all(&database).await.unwrap();
    database.close().await;
    rows
}

/// Waits until the only email has failed so often.
async fn failed(app: &TestApp, tries: i64) -> Row {
    eventually(&format!("{tries} tries"), async || {
        let row = rows(app).await.pop()?;
        (row.tries == tries && row.last_error.is_some() && row.claimed_by.is_none()).then_some(row)
    })
    .await
}

/// Waits until each email was tried, of those that are never sent, too.
async fn tried(app: &TestApp) {
    eventually("each was tried", async || {
        let database = app.database().connect().await;
        let sql = "SELECT COUNT(*) FROM outbox WHERE tries = 0 OR claimed_by IS NOT NULL";
        let (waiting,): (i64,) = sqlx::query_as(sql).fetch_one(&database).await.unwrap();
        database.close().await;
        (waiting == 0).then_some(())
    })
    .await;
}

/// Waits until the only email has ended.
async fn ended(app: &TestApp) -> Row {
    eventually("an outcome", async || rows(app).await.pop().filter(|row| row.outcome.is_some())).await
}

#[tokio::test]
async fn an_email_is_sent_at_once_and_once() {
    let server = SmtpServer::start(&[]).await;
    let app = app(&server).await;
    ask(&app, "ada@example.com").await;
    let email = server.has(1).await.pop().unwrap();
    assert_eq!(email.to, "ada@example.com");
    assert_eq!(email.header("To"), "ada@example.com");
    assert_eq!(email.header("From"), "Shop <no-reply@shop.example>");
    let code = email.header("Subject").strip_prefix("Your code: ").unwrap();
    assert!(code.len() == 9 && email.data.contains(&format!("    {code}")), "{email:?}");
    let row = ended(&app).await;
    assert_eq!((row.kind.as_str(), row.outcome.as_deref(), row.tries), ("register", Some("sent"), 1));
    assert_eq!(server.received().len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn what_is_not_taken_is_tried_again_until_it_is() {
    for (manners, fails, error) in [
        (Manners::Busy, 3, "connect: "),
        (Manners::Later, 3, "the email: "),
        // The second time nobody would know, and so it would be the last.
        (Manners::LosesEmail, 1, "the email: "),
        (Manners::Silent, 1, "connect: it did not answer in time"),
        (Manners::Drips, 1, "connect: it did not answer in time"),
    ] {
        let server = SmtpServer::start(&vec![manners; fails]).await;
        let app = app(&server).await;
        ask(&app, "ada@example.com").await;
        for (tries, pause) in (1..).zip(&PAUSES[..fails]) {
            let row = failed(&app, tries).await;
            let said = row.last_error.unwrap();
            assert!(said.starts_with(error) && !said.contains("ada@"), "{manners:?}: {said}");
            assert!(row.outcome.is_none() && server.received().is_empty(), "{manners:?}");
            app.wait(*pause);
        }
        let row = ended(&app).await;
        assert_eq!(row.outcome.as_deref(), Some("sent"), "{manners:?}");
        assert_eq!((usize::try_from(row.tries).unwrap(), server.received().len()), (fails + 1, 1), "{manners:?}");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_mail_server_that_is_away_tells_nobody_who_has_an_account() {
    for (manners, code) in [(Manners::Busy, "INVALID_CODE"), (Manners::NoSuchUser, "CHALLENGE_OVER")] {
        let server = SmtpServer::start(&[manners; 1000]).await;
        let app = TestApp::start().await;
        app.register("ada@example.com").await;
        let app = app.restart(&["--mail", &server.url(), "--mail-from", "no-reply@shop.example"]).await;
        let mut answers = Vec::new();
        for email in ["ada@example.com", "nobody@example.com"] {
            let mut browser = Browser::default();
            let (status, _) = browser.post(&app, "/api/forgot-password", json!({"email": email})).await;
            assert_eq!(status, 202);
            tried(&app).await;
            // Longer than a code works that was sent.
            app.wait(Duration::from_mins(11));
            let body = json!({"code": "00000000", "new_password": "seventeen slow snails"});
            let (status, refused) = browser.post(&app, "/api/reset-password", body).await;
            answers.push((status, refused["code"].clone(), refused["reason"].clone()));
        }
        assert_eq!((answers[0].0, &answers[0].1), (403, &json!(code)), "{manners:?}");
        assert_eq!(answers[0], answers[1], "{manners:?}");
        assert!(server.received().is_empty());
        app.stop().await;
    }
}

#[tokio::test]
async fn an_email_whose_answer_was_lost_has_one_copy_more_and_never_two() {
    for manners in [Manners::LosesAnswer, Manners::SilentInTheEnd] {
        let server = SmtpServer::start(&[manners]).await;
        let app = app(&server).await;
        ask(&app, "ada@example.com").await;
        failed(&app, 1).await;
        app.wait(PAUSES[0]);
        let row = ended(&app).await;
        assert_eq!((row.outcome.as_deref(), row.tries), (Some("sent"), 2), "{manners:?}");
        let [first, second] = server.received().try_into().unwrap();
        assert_eq!(first.header("Message-ID"), second.header("Message-ID"), "{manners:?}");
        assert_eq!(first.header("Date"), second.header("Date"), "{manners:?}");
        assert_eq!(first.header("Subject"), second.header("Subject"), "{manners:?}");
        app.stop().await;
    }
    let server = SmtpServer::start(&[Manners::LosesAnswer; 9]).await;
    let app = app(&server).await;
    ask(&app, "ada@example.com").await;
    for tries in [1, 2] {
        failed(&app, tries).await;
        app.wait(PAUSES[usize::try_from(tries).unwrap() - 1]);
    }
    assert_eq!(ended(&app).await.outcome.as_deref(), Some("given_up"));
    assert_eq!(server.received().len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn what_was_taken_is_sent_whatever_the_connection_does_then() {
    let server = SmtpServer::start(&[Manners::HangsUp]).await;
    let app = app(&server).await;
    ask(&app, "ada@example.com").await;
    let row = ended(&app).await;
    assert_eq!((row.outcome.as_deref(), row.tries), (Some("sent"), 1));
    ask(&app, "bob@example.com").await;
    let emails = server.has(2).await;
    assert_eq!(emails[1].to, "bob@example.com");
    app.stop().await;
}

#[tokio::test]
async fn an_address_that_is_refused_is_not_tried_again() {
    let server = SmtpServer::start(&[Manners::NoSuchUser]).await;
    let app = app(&server).await;
    ask(&app, "ada@example.com").await;
    let row = ended(&app).await;
    assert_eq!((row.outcome.as_deref(), row.tries), (Some("refused"), 1));
    let said = row.last_error.unwrap();
    assert!(said.starts_with("RCPT TO: ") && said.contains("550") && !said.contains("ada@"), "{said}");
    ask(&app, "bob@example.com").await;
    assert_eq!(server.has(1).await[0].to, "bob@example.com", "nobody else's");
    app.stop().await;
}

#[tokio::test]
async fn emails_that_wait_together_share_a_connection() {
    let server = SmtpServer::start(&[Manners::Busy; 12]).await;
    let app = app(&server).await;
    for n in 0..12 {
        ask(&app, &format!("user{n}@example.com")).await;
    }
    eventually("all have failed", async || rows(&app).await.iter().all(|row| row.last_error.is_some()).then_some(()))
        .await;
    let before = server.connections();
    app.wait(PAUSES[0]);
    let mut to: Vec<_> = server.has(12).await.into_iter().map(|email| email.to).collect();
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 12, "each once");
    assert!(server.connections() - before < 12);
    app.stop().await;
}

#[tokio::test]
async fn an_email_whose_use_is_over_is_given_up() {
    let server = SmtpServer::start(&[Manners::Busy]).await;
    let app = app(&server).await;
    ask(&app, "ada@example.com").await;
    failed(&app, 1).await;
    app.wait(Duration::from_hours(25));
    assert_eq!(ended(&app).await.outcome.as_deref(), Some("given_up"));
    assert!(server.received().is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_finishes_the_email_under_way() {
    let server = SmtpServer::start(&[Manners::SilentInTheEnd]).await;
    let app = app(&server).await;
    ask(&app, "ada@example.com").await;
    server.has(1).await;
    // It waits for the answer that does not come, writes that down, and stops.
    let app = app.restart(&["--mail", &server.url(), "--mail-from", "no-reply@shop.example"]).await;
    let row = rows(&app).await.pop().unwrap();
    assert!(row.tries == 1 && row.last_error.is_some(), "{row:?}");
    app.wait(PAUSES[0]);
    assert_eq!(ended(&app).await.outcome.as_deref(), Some("sent"));
    app.stop().await;
}

#[tokio::test]
async fn without_tls_nothing_is_said_to_a_server_elsewhere() {
    let server = SmtpServer::start(&[]).await;
    let (host, port) = (server.address.ip().to_string(), server.address.port());
    let user = Some(("ada".to_owned(), Secret::new("hunter2")));
    for tls in [SmtpTls::StartTls, SmtpTls::Always] {
        let smtp = Smtp { host: host.clone(), port, tls, user: user.clone() };
        let times = MailTimes { connect: Duration::from_secs(2), ..MailTimes::default() };
        let client = Client::new(smtp, "shop.example", times).unwrap();
        let mut steps = Vec::new();
        let error = client.connect(&mut |step, _| steps.push(step)).await.err().expect("there is no TLS");
        assert!(matches!(error.step, Step::StartTls | Step::Connect), "{error}");
        assert!(!steps.contains(&Step::SignIn) && !with_causes(&error).to_string().contains("hunter2"), "{error}");
    }
}
