//! What the operator sees of emails: the command line, the log, the metrics.

use super::{Manners, SmtpServer};
use crate::support::{PASSWORD, Running, TestDatabase, eventually, program};
use serde_json::{Value, json};
use std::{net::TcpListener, path::Path};

fn list(data: &Path, database: &TestDatabase, more: &[&str]) -> String {
    let mut command = program();
    command.args(["mail", "list"]).args(more).args(database.flags()).env("FRESHKEY_DATA_DIR", data);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn what_became_of_emails_is_told_without_an_address_and_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let (data, database) = (folder.path().join("data"), TestDatabase::create(folder.path()).await);
    let manners = [&[Manners::Good, Manners::NoSuchUser][..], &[Manners::Busy; 50]].concat();
    let server = SmtpServer::start(&manners).await;
    let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let url = server.url();
    let flags = ["--mail", &url, "--mail-from", "no-reply@shop.example", "--metrics-addr", &metrics];
    let running = Running::start(&data, &database, &flags);
    let client = reqwest::Client::new();
    let ask = async |email: &str| {
        let body = json!({"email": email, "password": PASSWORD});
        let answer = client.post(running.url("/api/register")).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 202);
    };
    let logged = async |event: &str| {
        let name = format!("\"event\":\"{event}\"");
        eventually(event, async || running.log().contains(&name).then_some(())).await;
    };
    for (email, event) in [("eve", "mail_sent"), ("ada", "mail_refused"), ("bob", "mail_delayed")] {
        ask(&format!("{email}@example.com")).await;
        logged(event).await;
    }

    let text = client.get(format!("http://{metrics}/metrics")).send().await.unwrap().text().await.unwrap();
    for line in [
        r#"freshkey_emails_total{kind="register",outcome="refused"} 1"#,
        r#"freshkey_emails_total{kind="register",outcome="delayed"} "#,
        r#"freshkey_emails_total{kind="register",outcome="sent"} 1"#,
        "freshkey_mail_waiting 1",
    ] {
        assert!(text.lines().any(|found| found.starts_with(line)), "{line} in\n{text}");
    }

    let table = list(&data, &database, &[]);
    let rows: Vec<_> = table.lines().collect();
    assert_eq!(rows.len(), 4, "{table}");
    assert!(rows[1].contains("waits until") && rows[2].contains("refused") && rows[3].contains("sent"), "{table}");
    assert!(rows[1].contains("421") && rows[2].contains("550"), "{table}");
    let emails: Vec<Value> = serde_json::from_str(&list(&data, &database, &["--json"])).unwrap();
    assert_eq!((&emails[2]["kind"], &emails[2]["tries"]), (&"register".into(), &1.into()));

    let code = server.received()[0].header("Subject").replace("Your code: ", "");
    for (what, text) in [("log", &running.log()), ("list", &table), ("JSON", &json!(emails).to_string())] {
        for hidden in ["@example.com", &code, &code.replace(' ', ""), "?t="] {
            assert!(!text.contains(hidden), "{hidden} in the {what}: {text}");
        }
    }
    drop(running);
    if let TestDatabase::Postgres { .. } = database {
        database.drop().await;
    }
}

#[tokio::test]
async fn a_program_that_is_told_to_stop_finishes_the_email_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let (data, database) = (folder.path().join("data"), TestDatabase::create(folder.path()).await);
    let server = SmtpServer::start(&[Manners::Slow]).await;
    let url = server.url();
    let running = Running::start(&data, &database, &["--mail", &url, "--mail-from", "no-reply@shop.example"]);
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let answer = reqwest::Client::new().post(running.url("/api/register")).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    server.has(1).await;
    running.signal("TERM");
    assert!(running.ended().await.success());
    let emails: Vec<Value> = serde_json::from_str(&list(&data, &database, &["--json"])).unwrap();
    assert_eq!((emails.len(), &emails[0]["outcome"]), (1, &"sent".into()));
    if let TestDatabase::Postgres { .. } = database {
        database.drop().await;
    }
}
