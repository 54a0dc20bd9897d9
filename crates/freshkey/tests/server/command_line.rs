//! The operator's commands: the real program on the database of a running server.

mod backup;
mod deletion;
mod factors;
mod ready;

use crate::support::{PASSWORD, TestApp, TestDatabase, code, eventually, program};
use serde_json::Value;
use std::time::{Duration, Instant};
use std::{
    io::Write,
    path::Path,
    process::{Output, Stdio},
};

const OTHER: &str = "seventeen slow snails";

fn command(words: &[&str], folder: &Path, input: &str) -> Output {
    let mut child = program()
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may not want to know.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// What an operator does on the server's database: no root secret, and no port.
struct Operator {
    folder: tempfile::TempDir,
    url: String,
}

impl Operator {
    fn of(database: &TestDatabase) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), url: database.url() }
    }

    async fn says(&self, words: &[&str], input: &str) -> Output {
        let words: Vec<String> = words.iter().chain(&["--database-url", &self.url]).map(|&w| w.to_owned()).collect();
        let (folder, input) = (self.folder.path().to_owned(), input.to_owned());
        let run = move || command(&words.iter().map(String::as_str).collect::<Vec<_>>(), &folder, &input);
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    async fn does(&self, words: &[&str], input: &str) -> String {
        let output = self.says(words, input).await;
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    async fn reads(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.does(words, "").await).unwrap()
    }

    /// Does not do it, and says why in one line.
    async fn may_not(&self, words: &[&str], input: &str) -> String {
        let output = self.says(words, input).await;
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        assert!(output.stdout.is_empty());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    }
}

/// Why the server refuses the session, as soon as it has noticed that it is over.
async fn over(app: &TestApp, access: &str) -> String {
    eventually("the server notices", async || {
        let answer = app.protected(access).await;
        if answer.status() == 200 {
            return None;
        }
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["code"], "SESSION_ENDED");
        Some(body["reason"].as_str().unwrap().to_owned())
    })
    .await
}

#[tokio::test]
async fn an_account_is_created_by_the_rules_of_a_registration() {
    let app = TestApp::start().await;
    let operator = Operator::of(app.database());
    operator.does(&["users", "create", "Ada@example.com", "--name", "Ada"], &format!("{PASSWORD}\n")).await;
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200);
    for (words, input, named) in [
        (&["users", "create", "ADA@example.com"][..], PASSWORD, "already"),
        (&["users", "create", "bob"], PASSWORD, "not an email address"),
        (&["users", "create", "bob@example.com"], "password", "too common"),
        (&["users", "create", "bob@example.com"], "bob@example.com1", "your email address"),
        (&["users", "create", "bob@example.com"], "", "Choose a password"),
        (&["users", "create", "bob@example.com", "--name", "a\nb"], PASSWORD, "on one line"),
        (&["users", "disable", "nobody@example.com"], "", "nobody@example.com"),
    ] {
        let said = operator.may_not(words, input).await;
        assert!(said.contains(named) && !said.contains(PASSWORD), "{said}");
    }
    let made = operator.does(&["users", "create", "eve@example.com", "--generate", "--json"], "").await;
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!(app.login("eve@example.com", made["password"].as_str().unwrap()).await.status(), 200);
    let listed = operator.reads(&["users", "list", "--json"]).await;
    let emails: Vec<_> = listed.as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap()).collect();
    assert_eq!(emails, ["Ada@example.com", "eve@example.com"]);
    assert!(!listed.to_string().contains("argon2"), "{listed}");
    app.stop().await;
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_until_it_is_enabled() {
    let app = TestApp::start().await;
    let operator = Operator::of(app.database());
    let session = app.register("ada@example.com").await;
    operator.does(&["users", "disable", "ADA@example.com"], "").await;
    assert_eq!(over(&app, &session.access).await, "disabled");
    let refused = app.refresh(&session.cookie).await;
    assert_eq!((refused.status, refused.reason()), (403, "disabled"));
    assert_eq!(code(app.login("ada@example.com", PASSWORD).await).await, "INVALID_CREDENTIALS");
    assert!(operator.reads(&["users", "list", "--json"]).await[0]["disabled_at"].is_i64());
    operator.does(&["users", "enable", "ada@example.com"], "").await;
    assert_eq!(app.refresh(&session.cookie).await.status, 403, "what is over stays over");
    app.sign_in("ada@example.com").await;
    app.stop().await;
}

