//! Finishing a challenge: one conditional statement, in which only one of many callers succeeds, and in the same
//! transaction the change that the challenge was for.

use super::{
    super::{
        Store, StoreError,
        activity::Event,
        factors::{forget_devices, is_proven, remove_passkeys},
        outbox::{self, NewEmail},
        removal::keep,
        sessions::ending::{SessionFilter, end},
        users::{self, NewUser},
    },
    ChallengeRow, NewChallenge,
    ends::{begin_next, finish, give_up},
    replace_others,
};
use freshkey_types::{EndReason, Millis};
use futures::future::BoxFuture;
use sqlx::AnyConnection;
use uuid::Uuid;

/// Who finishes a challenge, and when.
#[derive(Clone, Debug, Default)]
pub struct FinishedBy {
    /// The browser that may ask for the answer again; `None` if the challenge is bound to the user.
    pub browser: Option<String>,
    /// The session that will begin.
    pub session: Option<Uuid>,
    /// A digest of the finishing call. Only an identical call is a repeat.
    pub answer: Option<String>,
    /// What was proven by then, sealed, so that the session of a repeat begins like the first.
    pub data: Option<String>,
    /// The challenge that comes next, in place of a session.
    pub next: Option<Box<NewChallenge>>,
    /// The current time.
    pub now: Millis,
}

/// The result of finishing a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It is done, and these sessions ended.
    Done(Vec<Uuid>),
    /// Another caller finished it, or it is over.
    NotOpen,
    /// Its purpose is no longer possible. It is over.
    Gone,
    /// Too many emails wait already. Nothing was done.
    Full,
}

/// The account that a registration creates.
#[derive(Clone)]
pub struct NewAccount {
    /// The user.
    pub user: NewUser,
    /// The entry for the user's activity.
    pub event: Event,
}

/// A new password in place of a forgotten one.
#[derive(Clone, Debug)]
pub struct PasswordReset {
    /// Its hash.
    pub hash: String,
    /// The entry for the user's activity.
    pub event: Event,
    /// The email that reports it.
    pub notice: NewEmail,
}

impl Store {
    /// Creates the account of a registration.
    ///
    /// # Errors
    /// The database failed.
    pub async fn finish_registration(
        &self,
        challenge: &ChallengeRow,
        by: FinishedBy,
        account: NewAccount,
    ) -> Result<Finished, StoreError> {
        let (row, hooks, event) = (challenge.clone(), self.hooks.clone(), account.event.clone());
        let finished = self.transact(Box::new(move |connection| {
            let (row, by, account, hooks) = (row.clone(), by.clone(), account.clone(), hooks.clone());
            Box::pin(async move {
                if !finish(connection, &row, &by).await? {
                    return Ok(Finished::NotOpen);
                }
                let NewAccount { user, event } = &account;
                if !users::insert(connection, user).await? {
                    return give_up(connection, &row).await;
                }
                if let Some(own) = &user.own {
                    own(connection, &user.id).await?;
                }
                replace_others(connection, Some(&row.id), None, &row.email_key).await?;
                begin_next(connection, &by).await?;
                hooks.record(connection, event).await?;
                Ok(Finished::Done(Vec::new()))
            })
        }));
        let finished = finished.await?;
        if matches!(finished, Finished::Done(_)) {
            self.hooks.committed(event);
        }
        Ok(finished)
    }

