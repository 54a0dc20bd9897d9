//! Finishing a challenge: the one conditional statement that only one of many callers gets through, and what it was
//! for, in the same transaction.

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
use freshkey_types::EndReason;
use futures::future::BoxFuture;
use sqlx::AnyConnection;
use uuid::Uuid;

/// By whom, and when.
#[derive(Clone, Debug, Default)]
pub struct FinishedBy {
    /// The browser that may ask again for the same answer; none where the challenge is bound to the user.
    pub browser: Option<String>,
    /// The session that is to begin.
    pub session: Option<Uuid>,
    /// A digest of what finished it: only a call that is the same in all is a repeat.
    pub answer: Option<String>,
    /// What was proven by then, sealed: the session of a repeat begins like the first.
    pub data: Option<String>,
    /// The challenge that comes next, in the place of a session.
    pub next: Option<Box<NewChallenge>>,
    /// Now.
    pub now: i64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It is done; these sessions ended.
    Done(Vec<Uuid>),
    /// Somebody else finished it, or it is over.
    NotOpen,
    /// What it was for is not possible any more. It is over.
    Gone,
    /// Too many emails wait already: nothing was done.
    Full,
}

/// The account that a registration makes.
#[derive(Clone)]
pub struct NewAccount {
    /// The user.
    pub user: NewUser,
    /// What the activity says of it.
    pub event: Event,
}

/// A password in the place of a forgotten one.
#[derive(Clone, Debug)]
pub struct PasswordReset {
    /// Its hash.
    pub hash: String,
    /// What the activity says of it.
    pub event: Event,
    /// The email that tells of it.
    pub notice: NewEmail,
}

impl Store {
    /// Makes the account that a registration was for.
    ///
    /// # Errors
    /// The database.
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

    /// Changes the password of the account that a reset was for, and ends its sessions. The address is proven by it; for the
    /// first time, what was added before by somebody who had not proven it goes.
    ///
    /// # Errors
    /// The database.
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
            self.tell(ended, EndReason::PasswordChanged, now);
        }
        Ok(finished)
    }

    /// Takes note that a code to sign in with was right. It proves no address: what a stranger added before would stay.
    ///
    /// # Errors
    /// The database.
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

    /// Finishes a challenge, which is all there is to do.
    ///
    /// # Errors
    /// The database.
    pub async fn finish_challenge(&self, challenge: &ChallengeRow, by: FinishedBy) -> Result<bool, StoreError> {
        let row = challenge.clone();
        self.transact(Box::new(move |connection| {
            let (row, by) = (row.clone(), by.clone());
            Box::pin(async move { finish(connection, &row, &by).await })
        }))
        .await
    }

    /// Keeps an account that was going to be deleted, until its time has come.
    ///
    /// # Errors
    /// The database.
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

    /// Takes note that the user has the address.
    ///
    /// # Errors
    /// The database.
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

    /// Finishes a challenge, does the rest of it in the same transaction, and records the event. Where the rest is not
    /// possible any more, the challenge is over.
    async fn finish_with(
        &self,
        challenge: &ChallengeRow,
        by: FinishedBy,
        event: Event,
        rest: for<'c> fn(&'c mut AnyConnection, &'c ChallengeRow, i64) -> BoxFuture<'c, Result<bool, sqlx::Error>>,
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

/// The user has the address that the challenge's code went to; false if it is not theirs any more.
async fn prove(connection: &mut AnyConnection, row: &ChallengeRow, now: i64) -> Result<bool, sqlx::Error> {
    let sql = "UPDATE users SET email_verified_at = COALESCE(email_verified_at, $3)
               WHERE id = $1 AND email_key = $2 AND disabled_at IS NULL";
    let query = sqlx::query(sql).bind(row.user_id.as_deref().unwrap_or_default()).bind(&row.email_key).bind(now);
    Ok(query.execute(connection).await?.rows_affected() == 1)
}