#[tokio::test]
async fn another_password_ends_what_the_old_one_began() {
    let app = TestApp::start().await;
    let operator = Operator::of(app.database());
    let session = app.register("ada@example.com").await;
    operator.may_not(&["users", "set-password", "ada@example.com"], "short\n").await;
    assert_eq!(app.protected(&session.access).await.status(), 200, "nothing was done");
    operator.does(&["users", "set-password", "ada@example.com"], &format!("{OTHER}\r\nand more\n")).await;
    assert_eq!(over(&app, &session.access).await, "password_changed");
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 401);
    assert_eq!(app.login("ada@example.com", OTHER).await.status(), 200);
    app.stop().await;
}

/// What an operator does is one commit: where sessions can't be ended, nothing else is done either.
#[tokio::test]
async fn what_an_operator_does_is_done_whole_or_not_at_all() {
    let app = TestApp::start().await;
    let operator = Operator::of(app.database());
    let session = app.register("ada@example.com").await;
    let database = app.database().connect().await;
    let never = match app.database() {
        TestDatabase::Sqlite(_) => {
            "CREATE TRIGGER never BEFORE UPDATE OF ended_at ON sessions BEGIN SELECT RAISE(ABORT, 'never'); END"
        }
        TestDatabase::Postgres { .. } => "ALTER TABLE sessions ADD CONSTRAINT never CHECK (ended_at IS NULL)",
    };
    sqlx::query(never).execute(&database).await.unwrap();
    operator.may_not(&["users", "set-password", "ada@example.com"], OTHER).await;
    operator.may_not(&["users", "disable", "ada@example.com"], "").await;
    assert_eq!(app.login("ada@example.com", OTHER).await.status(), 401);
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200);
    assert_eq!(app.protected(&session.access).await.status(), 200);
    assert_eq!(activity(&app, &session.access, 4).await, ["registered", "sign_in_refused", "signed_in", "signed_in"]);
    database.close().await;
    app.stop().await;
}

