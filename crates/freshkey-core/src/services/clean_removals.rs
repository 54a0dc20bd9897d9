//! Accounts whose time has come are removed, with all that names their users.

use crate::{
    causes::with_causes,
    clock::Clock,
    rules::{email_kind::EmailKind, language::Language},
    store::{Store, StoreError, outbox::NewEmail, users::UserRow},
};
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(1);
const AFTER_AN_ERROR: Duration = Duration::from_secs(30);

/// Removes accounts for ever; with `mail`, their users are told, in that language where they chose none.
pub async fn remove(store: Store, mail: Option<Language>, clock: Clock) {
    let mut pause = EVERY;
    loop {
        tokio::time::sleep(pause).await;
        // The log has what failed; it is tried again.
        let done = remove_due(&store, mail, clock.now()).await;
        pause = if done.is_ok() { EVERY } else { AFTER_AN_ERROR };
    }
}

/// Removes the accounts that are due at `now`; with `mail`, their users are told, in that language where they chose none.
///
/// # Errors
/// The last of the database's: an account that can't be removed keeps no other from it.
pub async fn remove_due(store: &Store, mail: Option<Language>, now: i64) -> Result<(), StoreError> {
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
