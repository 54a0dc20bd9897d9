//! Another root secret in the place of the one before.

use crate::support::{APP, GRACE, Signed, TestApp, settings};
use freshkey::server::{Server, causes::with_causes, clock::Clock};
use std::process::Command;

const OLD: &str = "b2xkIHNlY3JldCBvbGQgc2VjcmV0IG9sZCBzZWNyZXQhIQ";
const NEW: &str = "6e6577207365637265742c206e6577207365637265742c206e6577207365637265742e";
/// What each phase of a change starts with.
const BEFORE: [&str; 2] = ["--secret", OLD];
const READY: [&str; 4] = ["--secret", OLD, "--secret-previous", NEW];
const CHANGED: [&str; 4] = ["--secret", NEW, "--secret-previous", OLD];
const AFTER: [&str; 2] = ["--secret", NEW];

/// Whether the session's access token and CSRF token are taken.
async fn calls(app: &TestApp, session: &Signed) -> u16 {
    let post = app.post("/api/protected").bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    post.send().await.unwrap().status().as_u16()
}

/// The session after a refresh.
async fn refreshed(app: &TestApp, session: &Signed) -> Signed {
    app.wait(GRACE);
    let answer = app.refresh(&session.cookie).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    Signed {
        access: answer.access().to_owned(),
        csrf: answer.body["csrf_token"].as_str().unwrap().to_owned(),
        cookie: answer.cookie.expect("it rotates"),
    }
}

#[tokio::test]
async fn nobody_is_signed_out_by_another_root_secret() {
    let app = TestApp::with(&BEFORE).await;
    let origin = app.origin.clone();
    let with = |flags: &[&'static str]| [&["--origin", &origin], flags].concat();
    let old = app.register("ada@example.com").await;
    let app = app.restart(&with(&CHANGED)).await;
    assert_eq!(calls(&app, &old).await, 200, "signed before, and its form too");
    let new = refreshed(&app, &old).await;
    assert_ne!(new.csrf, old.csrf, "what is new is made with the present secret");
    assert_eq!(calls(&app, &new).await, 200);

    // The old one is of no use any more.
    let app = app.restart(&with(&AFTER)).await;
    assert_eq!(calls(&app, &new).await, 200);
    assert_eq!(calls(&app, &old).await, 403, "the CSRF token");
    assert_eq!(app.refresh(&old.cookie).await.code(), "INVALID_REFRESH_TOKEN");
    let newer = refreshed(&app, &new).await;
    assert_eq!(calls(&app, &newer).await, 200);
    app.stop().await;
}

#[tokio::test]
async fn instances_change_one_after_the_other_and_nobody_notices() {
    let app = TestApp::with(&BEFORE).await;
    let mut session = app.register("ada@example.com").await;
    for phases in [[&READY[..], &BEFORE], [&READY, &READY], [&CHANGED, &READY], [&CHANGED, &CHANGED]] {
        let [one, two] = [app.another(phases[0]).await, app.another(phases[1]).await];
        // Each takes what the other has made.
        for (from, to) in [(&one, &two), (&two, &one)] {
            session = refreshed(from, &session).await;
            assert_eq!(calls(to, &session).await, 200, "{phases:?}");
        }
        two.stop().await;
        one.stop().await;
    }
    app.stop().await;
}

#[tokio::test]
async fn an_instance_that_has_only_the_old_secret_goes_on() {
    let app = TestApp::with(&BEFORE).await;
    let session = app.register("ada@example.com").await;
    let changed = app.another(&CHANGED).await;
    for instance in [&app, &changed] {
        assert_eq!(calls(instance, &session).await, 200);
    }
    let session = refreshed(&app, &session).await;
    assert_eq!(calls(&changed, &session).await, 200, "the signing keys are everybody's");
    // What the new one makes is forged to the old one, which ends nothing.
    let newer = refreshed(&changed, &session).await;
    let refused = app.refresh(&newer.cookie).await;
    assert_eq!((refused.status, refused.cookie.as_deref()), (403, None));
    assert_eq!(changed.refresh(&newer.cookie).await.status, 200);
    changed.stop().await;
    app.stop().await;
}

/// What `freshkey serve` says of these secrets.
async fn refusal(folder: &std::path::Path, flags: &[&str]) -> Option<String> {
    let bound = Server::bind(APP.clone(), settings(folder, flags), Clock::system()).await;
    bound.err().map(|error| with_causes(&error).to_string())
}

#[tokio::test]
async fn another_secret_without_the_one_before_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(refusal(folder.path(), &BEFORE).await, None);
    let wrong = ["--secret", NEW, "--secret-previous", "c29tZSBvdGhlciBzZWNyZXQgc29tZSBvdGhlciBzZWNyZXQh"];
    for flags in [&AFTER[..], &wrong, &[]] {
        let refused = refusal(folder.path(), flags).await.expect("it does not start");
        assert!(refused.contains("FRESHKEY_SECRET_PREVIOUS") && refused.lines().count() == 1, "{refused}");
    }
    assert_eq!(refusal(folder.path(), &CHANGED).await, None);
    assert_eq!(refusal(folder.path(), &AFTER).await, None, "the sealed keys were sealed anew");
    assert!(refusal(folder.path(), &BEFORE).await.is_some());
}

#[test]
fn the_generated_secret_is_followed_by_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let run = |variables: &[(&str, &str)]| {
        let output = Command::new(env!("CARGO_BIN_EXE_freshkey"))
            .args(["keys", "rotate", "--data-dir"])
            .arg(folder.path())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        output.status.code()
    };
    let generated = folder.path().join("secret").to_str().unwrap().to_owned();
    assert_eq!(run(&[]), Some(0));
    assert_eq!(run(&[("FRESHKEY_SECRET", NEW)]), Some(1));
    assert_eq!(run(&[("FRESHKEY_SECRET", NEW), ("FRESHKEY_SECRET_PREVIOUS_FILE", &generated)]), Some(0));
    assert_eq!(run(&[("FRESHKEY_SECRET", NEW)]), Some(0));
    for (variable, value) in [("FRESHKEY_SECRET_PREVIOUS", "hunter2"), ("FRESHKEY_SECRET_PREVIOUS_FILE", "/nowhere")] {
        assert_eq!(run(&[("FRESHKEY_SECRET", NEW), (variable, value)]), Some(2), "{variable}");
    }
}
