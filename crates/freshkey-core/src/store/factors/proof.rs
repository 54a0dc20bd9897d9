//! Proof of a second step. It counts once, in the transaction of what it is for.

use super::{
    super::{
        Store, StoreError,
        activity::Event,
        challenges::{ChallengeRow, Finished, FinishedBy, begin_next, finish, reopen},
        outbox::{self, NewEmail},
    },
    devices::trust,
};
use crate::rules::session::SignInMethod;
use freshkey_types::Millis;
use sqlx::AnyConnection;
use uuid::Uuid;

/// How many wrong second steps from unknown devices, without a right one, pause the authenticator apps on such
/// devices.
pub const RESTS_AFTER: i64 = 50;

/// What was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A code of an authenticator app.
    App {
        /// The app's id.
        factor: String,
        /// The step of the code.
        step: i64,
    },
    /// A recovery code.
    RecoveryCode {
        /// The id of its set.
        set: String,
        /// The characters by which it is found.
        selector: String,
    },
    /// A passkey, whose challenge is already used up.
    Passkey,
}

/// The second step of a sign-in, as it was taken.
#[derive(Clone, Debug)]
pub struct SecondStepTaken {
    /// The user's id.
    pub user: String,
    /// What was verified.
    pub proof: Proof,
    /// The device that skips the second step from now on, and until when.
    pub trust: Option<(String, Millis)>,
    /// The entries for the user's activity.
    pub events: Vec<Event>,
    /// The email that reports it.
    pub notice: Option<NewEmail>,
}

impl Store {
    /// Completes the second step of a sign-in. [`Finished::Gone`]: its code was used in the meantime, and nothing is
    /// done.
    ///
    /// # Errors
    /// The database failed.
    pub async fn finish_second_factor(
        &self,
        challenge: &ChallengeRow,
        by: FinishedBy,
        step: SecondStepTaken,
    ) -> Result<Finished, StoreError> {
        let (row, hooks, events) = (challenge.clone(), self.hooks.clone(), step.events.clone());
        let finished = self.transact(Box::new(move |connection| {
            let (row, by, step, hooks) = (row.clone(), by.clone(), step.clone(), hooks.clone());
            Box::pin(async move {
                if step.notice.is_some() && outbox::is_full(connection).await? {
                    return Ok(Finished::Full);
                }
                if !finish(connection, &row, &by).await? {
                    return Ok(Finished::NotOpen);
                }
                if !accept(connection, &step.user, &step.proof, by.now).await? {
                    reopen(connection, &row).await?;
                    return Ok(Finished::Gone);
                }
                if let Some((device, until)) = &step.trust {
                    trust(connection, &step.user, device, by.now, *until).await?;
                }
                if let Some(notice) = &step.notice {
                    outbox::insert_or_undo(connection, notice).await?;
                }
                begin_next(connection, &by).await?;
                for event in &step.events {
                    hooks.record(connection, event).await?;
                }
                Ok(Finished::Done(Vec::new()))
            })
        }));
        let finished = finished.await?;
        if let Finished::Done(_) = finished {
            for event in events {
                self.hooks.committed(event);
            }
        }
        Ok(finished)
    }

    /// Records a step-up of the session, by the password with this hash, if given, and by a second step, if given.
    /// [`Finished::NotOpen`]: the session is over, or the password has changed. [`Finished::Gone`]: the code was used
    /// in the meantime.
    ///
    /// # Errors
    /// The database failed.
    pub async fn step_up(
        &self,
        session: Uuid,
        method: SignInMethod,
        password_hash: Option<&str>,
        second: Option<SecondStepTaken>,
        now: Millis,
    ) -> Result<Finished, StoreError> {
        let (hash, hooks) = (password_hash.map(str::to_owned), self.hooks.clone());
        let events = second.as_ref().map(|second| second.events.clone()).unwrap_or_default();
        let finished = self.transact(Box::new(move |connection| {
            let (hash, second, hooks) = (hash.clone(), second.clone(), hooks.clone());
            Box::pin(async move {
                if second.as_ref().is_some_and(|second| second.notice.is_some()) && outbox::is_full(connection).await? {
                    return Ok(Finished::Full);
                }
                if !is_still(connection, session, hash.as_deref()).await? {
                    return Ok(Finished::NotOpen);
                }
                if let Some(second) = &second {
                    if !accept(connection, &second.user, &second.proof, now).await? {
                        return Ok(Finished::Gone);
                    }
                    if let Some(notice) = &second.notice {
                        outbox::insert_or_undo(connection, notice).await?;
                    }
                    for event in &second.events {
                        hooks.record(connection, event).await?;
                    }
                }
                // Keeps how the session began.
                let sql = "UPDATE sessions SET authenticated_at = $2, stepped_up_at = $2, amr = $3,
                                  began_amr = COALESCE(began_amr, amr) WHERE id = $1";
                let query = sqlx::query(sql).bind(session.to_string()).bind(now).bind(method.amr());
                query.execute(connection).await?;
                Ok(Finished::Done(Vec::new()))
            })
        }));
        let finished = finished.await?;
        if let Finished::Done(_) = finished {
            for event in events {
                self.hooks.committed(event);
            }
        }
        Ok(finished)
    }

