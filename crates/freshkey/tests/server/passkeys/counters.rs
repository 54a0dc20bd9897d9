//! The signature counter, and whether a passkey is on other devices, too.

use super::{account, add, assert_refused, options, read, sign_in};
use crate::support::{Authenticator, BACKED_UP, BACKUP_ELIGIBLE, Browser, Signed, TestApp, eventually, straight};
use serde_json::Value;

async fn signs_in(app: &TestApp, authenticator: &mut Authenticator) -> bool {
    let mut browser = Browser::default();
    let credential = authenticator.get(&options(app, &mut browser).await, straight);
    let answer = sign_in(app, &mut browser, &credential).await;
    if answer.0 != 200 {
        assert_refused(answer, "the counter");
        return false;
    }
    true
}

/// An account with a passkey of these flags, and this counter.
async fn with(app: &TestApp, flags: u8, count: u32) -> (Signed, Authenticator) {
    let session = app.register("ada@example.com").await;
    let mut authenticator = Authenticator::new(&app.origin);
    authenticator.flags |= flags;
    authenticator.count = count;
    add(app, &session, &mut authenticator).await;
    (session, authenticator)
}

#[tokio::test]
async fn it_rises_for_a_passkey_that_is_in_one_place_and_else_the_owner_reads_of_it() {
    let app = TestApp::start().await;
    let (session, mut authenticator) = with(&app, 0, 5).await;
    for (count, accepted) in [(6, true), (6, false), (5, false), (0, false), (7, true), (u32::MAX, true), (1, false)] {
        authenticator.count = count;
        assert_eq!(signs_in(&app, &mut authenticator).await, accepted, "{count}");
    }
    // A thief who has copied the key can say that it is a synced one.
    authenticator.flags |= BACKUP_ELIGIBLE;
    assert!(!signs_in(&app, &mut authenticator).await);
    eventually("the owner reads of it", async || {
        let activity = read(&app, &session, "/api/activity").await;
        let is_it = |event: &Value| event["event"] == "passkey_refused" && event["count"] == 5;
        activity.as_array().unwrap().iter().any(is_it).then_some(())
    })
    .await;
    app.stop().await;
}

#[tokio::test]
async fn where_there_is_none_it_stays_at_zero() {
    let app = TestApp::start().await;
    let (_, mut authenticator) = account(&app, "ada@example.com").await;
    assert!(signs_in(&app, &mut authenticator).await);
    assert!(signs_in(&app, &mut authenticator).await);
    authenticator.count = 3;
    assert!(signs_in(&app, &mut authenticator).await);
    authenticator.count = 0;
    assert!(!signs_in(&app, &mut authenticator).await, "once there was one, it is asked for");
    app.stop().await;
}

#[tokio::test]
async fn of_a_synced_passkey_it_says_nothing() {
    let app = TestApp::start().await;
    let (_, mut authenticator) = with(&app, BACKUP_ELIGIBLE | BACKED_UP, 5).await;
    for count in [5, 4, 0, 9, 9] {
        authenticator.count = count;
        assert!(signs_in(&app, &mut authenticator).await, "{count}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_passkey_may_become_a_synced_one_and_cease_to_be_one() {
    let app = TestApp::start().await;
    let (session, mut authenticator) = with(&app, 0, 0).await;
    let straight_flags = authenticator.flags;
    for (flags, synced) in [(BACKUP_ELIGIBLE, false), (BACKUP_ELIGIBLE | BACKED_UP, true), (0, false)] {
        authenticator.flags = straight_flags | flags;
        assert!(signs_in(&app, &mut authenticator).await);
        assert_eq!(read(&app, &session, "/api/factors").await["passkeys"][0]["synced"], synced);
    }
    authenticator.flags = straight_flags | BACKED_UP;
    assert!(!signs_in(&app, &mut authenticator).await, "backed up, and can't be");
    app.stop().await;
}
