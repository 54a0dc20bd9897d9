//! Deletes rows that are no longer needed, a few at a time, so that no request waits.

use crate::causes::with_causes;
use crate::{
    clock::Clock,
    store::{Store, StoreError},
};
use freshkey_types::Millis;
use futures::future::BoxFuture;
use std::{future::Future, time::Duration};

/// How long an ended session can still say why it is over. After that it counts as expired.
const KEPT_AFTER_END: Millis = Millis::from_days(30);
/// The same for a session that reached its full lifetime.
const KEPT_AFTER_EXPIRY: Millis = Millis::from_days(1);
/// How far back a user's activity goes.
const ACTIVITY_KEPT: Millis = Millis::from_days(90);
/// How long an operator can see what happened to an email.
const EMAILS_KEPT: Millis = Millis::from_days(30);
/// How long a link can still say that it is over.
const KEPT_AFTER_CHALLENGE: Millis = Millis::from_days(7);
/// Longer than the time in which an undo may restore a removed factor.
const FACTORS_KEPT: Millis = Millis::from_days(31);
const EVERY: Duration = Duration::from_mins(10);
/// The pause between two batches, so that other writers get their turn.
const BREATH: Duration = Duration::from_millis(50);

/// Deletes some rows that are no longer needed at the given time. Returns whether there
/// may be more.
pub type CleanUp = fn(Store, Millis) -> BoxFuture<'static, Result<bool, StoreError>>;

/// Deletes old rows in a loop: the library's, and those that `others` delete.
pub async fn delete(store: Store, others: Vec<CleanUp>, clock: Clock) {
    loop {
        tokio::time::sleep(EVERY).await;
        for error in delete_now(&store, &others, clock.now()).await {
            tracing::warn!(event = "clean_up_delayed", error = %with_causes(&error));
        }
    }
}

/// Deletes what is old at `now`. A failure in one table does not stop the others. Returns the errors.
pub async fn delete_now(store: &Store, others: &[CleanUp], now: Millis) -> Vec<StoreError> {
    let sessions = in_batches(|| store.delete_old_sessions(now - KEPT_AFTER_END, now - KEPT_AFTER_EXPIRY)).await;
    let activity = in_batches(|| store.delete_old_activity(now - ACTIVITY_KEPT)).await;
    // If no emails are sent, no sender gives them up, so it is done here.
    let given_up = store.give_up_emails(now).await.map(drop);
    let emails = in_batches(|| store.delete_old_emails(now - EMAILS_KEPT)).await;
    let challenges = in_batches(|| store.delete_old_challenges(now - KEPT_AFTER_CHALLENGE)).await;
    let changes = in_batches(|| store.delete_old_changes(now - KEPT_AFTER_CHALLENGE)).await;
    let factors = in_batches(|| store.delete_old_factors(now - FACTORS_KEPT, now)).await;
    let mut done = vec![sessions, activity, given_up, emails, challenges, changes, factors];
    for delete in others {
        done.push(in_batches(|| delete(store.clone(), now)).await);
    }
    done.into_iter().filter_map(Result::err).collect()
}

/// Deletes batches until none is left.
async fn in_batches<D: Future<Output = Result<bool, StoreError>>>(delete: impl Fn() -> D) -> Result<(), StoreError> {
    while delete().await? {
        tokio::time::sleep(BREATH).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rules::session::SignInMethod,
        settings::Database,
        store::{sessions::NewSession, users::NewUser},
    };
    use uuid::Uuid;

    #[tokio::test]
    async fn only_what_is_old_is_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&Database::Sqlite(folder.path().join("freshkey.db"))).await.expect("it opens");
        let user = NewUser { id: "u".to_owned(), ..NewUser::default() };
        store.insert_user(user).await.expect("a user");
        let now = Millis::from_days(100);
        for n in 0..1000 {
            let expires_at = now - KEPT_AFTER_EXPIRY + Millis(if n % 2 == 0 { -1 } else { 1 });
            let id = Uuid::from_u128(n);
            let new = NewSession {
                id,
                user_id: "u".to_owned(),
                method: SignInMethod::PASSWORD,
                password_hash: String::new(),
                replaces: None,
                created_at: Millis::ZERO,
                expires_at,
                remember: true,
                ip: None,
                user_agent: None,
            };
            store.insert_session(new).await.expect("a session");
        }
        assert!(delete_now(&store, &[], now).await.is_empty());
        assert!(store.session(Uuid::from_u128(0)).await.expect("read").is_none());
        assert!(store.session(Uuid::from_u128(998)).await.expect("read").is_none());
        assert!(store.session(Uuid::from_u128(999)).await.expect("read").is_some());
        store.close().await;
    }
}
