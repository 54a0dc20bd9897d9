//! `freshkey doctor --local` beside instances that run: whether they are alike, and what they tell of the proxy.

use super::said;
use crate::support::{SECRET, TestApp, TestDatabase, eventually, program};
use serde_json::Value;
use std::time::Duration;
use tempfile::TempDir;

const ORIGIN: [&str; 2] = ["--origin", "https://app.example.com"];

/// What doctor finds beside the instances of this database, and what was seen of each. The tests' Postgres, which waits
/// for no disk, and the tests' folders, which are not private, are not what is looked at.
async fn found(database: &TestDatabase, secret: &str, flags: &[&str]) -> Vec<(String, String)> {
    let data = TempDir::new().unwrap();
    let mut program = program();
    program.args(["doctor", "--local", "--json"]).args(flags).env("FRESHKEY_DATA_DIR", data.path());
    program.env("FRESHKEY_ORIGIN", ORIGIN[1]).env("FRESHKEY_TRUSTED_PROXIES", "10.0.0.1");
    program.env("DATABASE_URL", database.url()).env("FRESHKEY_SECRET", secret);
    let said = said(program).await;
    let unchecked = said.report["unchecked"].to_string();
    assert!(!unchecked.contains("\"instances\""), "{unchecked}");
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = said.report["findings"].as_array().unwrap();
    let found = findings.iter().map(|finding| (text(finding, "id"), text(finding, "seen")));
    found.filter(|(id, _)| !id.starts_with("postgres-") && id != "file-readable").collect()
}

/// Waits until the findings are those: an instance says what it runs with soon after its start.
async fn finds(database: &TestDatabase, secret: &str, flags: &[&str], ids: &[&str]) -> String {
    let mut last = Vec::new();
    eventually(&format!("{ids:?}"), async || {
        last = found(database, secret, flags).await;
        last.iter()
            .map(|(id, _)| id.as_str())
            .eq(ids.iter().copied())
            .then(|| last.iter().map(|(_, seen)| seen.as_str()).collect::<Vec<_>>().join("\n"))
    })
    .await
}

/// The secret that opens the keys of these instances; SQLite's is in a folder of theirs, and is read from there.
fn own_secret(app: &TestApp) -> String {
    match app.database() {
        TestDatabase::Postgres { .. } => SECRET.to_owned(),
        TestDatabase::Sqlite(file) => std::fs::read_to_string(file.with_file_name("secret")).unwrap(),
    }
}

#[tokio::test]
async fn instances_that_differ_are_named() {
    let one = TestApp::with(&ORIGIN).await;
    let two = one.another(&[]).await;
    let secret = own_secret(&one);
    finds(one.database(), &secret, &["--instances", "2"], &[]).await;
    let seen = finds(one.database(), &secret, &["--instances", "3"], &["instances-missing"]).await;
    assert!(seen.starts_with("2 of 3 run. "), "{seen}");

    two.stop().await;
    let two = one.another(&["--access-ttl", "5m"]).await;
    let seen = finds(one.database(), &secret, &[], &["instances-differ"]).await;
    assert!(seen.starts_with("FRESHKEY_ACCESS_TTL: 15m (") && seen.contains("5m ("), "{seen}");

    two.stop().await;
    finds(one.database(), &secret, &[], &[]).await;
    let two = one.another_ahead(Duration::from_mins(1)).await;
    let seen = finds(one.database(), &secret, &[], &["instance-clocks"]).await;
    assert!(seen.contains(" s ahead of that of "), "{seen}");

    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn a_root_secret_that_opens_nothing_is_named() {
    let app = TestApp::with(&ORIGIN).await;
    let other = "b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q=";
    let seen = finds(app.database(), other, &[], &["secret-differs"]).await;
    assert!(!seen.contains(other), "{seen}");
    app.stop().await;
}

#[tokio::test]
async fn what_instances_noticed_of_the_proxy_is_told() {
    let app = TestApp::with(&ORIGIN).await;
    let (secret, database) = (own_secret(&app), app.database().connect().await);
    finds(app.database(), &secret, &["--instances", "1"], &[]).await;
    for (column, id) in [("silent_proxy", "proxy-silent"), ("untrusted_proxy", "proxy-not-trusted")] {
        let notice = format!("UPDATE instances SET silent_proxy = NULL, untrusted_proxy = NULL, {column} = '10.0.0.9'");
        let notice = notice.replace(&format!("{column} = NULL, "), "");
        sqlx::query(sqlx::AssertSqlSafe(notice)).execute(&database).await.unwrap();
        let seen = finds(app.database(), &secret, &[], &[id]).await;
        assert!(seen.contains("10.0.0.9"), "{seen}");
    }
    database.close().await;
    app.stop().await;
}

#[tokio::test]
async fn a_database_of_its_own_is_where_the_others_are_not() {
    let folder = TempDir::new().unwrap();
    let database = TestDatabase::create(folder.path()).await;
    let seen = finds(&database, SECRET, &["--instances", "2"], &["instances-missing"]).await;
    assert!(seen.starts_with("0 of 2 run"), "{seen}");
    if let TestDatabase::Postgres { .. } = database {
        database.drop().await;
    }
}
