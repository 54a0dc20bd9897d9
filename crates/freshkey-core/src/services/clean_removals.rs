//! Removes accounts that are due for deletion, with everything that names their users.

use crate::{
    causes::with_causes,
    clock::Clock,
    rules::{email_kind::EmailKind, language::Language},
    store::{Store, StoreError, outbox::NewEmail, users::UserRow},
};
use freshkey_types::Millis;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(1);
const AFTER_AN_ERROR: Duration = Duration::from_secs(30);

/// Removes due accounts in a loop. With `mail`, their users are told, in that language if they chose none.
pub async fn remove(store: Store, mail: Option<Language>, clock: Clock) {
    let mut pause = EVERY;
    loop {
        tokio::time::sleep(pause).await;
        // A failure is logged, and the removal is tried again.
        let done = remove_due(&store, mail, clock.now()).await;
        pause = if done.is_ok() { EVERY } else { AFTER_AN_ERROR };
    }
}

/// Removes the accounts that are due at `now`. With `mail`, their users are told, in that language if they chose
/// none.
///
/// # Errors
/// The last error of the database. An account that can't be removed does not stop the others from being removed.
pub async fn remove_due(store: &Store, mail: Option<Language>, now: Millis) -> Result<(), StoreError> {
    let mut done = Ok(());
    for user in store.due_for_removal(now).await? {
        let UserRow { id, email, language, .. } = user;
        let chosen = language.as_deref().and_then(Language::parse);
        let notice = mail.map(|first| NewEmail::new(EmailKind::Deleted, &email, chosen.unwrap_or(first), now));
        match store.remove_user(&id, notice, now).await {
            Ok(true) => tracing::info!(event = "account_removed", user = %id),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(event = "removal_delayed", user = %id, error = %with_causes(&error));
                done = Err(error);
            }
        }
    }
    done
}
