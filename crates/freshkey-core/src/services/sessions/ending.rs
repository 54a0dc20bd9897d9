//! How sessions end: in the database, here at once, and on other instances within a second.

use super::Sessions;
use crate::rules::terms::Device;
use crate::store::{
    StoreError,
    account_changes::{Changed, ChangedBy, NewPassword},
    challenges::{ChallengeRow, Finished, FinishedBy, PasswordReset},
    removal::Deletion,
    sessions::{NewSession, SessionRow},
};
use freshkey_types::{EndReason, Happened};
use std::sync::Arc;
use tracing::Instrument as _;
use uuid::Uuid;

impl Sessions {
    /// Ends the session; false if it was over.
    ///
    /// # Errors
    /// The database.
    pub async fn end(&self, id: Uuid, reason: EndReason, now: i64) -> Result<bool, StoreError> {
        let (store, ended) = (self.store.clone(), Arc::clone(&self.ended));
        whole(async move {
            let done = store.end_session(id, reason, now).await?;
            ended.add(id, reason, now, done);
            Ok(done)
        })
        .await
    }

    /// Ends every session of the user.
    ///
    /// # Errors
    /// The database.
    pub async fn end_all_of(&self, user: &str, reason: EndReason, now: i64) -> Result<(), StoreError> {
        let (store, ended, user) = (self.store.clone(), Arc::clone(&self.ended), user.to_owned());
        whole(async move {
            for id in store.end_sessions_of(&user, reason, now).await? {
                ended.add(id, reason, now, true);
            }
            Ok(())
        })
        .await
    }

    /// Ends every session of the user but `this`.
    ///
    /// # Errors
    /// The database.
    pub async fn end_others_of(&self, user: &str, this: Uuid, reason: EndReason, now: i64) -> Result<(), StoreError> {
        let (store, ended, user) = (self.store.clone(), Arc::clone(&self.ended), user.to_owned());
        whole(async move {
            for id in store.end_other_sessions_of(&user, this, reason, now).await? {
                ended.add(id, reason, now, true);
            }
            Ok(())
        })
        .await
    }

    /// Changes a password, and ends the user's other sessions; false if the verified password is no
    /// longer the user's, or the session or the account is over.
    ///
    /// # Errors
    /// The database.
    pub async fn change_password(&self, new: NewPassword) -> Result<bool, StoreError> {
        let (store, ended, now) = (self.store.clone(), Arc::clone(&self.ended), new.now);
        whole(async move {
            let Some(others) = store.change_password(new).await? else { return Ok(false) };
            for id in others {
                ended.add(id, EndReason::PasswordChanged, now, true);
            }
            Ok(true)
        })
        .await
    }

    /// Changes a forgotten password, and ends every session of its user; which they were, if it was done.
    ///
    /// # Errors
    /// The database.
    pub async fn reset_password(
        &self,
        challenge: &ChallengeRow,
        by: FinishedBy,
        reset: PasswordReset,
    ) -> Result<Finished, StoreError> {
        let (store, ended, row, now) = (self.store.clone(), Arc::clone(&self.ended), challenge.clone(), by.now);
        whole(async move {
            let finished = store.finish_reset(&row, by, reset).await?;
            if let Finished::Done(sessions) = &finished {
                for id in sessions {
                    ended.add(*id, EndReason::PasswordChanged, now, true);
                }
            }
            Ok(finished)
        })
        .await
    }

    /// Takes note that a user wants their account deleted, and ends their sessions.
    ///
    /// # Errors
    /// The database.
    pub async fn ask_for_deletion(&self, wish: Deletion) -> Result<Changed, StoreError> {
        let (store, now) = (self.store.clone(), wish.now);
        self.changed(async move { store.ask_for_deletion(wish).await }, EndReason::Deleted, now).await
    }

    /// Disables an account, and ends its sessions.
    ///
    /// # Errors
    /// The database.
    pub async fn disable(&self, user: &str, by: ChangedBy<'_>, now: i64) -> Result<Changed, StoreError> {
        let (store, user, by) = (self.store.clone(), user.to_owned(), by.map(str::to_owned));
        let change = async move { store.disable_account(&user, by.as_deref(), now).await };
        self.changed(change, EndReason::Disabled, now).await
    }

    /// Ends one or all of somebody else's sessions.
    ///
    /// # Errors
    /// The database.
    pub async fn end_by(
        &self,
        by: ChangedBy<'_>,
        user: &str,
        session: Option<Uuid>,
        now: i64,
    ) -> Result<Changed, StoreError> {
        let (store, user, by) = (self.store.clone(), user.to_owned(), by.map(str::to_owned));
        let change = async move { store.end_sessions_by(by.as_deref(), &user, session, now).await };
        self.changed(change, EndReason::Revoked, now).await
    }

    /// Inserts a session, and ends the one that it replaces; false if its password is not the user's
    /// any more.
    pub(super) async fn insert(&self, new: NewSession, now: i64) -> Result<bool, StoreError> {
        let (store, ended) = (self.store.clone(), Arc::clone(&self.ended));
        whole(async move {
            let Some(replaced) = store.insert_session(new).await? else { return Ok(false) };
            for id in replaced {
                ended.add(id, EndReason::SignedOut, now, true);
            }
            Ok(true)
        })
        .await
    }

    async fn changed(
        &self,
        change: impl Future<Output = Result<Changed, StoreError>> + Send + 'static,
        reason: EndReason,
        now: i64,
    ) -> Result<Changed, StoreError> {
        let ended = Arc::clone(&self.ended);
        whole(async move {
            let changed = change.await?;
            if let Changed::Done(sessions) = &changed {
                for id in sessions {
                    ended.add(*id, reason, now, true);
                }
            }
            Ok(changed)
        })
        .await
    }

    /// A spent token that nothing explains: its session ends. If it ended for another reason in
    /// between, the next look finds that.
    ///
    /// # Errors
    /// The database.
    pub async fn replayed(&self, row: &SessionRow, device: &Device, now: i64) -> Result<(), StoreError> {
        if self.end(row.id, EndReason::Replay, now).await? {
            tracing::warn!(event = "refresh_token_replayed", session = %row.id, user = %row.user.id);
            self.activity.note(&row.user.id, Some(row.id), Happened::RefreshTokenReplayed, device, now);
        }
        Ok(())
    }
}

/// Does all of it, whether or not the client waits for the answer: a request that is dropped half
/// way must not leave a session ended in the database whose access token still works.
async fn whole<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(work.in_current_span()).await.map_err(|_| sqlx::Error::WorkerCrashed)?
}