    /// Counts a wrong second step from a device that the account does not know. Returns how many there were without a
    /// right one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count_wrong_second_step(&self, user: &str) -> Result<i64, StoreError> {
        let user = user.to_owned();
        self.transact(Box::new(move |connection| {
            let user = user.clone();
            Box::pin(async move {
                let sql = "UPDATE users SET second_step_failures = second_step_failures + 1 WHERE id = $1
                           RETURNING second_step_failures";
                let rows: Vec<(i64,)> = sqlx::query_as(sql).bind(user).fetch_all(connection).await?;
                Ok(rows.into_iter().next().map_or(0, |(failures,)| failures))
            })
        }))
        .await
    }
}

/// Uses up what was verified. Returns `false` if another request was quicker.
pub(in crate::store) async fn accept(
    connection: &mut AnyConnection,
    user: &str,
    proof: &Proof,
    now: Millis,
) -> Result<bool, sqlx::Error> {
    let accepted = match proof {
        Proof::App { factor, step } => {
            let sql = "UPDATE factors SET last_step = $3, last_used_at = $4
                       WHERE id = $1 AND user_id = $2 AND removed_at IS NULL AND last_step < $3";
            let query = sqlx::query(sql).bind(factor).bind(user).bind(step).bind(now);
            query.execute(&mut *connection).await?.rows_affected() == 1
        }
        Proof::RecoveryCode { set, selector } => {
            let sql = "UPDATE recovery_codes SET used_at = $4 WHERE user_id = $1 AND set_id = $2 AND selector = $3
                         AND used_at IS NULL AND replaced_at IS NULL";
            let query = sqlx::query(sql).bind(user).bind(set).bind(selector).bind(now);
            query.execute(&mut *connection).await?.rows_affected() == 1
        }
        Proof::Passkey => true,
    };
    if !accepted {
        return Ok(false);
    }
    // A code of an app does not end the pause of the apps.
    let most = match proof {
        Proof::App { .. } => RESTS_AFTER,
        Proof::RecoveryCode { .. } | Proof::Passkey => i64::MAX,
    };
    let sql = "UPDATE users SET second_step_failures = 0
               WHERE id = $1 AND second_step_failures > 0 AND second_step_failures < $2";
    sqlx::query(sql).bind(user).bind(most).execute(connection).await?;
    Ok(true)
}

/// Returns whether the session is alive and its user has the password with this hash, and keeps it so until the end
/// of the transaction.
async fn is_still(connection: &mut AnyConnection, session: Uuid, hash: Option<&str>) -> Result<bool, sqlx::Error> {
    // Locks the user first and then the session, in the order used everywhere.
    let sql = "UPDATE users SET changes = changes WHERE disabled_at IS NULL
                 AND password_hash = COALESCE(CAST($2 AS TEXT), password_hash)
                 AND id = (SELECT user_id FROM sessions WHERE id = $1)";
    let query = sqlx::query(sql).bind(session.to_string()).bind(hash);
    if query.execute(&mut *connection).await?.rows_affected() == 0 {
        return Ok(false);
    }
    let sql = "UPDATE sessions SET amr = amr WHERE id = $1 AND ended_at IS NULL";
    Ok(sqlx::query(sql).bind(session.to_string()).execute(connection).await?.rows_affected() == 1)
}
