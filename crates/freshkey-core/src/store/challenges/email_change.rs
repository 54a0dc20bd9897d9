//! Changing an account's address.

use super::{
    super::{
        Store, StoreError,
        activity::Event,
        changes::is_reserved,
        factors::forget_devices,
        outbox::{self, NewEmail},
        sessions::ending::{SessionFilter, end},
    },
    ChallengeRow,
    ends::{finish, give_up},
    finishing::{Finished, FinishedBy},
    replace_others,
};
use crate::rules::email::KEY_VERSION;
use freshkey_types::{EndReason, Millis};
use sqlx::AnyConnection;
use uuid::Uuid;

/// A change of an account's address.
#[derive(Clone, Debug)]
pub struct EmailChange {
    /// The user's id.
    pub user: String,
    /// The session in which it is changed. It stays alive.
    pub session: Uuid,
    /// The old address.
    pub old: Address,
    /// The new address.
    pub new: Address,
    /// The entry for the user's activity.
    pub event: Event,
    /// The emails that report it to both addresses, if there is mail.
    pub notices: Vec<NewEmail>,
}

/// An address of an account.
#[derive(Clone, Debug)]
pub struct Address {
    /// The address as it was typed.
    pub email: String,
    /// The address as it is compared.
    pub key: String,
    /// When the user proved that they have it.
    pub verified_at: Option<Millis>,
}

impl Store {
    /// Changes the address of an account and ends the user's other sessions. The challenge has proven the new
    /// address; without mail, the change is made at once.
    ///
    /// # Errors
    /// The database failed.
    pub async fn change_email(
        &self,
        challenge: Option<(ChallengeRow, FinishedBy)>,
        change: EmailChange,
    ) -> Result<Finished, StoreError> {
        let finished = match self.try_email_change(challenge.clone(), change.clone()).await {
            // Another account took the address at the same moment. A second try sees that in advance.
            Err(error) if error.is_taken() => self.try_email_change(challenge, change.clone()).await?,
            finished => finished?,
        };
        if let Finished::Done(ended) = &finished {
            self.notify_ended(ended, EndReason::EmailChanged, change.event.at());
            self.hooks.committed(change.event);
        }
        Ok(finished)
    }

    async fn try_email_change(
        &self,
        challenge: Option<(ChallengeRow, FinishedBy)>,
        change: EmailChange,
    ) -> Result<Finished, StoreError> {
        let (hooks, order) = (self.hooks.clone(), self.lock_in_order());
        self.transact(Box::new(move |connection| {
            let (challenge, change, hooks) = (challenge.clone(), change.clone(), hooks.clone());
            Box::pin(async move {
                if !change.notices.is_empty() && outbox::is_full(connection).await? {
                    return Ok(Finished::Full);
                }
                if let Some((row, by)) = &challenge
                    && !finish(connection, row, by).await?
                {
                    return Ok(Finished::NotOpen);
                }
                let now = change.event.at();
                if !replace(connection, &change, now).await? {
                    return match &challenge {
                        Some((row, _)) => give_up(connection, row).await,
                        None => Ok(Finished::Gone),
                    };
                }
                forget_devices(connection, &change.user).await?;
                for notice in &change.notices {
                    outbox::insert_or_undo(connection, notice).await?;
                }
                for key in [&change.old.key, &change.new.key] {
                    let this = challenge.as_ref().map(|(row, _)| row.id.as_str());
                    replace_others(connection, this, Some(&change.user), key).await?;
                }
                let others = SessionFilter::OthersOf(change.user.clone(), change.session);
                let ended = end(connection, &others, EndReason::EmailChanged, now, order).await?;
                hooks.record(connection, &change.event).await?;
                Ok(Finished::Done(ended))
            })
        }))
        .await
    }
}

/// Replaces the old address with the new one. Returns `false` if the old one is no longer the user's, or if the new
/// one belongs to another account or is reserved for somebody who may get it back.
async fn replace(connection: &mut AnyConnection, change: &EmailChange, now: Millis) -> Result<bool, sqlx::Error> {
    if !put(connection, &change.user, &change.old.key, &change.new).await? {
        return Ok(false);
    }
    // Checked afterwards, because on Postgres the update has waited for an account that was giving the address up.
    if is_reserved(connection, &change.new.key, &change.user, now).await? {
        put(connection, &change.user, &change.new.key, &change.old).await?;
        return Ok(false);
    }
    Ok(true)
}

/// Gives the account this address, if its present address has the key `present` and no other account has the new one.
pub(in crate::store) async fn put(
    connection: &mut AnyConnection,
    user: &str,
    present: &str,
    address: &Address,
) -> Result<bool, sqlx::Error> {
    let sql = "UPDATE users SET email = $3, email_key = $4, email_verified_at = $5, email_key_version = $6
               WHERE id = $1 AND email_key = $2
                 AND NOT EXISTS (SELECT 1 FROM users AS other WHERE other.email_key = $4 AND other.id <> $1)";
    let query = sqlx::query(sql).bind(user).bind(present).bind(&address.email).bind(&address.key);
    let done = query.bind(address.verified_at).bind(KEY_VERSION).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}