    /// Changes the password of a reset's account and ends its sessions. This proves the address. If it is proven for
    /// the first time, everything is removed that was added before by somebody who had not proven it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn finish_reset(
        &self,
        challenge: &ChallengeRow,
        by: FinishedBy,
        reset: PasswordReset,
    ) -> Result<Finished, StoreError> {
        let (row, hooks, order) = (challenge.clone(), self.hooks.clone(), self.lock_in_order());
        let (event, now) = (reset.event.clone(), by.now);
        let finished = self.transact(Box::new(move |connection| {
            let (row, by, reset, hooks) = (row.clone(), by.clone(), reset.clone(), hooks.clone());
            Box::pin(async move {
                if outbox::is_full(connection).await? {
                    return Ok(Finished::Full);
                }
                if !finish(connection, &row, &by).await? {
                    return Ok(Finished::NotOpen);
                }
                let user = row.user_id.clone().unwrap_or_default();
                if !is_proven(connection, &user).await? {
                    remove_passkeys(connection, &user, by.now).await?;
                }
                forget_devices(connection, &user).await?;
                let sql = "UPDATE users SET password_hash = $3, password_changed_at = $4, second_step_failures = 0,
                                  email_verified_at = COALESCE(email_verified_at, $4)
                           WHERE id = $1 AND email_key = $2 AND disabled_at IS NULL";
                let query = sqlx::query(sql).bind(&user).bind(&row.email_key).bind(&reset.hash).bind(by.now);
                if query.execute(&mut *connection).await?.rows_affected() == 0 {
                    return give_up(connection, &row).await;
                }
                outbox::insert_or_undo(connection, &reset.notice).await?;
                replace_others(connection, Some(&row.id), Some(&user), &row.email_key).await?;
                let all = SessionFilter::AllOf(user);
                let ended = end(connection, &all, EndReason::PasswordChanged, by.now, order).await?;
                hooks.record(connection, &reset.event).await?;
                Ok(Finished::Done(ended))
            })
        }));
        let finished = finished.await?;
        if let Finished::Done(ended) = &finished {
            self.hooks.committed(event);
            self.notify_ended(ended, EndReason::PasswordChanged, now);
        }
        Ok(finished)
    }

    /// Records that a sign-in code was right. This does not prove the address, because then what a stranger added
    /// before would stay.
    ///
    /// # Errors
    /// The database failed.
    pub async fn finish_sign_in(&self, challenge: &ChallengeRow, by: FinishedBy) -> Result<Finished, StoreError> {
        let row = challenge.clone();
        self.transact(Box::new(move |connection| {
            let (row, by) = (row.clone(), by.clone());
            Box::pin(async move {
                if !finish(connection, &row, &by).await? {
                    return Ok(Finished::NotOpen);
                }
                begin_next(connection, &by).await?;
                Ok(Finished::Done(Vec::new()))
            })
        }))
        .await
    }

    /// Finishes a challenge that has no other effect.
    ///
    /// # Errors
    /// The database failed.
    pub async fn finish_challenge(&self, challenge: &ChallengeRow, by: FinishedBy) -> Result<bool, StoreError> {
        let row = challenge.clone();
        self.transact(Box::new(move |connection| {
            let (row, by) = (row.clone(), by.clone());
            Box::pin(async move { finish(connection, &row, &by).await })
        }))
        .await
    }

    /// Keeps an account that was going to be deleted, if its time has not come.
    ///
    /// # Errors
    /// The database failed.
    pub async fn finish_keeping(
        &self,
        challenge: &ChallengeRow,
        by: FinishedBy,
        event: Event,
    ) -> Result<Finished, StoreError> {
        self.finish_with(challenge, by, event, |connection, row, now| {
            Box::pin(async move { keep(connection, row.user_id.as_deref().unwrap_or_default(), now).await })
        })
        .await
    }

    /// Records that the user has the address.
    ///
    /// # Errors
    /// The database failed.
    pub async fn finish_proof(
        &self,
        challenge: &ChallengeRow,
        by: FinishedBy,
        event: Event,
    ) -> Result<Finished, StoreError> {
        self.finish_with(challenge, by, event, |connection, row, now| {
            Box::pin(async move { prove(connection, row, now).await })
        })
        .await
    }

    /// Finishes a challenge, does its work in the same transaction, and records the event. If the work is no longer
    /// possible, the challenge is over.
    async fn finish_with(
        &self,
        challenge: &ChallengeRow,
        by: FinishedBy,
        event: Event,
        rest: for<'c> fn(&'c mut AnyConnection, &'c ChallengeRow, Millis) -> BoxFuture<'c, Result<bool, sqlx::Error>>,
    ) -> Result<Finished, StoreError> {
        let (row, hooks, noted) = (challenge.clone(), self.hooks.clone(), event.clone());
        let finished = self.transact(Box::new(move |connection| {
            let (row, by, event, hooks) = (row.clone(), by.clone(), noted.clone(), hooks.clone());
            Box::pin(async move {
                if !finish(connection, &row, &by).await? {
                    return Ok(Finished::NotOpen);
                }
                if !rest(connection, &row, by.now).await? {
                    return give_up(connection, &row).await;
                }
                begin_next(connection, &by).await?;
                hooks.record(connection, &event).await?;
                Ok(Finished::Done(Vec::new()))
            })
        }));
        let finished = finished.await?;
        if matches!(finished, Finished::Done(_)) {
            self.hooks.committed(event);
        }
        Ok(finished)
    }
}

/// Records that the user has the address to which the challenge's code was sent. Returns `false` if it is no longer
/// theirs.
async fn prove(connection: &mut AnyConnection, row: &ChallengeRow, now: Millis) -> Result<bool, sqlx::Error> {
    let sql = "UPDATE users SET email_verified_at = COALESCE(email_verified_at, $3)
               WHERE id = $1 AND email_key = $2 AND disabled_at IS NULL";
    let query = sqlx::query(sql).bind(row.user_id.as_deref().unwrap_or_default()).bind(&row.email_key).bind(now);
    Ok(query.execute(connection).await?.rows_affected() == 1)
}
