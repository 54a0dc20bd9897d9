//! Ending sessions: in the database, on this instance at once, and on other instances within a second.

use super::Sessions;
use crate::rules::session::Device;
use crate::store::{
    StoreError,
    account_changes::{Changed, ChangedBy, NewPassword},
    activity::Event,
    challenges::{ChallengeRow, EmailChange, Finished, FinishedBy, NewChallenge, PasswordReset},
    changes::{Answered, ChangeRow, Securing},
    factors::FactorChange,
    outbox::NewEmail,
    removal::Deletion,
    sessions::{NewSession, SessionRow},
};
use freshkey_types::{AuditEvent, EndReason, Millis};
use std::sync::Arc;
use tracing::Instrument as _;
use uuid::Uuid;

impl Sessions {
    /// Ends the session. Returns `false` if it was already over.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end(&self, id: Uuid, reason: EndReason, now: Millis) -> Result<bool, StoreError> {
        let (store, ended) = (self.store.clone(), Arc::clone(&self.ended));
        uncancelled(async move {
            let done = store.end_session(id, reason, now).await?;
            ended.add(id, reason, now, done);
            Ok(done)
        })
        .await
    }

    /// Ends every session of the user.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_all_of(&self, user: &str, reason: EndReason, now: Millis) -> Result<(), StoreError> {
        let (store, ended, user) = (self.store.clone(), Arc::clone(&self.ended), user.to_owned());
        uncancelled(async move {
            for id in store.end_sessions_of(&user, reason, now).await? {
                ended.add(id, reason, now, true);
            }
            Ok(())
        })
        .await
    }

    /// Ends every session of the user but `own`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_others_of(&self, user: &str, own: Uuid, reason: EndReason, now: Millis) -> Result<(), StoreError> {
        let (store, ended, user) = (self.store.clone(), Arc::clone(&self.ended), user.to_owned());
        uncancelled(async move {
            for id in store.end_other_sessions_of(&user, own, reason, now).await? {
                ended.add(id, reason, now, true);
            }
            Ok(())
        })
        .await
    }

    /// Changes a password and ends the user's other sessions. Returns `false` if the verified password is no longer
    /// the user's, or if the session or the account is over.
    ///
    /// # Errors
    /// The database failed.
    pub async fn change_password(&self, new: NewPassword) -> Result<bool, StoreError> {
        let (store, ended, now) = (self.store.clone(), Arc::clone(&self.ended), new.now);
        uncancelled(async move {
            let Some(others) = store.change_password(new).await? else { return Ok(false) };
            for id in others {
                ended.add(id, EndReason::PasswordChanged, now, true);
            }
            Ok(true)
        })
        .await
    }

    /// Begins a reset that turns the present password off at once, and ends all of the user's sessions. Returns
    /// `false` if too many emails wait already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_locking(
        &self,
        new: NewChallenge,
        email: NewEmail,
        locked: NewPassword,
    ) -> Result<bool, StoreError> {
        let (store, ended, now) = (self.store.clone(), Arc::clone(&self.ended), locked.now);
        uncancelled(async move {
            let Some(sessions) = store.begin_locking(new, email, locked).await? else { return Ok(false) };
            for id in sessions {
                ended.add(id, EndReason::PasswordChanged, now, true);
            }
            Ok(true)
        })
        .await
    }

    /// Changes a forgotten password and ends all of the user's sessions. Returns the sessions that ended, if it was
    /// done.
    ///
    /// # Errors
    /// The database failed.
    pub async fn reset_password(
        &self,
        challenge: &ChallengeRow,
        by: FinishedBy,
        reset: PasswordReset,
    ) -> Result<Finished, StoreError> {
        let (store, row, now) = (self.store.clone(), challenge.clone(), by.now);
        let reset = async move { store.finish_reset(&row, by, reset).await };
        self.finished(reset, EndReason::PasswordChanged, now).await
    }

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
        let (store, now) = (self.store.clone(), change.event.at());
        self.finished(
            Box::pin(async move { store.change_email(challenge, change).await }),
            EndReason::EmailChanged,
            now,
        )
        .await
    }

    /// Changes the factors of an account.
    ///
    /// # Errors
    /// The database failed, or an account already has the credential.
    pub async fn change_factors(&self, change: FactorChange) -> Result<Finished, StoreError> {
        let (store, now) = (self.store.clone(), change.now);
        self.finished(async move { store.change_factors(change).await }, EndReason::FactorsChanged, now).await
    }

    /// Records that a user wants their account deleted, and ends their sessions.
    ///
    /// # Errors
    /// The database failed.
    pub async fn ask_for_deletion(&self, wish: Deletion) -> Result<Changed, StoreError> {
        let (store, now) = (self.store.clone(), wish.now);
        self.changed(async move { store.ask_for_deletion(wish).await }, EndReason::Deleted, now).await
    }

    /// Removes all factors of a user and ends their sessions.
    ///
    /// # Errors
    /// The database failed, or too many emails wait.
    pub async fn remove_factors(
        &self,
        by: ChangedBy<'_>,
        event: Event,
        notice: Option<NewEmail>,
    ) -> Result<Changed, StoreError> {
        let (store, by, now) = (self.store.clone(), by.map(str::to_owned), event.at());
        let change = async move { store.remove_factors(by.as_deref(), event, notice).await };
        self.changed(change, EndReason::FactorsChanged, now).await
    }

    /// Disables an account and ends its sessions.
    ///
    /// # Errors
    /// The database failed.
    pub async fn disable(&self, user: &str, by: ChangedBy<'_>, now: Millis) -> Result<Changed, StoreError> {
        let (store, user, by) = (self.store.clone(), user.to_owned(), by.map(str::to_owned));
        let change = async move { store.disable_account(&user, by.as_deref(), now).await };
        self.changed(change, EndReason::Disabled, now).await
    }

    /// Ends one or all of another user's sessions.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_by(
        &self,
        by: ChangedBy<'_>,
        user: &str,
        session: Option<Uuid>,
        now: Millis,
    ) -> Result<Changed, StoreError> {
        let (store, user, by) = (self.store.clone(), user.to_owned(), by.map(str::to_owned));
        let change = async move { store.end_sessions_by(by.as_deref(), &user, session, now).await };
        self.changed(change, EndReason::Revoked, now).await
    }

    /// Inserts a session and ends the one that it replaces. Returns `false` if its password is no longer the user's.
    pub(super) async fn insert(&self, new: NewSession, now: Millis) -> Result<bool, StoreError> {
        let (store, ended) = (self.store.clone(), Arc::clone(&self.ended));
        uncancelled(async move {
            let Some(replaced) = store.insert_session(new).await? else { return Ok(false) };
            for id in replaced {
                ended.add(id, EndReason::SignedOut, now, true);
            }
            Ok(true)
        })
        .await
    }

    /// Restores an account because the reader of an email said "It was not me", and ends its sessions.
    ///
    /// # Errors
    /// The database failed.
    pub async fn secure(
        &self,
        change: &ChangeRow,
        browser: String,
        securing: Securing,
        now: Millis,
    ) -> Result<Answered, StoreError> {
        let (store, ended, change) = (self.store.clone(), Arc::clone(&self.ended), change.clone());
        uncancelled(async move {
            let answered = store.secure_account(&change, browser, securing, now).await?;
            if let Answered::Done(sessions) = &answered {
                for id in sessions {
                    ended.add(*id, EndReason::Secured, now, true);
                }
            }
            Ok(answered)
        })
        .await
    }

    async fn finished(
        &self,
        finish: impl Future<Output = Result<Finished, StoreError>> + Send + 'static,
        reason: EndReason,
        now: Millis,
    ) -> Result<Finished, StoreError> {
        let ended = Arc::clone(&self.ended);
        uncancelled(async move {
            let finished = finish.await?;
            if let Finished::Done(sessions) = &finished {
                for id in sessions {
                    ended.add(*id, reason, now, true);
                }
            }
            Ok(finished)
        })
        .await
    }

    async fn changed(
        &self,
        change: impl Future<Output = Result<Changed, StoreError>> + Send + 'static,
        reason: EndReason,
        now: Millis,
    ) -> Result<Changed, StoreError> {
        let ended = Arc::clone(&self.ended);
        uncancelled(async move {
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

    /// Ends the session of a spent token that nothing explains. If the session ended for another reason in the
    /// meantime, the next check finds that.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_replayed(&self, row: &SessionRow, device: &Device, now: Millis) -> Result<(), StoreError> {
        if self.end(row.id, EndReason::Replay, now).await? {
            tracing::warn!(event = "refresh_token_replayed", session = %row.id, user = %row.user.id);
            self.activity.note(&row.user.id, Some(row.id), AuditEvent::RefreshTokenReplayed, device, now);
            if let Some(tell) = &self.on_replay {
                tell(row, device, now);
            }
        }
        Ok(())
    }
}

/// Completes the work even if the client does not wait for the answer. A request that is dropped half way must not
/// leave a session that is over in the database while its access token still works.
async fn uncancelled<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(work.in_current_span()).await.map_err(|_| StoreError::Panicked)?
}
