//! The key ring, as a verifier elsewhere sees it.

use crate::support::{TestApp, TestDatabase, program};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;
use std::time::Duration;

/// What a token says it was signed with: algorithm and `kid`.
fn signed_by(access: &str) -> (String, String) {
    let header: Value = serde_json::from_slice(&BASE64.decode(access.split('.').next().unwrap()).unwrap()).unwrap();
    let text = |name: &str| header[name].as_str().unwrap().to_owned();
    (text("alg"), text("kid"))
}

/// The `kid`s of the published keys.
async fn published(app: &TestApp) -> Vec<String> {
    let keys: Value = app.get("/.well-known/jwks.json").send().await.unwrap().json().await.unwrap();
    let keys = keys["keys"].as_array().unwrap().clone();
    for key in &keys {
        assert!(key.get("d").is_none() && key.get("k").is_none(), "nothing private is published");
    }
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn another_algorithm_signs_when_its_key_was_published_long_enough() {
    let app = TestApp::start().await;
    let origin = app.origin.clone();
    let first = app.register("ada@example.com").await;
    let (_, old) = signed_by(&first.access);
    let flags = ["--origin", &origin, "--algorithm", "ES256"];
    let app = app.restart(&flags).await;
    let still = app.sign_in("ada@example.com").await;
    assert_eq!(signed_by(&still.access), ("EdDSA".to_owned(), old.clone()));
    assert_eq!(published(&app).await.len(), 2, "the next key is there before it signs");
    app.wait(Duration::from_mins(6));
    let app = app.restart(&flags).await;
    let next = app.sign_in("ada@example.com").await;
    let (algorithm, new) = signed_by(&next.access);
    assert_eq!(algorithm, "ES256");
    for access in [&still.access, &next.access] {
        assert_eq!(app.protected(access).await.status(), 200);
    }
    assert_eq!(published(&app).await, [old, new.clone()]);
    app.wait(Duration::from_mins(20));
    let app = app.restart(&flags).await;
    assert_eq!(published(&app).await, [new], "the old one goes when its last token has");
    app.stop().await;
}

#[tokio::test]
async fn a_key_of_a_later_version_is_left_alone() {
    let app = TestApp::start().await;
    let origin = app.origin.clone();
    let session = app.register("ada@example.com").await;
    let pool = app.database().connect().await;
    let sql =
        "INSERT INTO signing_keys (kid, algorithm, sealed, created_at, number) VALUES ('next', 'ML-DSA-65', '', 0, 2)";
    sqlx::query(sql).execute(&pool).await.unwrap();
    let flags = ["--origin", &origin, "--algorithm", "ES256"];
    let app = app.restart(&flags).await;
    assert_eq!(app.protected(&session.access).await.status(), 200);
    assert_eq!(published(&app).await.len(), 2, "ours, and the next one of ours");
    let numbers: Vec<(i64,)> =
        sqlx::query_as("SELECT number FROM signing_keys ORDER BY number").fetch_all(&pool).await.unwrap();
    assert_eq!(numbers, [(1,), (2,), (3,)]);
    pool.close().await;
    app.stop().await;
}

#[tokio::test]
async fn a_secret_is_not_published_and_signs_at_once() {
    let app = TestApp::with(&["--algorithm", "HS256"]).await;
    let session = app.register("ada@example.com").await;
    assert_eq!(signed_by(&session.access).0, "HS256");
    assert_eq!(app.protected(&session.access).await.status(), 200);
    assert!(published(&app).await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_key_is_followed_by_the_next_after_ninety_days() {
    let app = TestApp::start().await;
    let origin = app.origin.clone();
    let first = app.register("ada@example.com").await;
    app.wait(Duration::from_hours(91 * 24));
    let app = app.restart(&["--origin", &origin]).await;
    assert_eq!(published(&app).await.len(), 2);
    app.wait(Duration::from_mins(6));
    let second = app.sign_in("ada@example.com").await;
    assert_ne!(signed_by(&first.access), signed_by(&second.access), "it signs by itself when it is time");
    app.stop().await;
}

/// Waits until the running server publishes other keys than these.
async fn other_keys_than(app: &TestApp, old: &[String]) -> Vec<String> {
    let look = async {
        loop {
            let keys = published(app).await;
            if keys != old {
                return keys;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(40), look).await.expect("a running server looks every ten seconds")
}

#[tokio::test]
async fn a_running_server_looks_after_its_keys() {
    let app = TestApp::start().await;
    let first = app.register("ada@example.com").await;
    let old = published(&app).await;
    app.wait(Duration::from_hours(91 * 24));
    let both = other_keys_than(&app, &old).await;
    assert_eq!((both.len(), &both[0]), (2, &old[0]), "the next key is published beside it");
    let still = app.sign_in("ada@example.com").await;
    assert_eq!(signed_by(&still.access), signed_by(&first.access), "and does not sign yet");
    app.wait(Duration::from_mins(6));
    let next = app.sign_in("ada@example.com").await;
    assert_eq!(signed_by(&next.access).1, both[1]);
    assert_eq!(app.protected(&still.access).await.status(), 200, "what the old one signed is good");
    // Once the server has noted that the old key has stopped, its last token runs out.
    let stopped = async {
        while published(&app).await.len() > 1 {
            app.wait(Duration::from_mins(5));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(40), stopped).await.expect("the old key goes");
    app.stop().await;
}

#[tokio::test]
async fn a_key_that_is_withdrawn_is_gone_from_running_servers() {
    const SECRET: &str = "b2xkIHNlY3JldCBvbGQgc2VjcmV0IG9sZCBzZWNyZXQhIQ";
    const NEWER: &str = "bmV3IHNlY3JldCBuZXcgc2VjcmV0IG5ldyBzZWNyZXQhIQ";
    // The command may know a newer root secret than a server: then the server can't open the new key, and
    // still must not go on with the one that has leaked.
    for secrets in [vec!["--secret", SECRET], vec!["--secret", NEWER, "--secret-previous", SECRET]] {
        let app = TestApp::with(&["--secret", SECRET]).await;
        let session = app.register("ada@example.com").await;
        let old = published(&app).await;
        let folder = tempfile::tempdir().unwrap();
        let mut revoke = program();
        revoke.args(["keys", "rotate", "--revoke", "--data-dir"]).arg(folder.path());
        revoke.args(app.database().url_flags()).args(&secrets);
        // In a thread of its own: the server, which runs in this one, may be about to commit.
        let revoked = tokio::task::spawn_blocking(move || revoke.output().unwrap()).await.unwrap();
        assert!(revoked.status.success(), "{}", String::from_utf8_lossy(&revoked.stderr));
        let new = other_keys_than(&app, &old).await;
        assert!(!new.contains(&old[0]));
        assert_eq!(app.protected(&session.access).await.status(), 403, "what it signed is refused");
        app.stop().await;
    }
}

/// What `freshkey keys` says of the keys in `folder`: their algorithms and states.
fn keys(folder: &std::path::Path, words: &[&str]) -> Vec<(String, String)> {
    let output = program().arg("keys").args(words).arg("--json").env("FRESHKEY_DATA_DIR", folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let keys: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let text = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
    keys.iter().map(|key| (text(key, "algorithm"), text(key, "state"))).collect()
}

#[test]
fn the_operator_lists_rotates_and_revokes() {
    let folder = tempfile::tempdir().unwrap();
    let key = |algorithm: &str, state: &str| (algorithm.to_owned(), state.to_owned());
    assert!(keys(folder.path(), &["list"]).is_empty(), "looking changes nothing");
    let first = keys(folder.path(), &["rotate", "--algorithm", "ES256"]);
    assert_eq!(first[0], key("ES256", "signs"));
    let next = keys(folder.path(), &["rotate"]);
    assert_eq!(next, [key("ES256", "signs"), key("ES256", "waits")], "with the algorithm that is in use");
    assert_eq!(keys(folder.path(), &["list"]), next);
    assert_eq!(keys(folder.path(), &["rotate", "--revoke"]), [key("ES256", "signs")]);
}

#[tokio::test]
async fn no_two_keys_are_sealed_with_one_nonce() {
    let folder = tempfile::tempdir().unwrap();
    let mut nonces = std::collections::HashSet::new();
    for _ in 0..20 {
        keys(folder.path(), &["rotate", "--revoke"]);
        let pool = TestDatabase::Sqlite(folder.path().join("freshkey.db")).connect().await;
        let (sealed,): (String,) = sqlx::query_as("SELECT sealed FROM signing_keys").fetch_one(&pool).await.unwrap();
        pool.close().await;
        // AES-GCM's nonce has 96 bits, and stands first.
        assert!(nonces.insert(BASE64.decode(sealed).unwrap()[..12].to_vec()), "a nonce came twice");
    }
}
