//! Accounts whose time has come are removed, with all that names their users.

use crate::{
    causes::with_causes,
    clock::Clock,
    rules::{email_kind::EmailKind, language::Language},
    store::{Store, StoreError, outbox::NewEmail, users::UserRow},
};
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(30);

/// Removes accounts for ever.
pub async fn remove(store: Store, mail: bool, clock: Clock) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = remove_due(&store, mail, clock.now()).await {
            tracing::warn!(event = "removal_delayed", error = %with_causes(&error));
        }
    }
}

/// Removes the accounts that are due at `now`; with `mail`, their users are told.
///
/// # Errors
/// The database, after which the others wait for the next time.
pub async fn remove_due(store: &Store, mail: bool, now: i64) -> Result<(), StoreError> {
    for user in store.due_for_removal(now).await? {
        let UserRow { id, email, language, .. } = user;
        let language = language.as_deref().and_then(Language::parse).unwrap_or(Language::En);
        let notice = mail.then(|| NewEmail::new(EmailKind::Deleted, &email, language, now));
        if store.remove_user(&id, notice, now).await? {
            tracing::info!(event = "account_removed", user = %id);
        }
    }
    Ok(())
}