/// The events in the user's activity, once there are `count`, sorted.
async fn activity(app: &TestApp, access: &str, count: usize) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let answer = app.get("/api/activity").bearer_auth(access).send().await.unwrap();
        let items = answer.json::<Vec<Value>>().await.unwrap();
        let mut events: Vec<_> = items.iter().map(|item| item["event"].as_str().unwrap().to_owned()).collect();
        if events.len() >= count {
            events.sort_unstable();
            return events;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{events:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_user_reads_what_the_operator_did() {
    let app = TestApp::start().await;
    let operator = Operator::of(app.database());
    app.register("ada@example.com").await;
    let second = app.sign_in("ada@example.com").await;
    let listed = operator.reads(&["sessions", "list", "ada@example.com", "--json"]).await;
    operator.does(&["sessions", "end", listed[1]["id"].as_str().unwrap()], "").await;
    operator.does(&["sessions", "end", "--user", "ada@example.com"], "").await;
    operator.does(&["users", "disable", "ada@example.com"], "").await;
    operator.does(&["users", "enable", "ada@example.com"], "").await;
    operator.does(&["users", "enable", "ada@example.com"], "").await;
    operator.does(&["users", "set-password", "ada@example.com"], OTHER).await;
    assert_eq!(over(&app, &second.access).await, "revoked");
    let session = crate::support::signed(app.login("ada@example.com", OTHER).await).await;
    let mut expected = vec!["account_disabled_by_admin", "account_enabled_by_admin", "password_changed"];
    expected.extend(["registered", "session_ended_by_admin", "sessions_ended_by_admin"]);
    let mut events = activity(&app, &session.access, 9).await;
    events.retain(|event| event != "signed_in");
    assert_eq!(events, expected);
    app.stop().await;
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let app = TestApp::start().await;
    let operator = Operator::of(app.database());
    operator.does(&["users", "create", "root@example.com", "--admin"], PASSWORD).await;
    for words in [&["users", "set-role", "root@example.com", "none"][..], &["users", "disable", "root@example.com"]] {
        assert!(operator.may_not(words, "").await.contains("last administrator"), "{words:?}");
    }
    operator.does(&["users", "create", "other@example.com", "--admin"], OTHER).await;
    operator.does(&["users", "disable", "root@example.com"], "").await;
    // One who is disabled is not one who can sign in.
    operator.may_not(&["users", "set-role", "other@example.com", "none"], "").await;
    operator.does(&["users", "set-role", "root@example.com", "none"], "").await;
    assert_eq!(app.login("other@example.com", OTHER).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn a_role_is_given_and_taken() {
    let app = TestApp::start().await;
    let operator = Operator::of(app.database());
    operator.does(&["users", "create", "root@example.com", "--admin"], PASSWORD).await;
    operator.does(&["users", "create", "other@example.com", "--admin"], OTHER).await;
    let session = app.sign_in("root@example.com").await;
    let status =
        async || app.get("/api/admin/users").bearer_auth(&session.access).send().await.unwrap().status().as_u16();
    assert_eq!(status().await, 200);
    operator.does(&["users", "set-role", "root@example.com", "none"], "").await;
    assert_eq!(status().await, 404, "at the next call");
    operator.does(&["users", "set-role", "ROOT@example.com", "admin"], "").await;
    assert_eq!(
        (status().await, &operator.reads(&["users", "list", "--json"]).await[0]["role"]),
        (200, &"admin".into())
    );
    operator.may_not(&["users", "set-role", "nobody@example.com", "admin"], "").await;
    assert_eq!(operator.says(&["users", "set-role", "root@example.com", "king"], "").await.status.code(), Some(2));
    app.stop().await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let app = TestApp::start().await;
    let operator = Operator::of(app.database());
    let first = app.register("ada@example.com").await;
    let second = app.sign_in("ada@example.com").await;
    let other = app.register("bob@example.com").await;
    let listed = operator.reads(&["sessions", "list", "ada@example.com", "--json"]).await;
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let id = listed[1]["id"].as_str().unwrap();
    operator.does(&["sessions", "end", id], "").await;
    assert_eq!(over(&app, &first.access).await, "revoked");
    assert_eq!(app.protected(&second.access).await.status(), 200);
    operator.may_not(&["sessions", "end", id], "").await;
    operator.does(&["sessions", "end", "--user", "ada@example.com"], "").await;
    assert_eq!(over(&app, &second.access).await, "revoked");
    assert_eq!(app.protected(&other.access).await.status(), 200);
    let table = operator.does(&["sessions", "list"], "").await;
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(table.contains("bob@example.com"));
    app.stop().await;
}

#[tokio::test]
async fn what_a_browser_calls_itself_steers_no_terminal() {
    let app = TestApp::start().await;
    let operator = Operator::of(app.database());
    let body = serde_json::json!({"email": "ada@example.com", "password": PASSWORD});
    let registered = app.post("/api/register").header("user-agent", "a\tb").json(&body).send().await.unwrap();
    assert_eq!(registered.status(), 201);
    // As accounts from before may be.
    let database = app.database().connect().await;
    sqlx::query("UPDATE users SET email = $1").bind("a\u{202e}da@example.com").execute(&database).await.unwrap();
    database.close().await;
    for words in [["users", "list"], ["sessions", "list"]] {
        let table = operator.does(&words, "").await;
        assert_eq!(table.lines().count(), 2, "{table}");
        assert!(!table.contains(['\t', '\u{202e}', '\u{1b}']), "{table:?}");
    }
    app.stop().await;
}

#[test]
fn it_needs_no_server_and_settings_may_stand_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let created = command(&["users", "--data-dir", "here", "create", "ada@example.com"], folder.path(), PASSWORD);
    assert!(created.status.success());
    let listed = command(&["users", "list", "--data-dir", "here"], folder.path(), "");
    assert!(String::from_utf8(listed.stdout).unwrap().contains("ada@example.com"));
    for wrong in [&["users", "list", "--password-min", "4"][..], &["sessions", "end"], &["sessions", "end", "1"]] {
        assert_eq!(command(wrong, folder.path(), "").status.code(), Some(2), "{wrong:?}");
    }
}
