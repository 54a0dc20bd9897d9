//! Several instances on one database are one service.

use crate::support::{APP, GRACE, Refreshed, SECRET, Signed, TestApp, TestDatabase, administer, eventually, settings};
use freshkey::server::{Server, causes::with_causes, clock::Clock};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

/// How long an access token of an ended session may still be good on another instance.
const REVOKED_WITHIN: Duration = Duration::from_secs(1);
/// These tests poll, so they have no limits.
const UNLIMITED: [&str; 4] = ["--session-rate-limit", "off", "--rate-limit", "off"];

#[tokio::test]
async fn what_one_begins_another_goes_on_with() {
    let one = TestApp::with(&UNLIMITED).await;
    let two = one.another(&UNLIMITED).await;
    let session = one.register("ada@example.com").await;
    assert_eq!(two.protected(&session.access).await.status(), 200);
    one.wait(GRACE);
    let rotated = two.refresh(&session.cookie).await;
    assert_eq!(rotated.status, 200);
    assert_eq!(one.refresh(&session.cookie).await.cookie, rotated.cookie, "the grace is everybody's");
    assert_eq!(one.protected(rotated.access()).await.status(), 200);
    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn fifty_refreshes_over_two_instances_end_with_one_cookie() {
    let one = TestApp::with(&UNLIMITED).await;
    let two = one.another(&UNLIMITED).await;
    let session = one.register("ada@example.com").await;
    one.wait(GRACE);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..50 {
        let app = if n % 2 == 0 { &one } else { &two };
        let request = app.post("/api/refresh-token").header("cookie", format!("refresh={}", session.cookie));
        tasks.spawn(async move { Refreshed::read(request.send().await.unwrap()).await });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let cookies: HashSet<_> = answers.iter().map(|answer| answer.cookie.clone().unwrap()).collect();
    assert_eq!(cookies.len(), 1);
    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn what_ends_on_one_ends_on_the_other() {
    let one = TestApp::with(&UNLIMITED).await;
    let two = one.another(&UNLIMITED).await;
    let first = one.register("ada@example.com").await;
    let second = one.sign_in("ada@example.com").await;
    assert_eq!(one.protected(&first.access).await.status(), 200);
    assert_eq!(two.logout(&first.cookie).await.status(), 204);
    assert_eq!(refused_within_a_second(&one, &first.access).await["code"], "SESSION_ENDED");
    let all = one.post("/api/logout-all").bearer_auth(&second.access).header("x-csrf-token", &second.csrf);
    assert_eq!(all.send().await.unwrap().status(), 204);
    assert_eq!(refused_within_a_second(&two, &second.access).await["code"], "SESSION_ENDED");
    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn an_instance_that_lost_touch_learns_what_it_missed() {
    let one = TestApp::with(&UNLIMITED).await;
    let two = one.another(&UNLIMITED).await;
    let session = one.register("ada@example.com").await;
    assert_eq!(two.protected(&session.access).await.status(), 200);
    if let TestDatabase::Postgres { name } = one.database() {
        administer(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
    }
    // The pool of the first one finds out by using it.
    eventually("the session is ended", async || (one.logout(&session.cookie).await.status() == 204).then_some(()))
        .await;
    assert_eq!(refused_within_a_second(&two, &session.access).await["code"], "SESSION_ENDED");
    two.stop().await;
    one.stop().await;
}

/// How the access token is refused: by each call that is sent a second or more after this one. However slow the
/// machine is, what counts is when a call was sent that passed.
async fn refused_within_a_second(app: &TestApp, access: &str) -> serde_json::Value {
    let ended = Instant::now();
    eventually("the token is refused", async || {
        let sent = Instant::now();
        let answer = app.protected(access).await;
        if answer.status() == 200 {
            assert!(sent.duration_since(ended) < REVOKED_WITHIN, "a call passed that was sent too late");
            return None;
        }
        Some(answer.json().await.unwrap())
    })
    .await
}

/// Stops the processes of Postgres that tell an instance what has ended, by a signal, and lets them go on.
struct Silent(Vec<rustix::process::Pid>);

impl Silent {
    async fn connections_that_tell(database: &TestDatabase) -> Self {
        let TestDatabase::Postgres { name } = database else { return Self(Vec::new()) };
        let sql = format!(
            "SELECT pid FROM pg_stat_activity WHERE datname = '{name}'
             AND (query LIKE 'LISTEN%' OR query LIKE '%FROM sessions WHERE ended_at >%') AND pid <> pg_backend_pid()"
        );
        let pool = database.connect().await;
        let pids: Vec<(i32,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap();
        pool.close().await;
        assert!(!pids.is_empty(), "somebody is told");
        let silent = Self(pids.into_iter().map(|(pid,)| rustix::process::Pid::from_raw(pid).unwrap()).collect());
        silent.signal(rustix::process::Signal::STOP);
        silent
    }

    fn signal(&self, signal: rustix::process::Signal) {
        for pid in &self.0 {
            // One may have ended meanwhile.
            let _ = rustix::process::kill_process(*pid, signal);
        }
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.signal(rustix::process::Signal::CONT);
    }
}

#[tokio::test]
async fn silence_is_not_taken_for_peace() {
    let one = TestApp::with(&UNLIMITED).await;
    let two = one.another(&UNLIMITED).await;
    let session = one.register("ada@example.com").await;
    assert_eq!(two.protected(&session.access).await.status(), 200);
    let silent = Silent::connections_that_tell(one.database()).await;
    assert_eq!(one.logout(&session.cookie).await.status(), 204);
    assert_eq!(refused_within_a_second(&two, &session.access).await["code"], "SESSION_ENDED");
    drop(silent);
    two.stop().await;
    one.stop().await;
}

#[tokio::test]
async fn a_reason_of_a_later_version_ends_the_session_all_the_same() {
    let one = TestApp::with(&UNLIMITED).await;
    let (told, written) = (one.register("ada@example.com").await, one.sign_in("ada@example.com").await);
    let id = |session: &Signed| {
        let payload = session.access.split('.').nth(1).unwrap();
        let claims: serde_json::Value =
            serde_json::from_slice(&base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload).unwrap())
                .unwrap();
        claims["sid"].as_str().unwrap().to_owned()
    };
    let pool = one.database().connect().await;
    sqlx::query("UPDATE sessions SET ended_at = $1, ended_reason = 'moved' WHERE id = $2")
        .bind(one.now())
        .bind(id(&written))
        .execute(&pool)
        .await
        .unwrap();
    let refused = refused_within_a_second(&one, &written.access).await;
    assert_eq!((&refused["code"], &refused["reason"]), (&"SESSION_ENDED".into(), &"revoked".into()));
    if let TestDatabase::Postgres { .. } = one.database() {
        let notice = format!("moved {} {}", one.now(), id(&told));
        let sql = "SELECT CAST(pg_notify('freshkey_sessions_ended', $1) AS TEXT)";
        sqlx::query(sql).bind(notice).fetch_all(&pool).await.unwrap();
        assert_eq!(refused_within_a_second(&one, &told.access).await["reason"], "revoked");
    }
    pool.close().await;
    one.stop().await;
}

/// A session that ends on an instance whose clock is behind, or after ours was set back.
#[tokio::test]
async fn an_end_is_learned_whatever_the_clocks_say() {
    let app = TestApp::with(&UNLIMITED).await;
    let session = app.register("ada@example.com").await;
    let behind = app.now() - 50_000;
    let pool = app.database().connect().await;
    let sql = "UPDATE sessions SET ended_at = $1, ended_reason = 'revoked'";
    sqlx::query(sql).bind(behind).execute(&pool).await.unwrap();
    assert_eq!(refused_within_a_second(&app, &session.access).await["reason"], "revoked");
    pool.close().await;
    app.stop().await;
}

#[tokio::test]
async fn a_role_that_may_not_create_tables_serves_what_was_migrated() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let TestDatabase::Postgres { name } = app.database() else { return app.stop().await };
    let role = format!("serves_{name}");
    let pool = app.database().connect().await;
    for sql in [
        format!("CREATE ROLE {role} LOGIN"),
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned(),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    let url = app.database().url().replace("postgres://freshkey@", &format!("postgres://{role}@"));
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--database-url", &url, "--secret", SECRET];
    let server = Server::bind(APP.clone(), settings(folder.path(), &flags), Clock::system()).await.expect("it starts");
    server.run(std::future::ready(())).await;
    sqlx::query("DELETE FROM _freshkey_migrations WHERE version = 7").execute(&pool).await.unwrap();
    let refused =
        Server::bind(APP.clone(), settings(folder.path(), &flags), Clock::system()).await.err().expect("there is work");
    let refused = with_causes(&refused).to_string();
    assert!(refused.contains("permission denied"), "{refused}");
    for sql in [format!("DROP OWNED BY {role}"), format!("DROP ROLE {role}")] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    pool.close().await;
    app.stop().await;
}

#[tokio::test]
async fn several_first_starts_at_once_are_one_service() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(folder.path()).await;
    let flags = database.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..6 {
        starts.spawn(Server::bind(APP.clone(), settings(folder.path(), &flags), Clock::system()));
    }
    for server in starts.join_all().await {
        let server = server.expect("it starts");
        server.run(std::future::ready(())).await;
    }
    let pool = database.connect().await;
    let keys: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM signing_keys").fetch_one(&pool).await.unwrap();
    assert_eq!(keys.0, 1);
    pool.close().await;
    database.drop().await;
}
