//! Beginning a challenge: the row and its email are written together or not at all.

use super::{
    super::{
        Store, StoreError,
        account_changes::{NewPassword, password_changed, replace_hash},
        factors::forget_devices,
        hooks::Hooks,
        outbox::{self, NewEmail},
        sessions::ending::{SessionFilter, end},
    },
    NewChallenge, replace_others,
};
use crate::rules::challenge::ChallengeKind;
use freshkey_types::{EndReason, StepReason};
use sqlx::{AnyConnection, AssertSqlSafe};
use uuid::Uuid;

/// The result of beginning a step after a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterPassword {
    /// The step has begun.
    Begun,
    /// It has not begun: the password was changed or rehashed in the meantime, or the account was disabled.
    Changed,
    /// It has not begun: too much waits already.
    Full,
}

/// How many challenges may be open at once. Strangers can begin them.
const OPEN: i64 = 100_000;

impl Store {
    /// Begins a challenge and writes its email, if it has one, together or not at all. Returns `false` if too much
    /// waits already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_challenge(&self, new: NewChallenge, email: Option<NewEmail>) -> Result<bool, StoreError> {
        let (hooks, event) = (self.hooks.clone(), new.event.clone());
        let begun = self.transact(Box::new(move |connection| {
            let (new, email, hooks) = (new.clone(), email.clone(), hooks.clone());
            Box::pin(async move { begin(connection, &hooks, &new, email.as_ref()).await })
        }));
        let begun = begun.await?;
        if let Some(event) = event.filter(|_| begun) {
            self.hooks.committed(event);
        }
        Ok(begun)
    }

    /// Begins the step after a password, if the user still has the hash that the password was verified against and is
    /// not disabled. This is checked here because a change of the password ends only the steps that exist by then.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_after_password(&self, new: NewChallenge, hash: String) -> Result<AfterPassword, StoreError> {
        let (hooks, locks) = (self.hooks.clone(), self.locks_rows());
        self.transact(Box::new(move |connection| {
            let (new, hash, hooks) = (new.clone(), hash.clone(), hooks.clone());
            Box::pin(async move {
                let sql = "SELECT id FROM users WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL";
                let sql = AssertSqlSafe(format!("{sql}{}", if locks { " FOR SHARE" } else { "" }));
                let query = sqlx::query(sql).bind(&new.user).bind(&hash);
                if query.fetch_optional(&mut *connection).await?.is_none() {
                    return Ok(AfterPassword::Changed);
                }
                let begun = begin(connection, &hooks, &new, None).await?;
                Ok(if begun { AfterPassword::Begun } else { AfterPassword::Full })
            })
        }))
        .await
    }

    /// Begins a reset that turns the present password off at once. Returns the sessions that ended, or `None` if too
    /// much waits already: then the password still works.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_locking(
        &self,
        new: NewChallenge,
        email: NewEmail,
        locked: NewPassword,
    ) -> Result<Option<Vec<Uuid>>, StoreError> {
        let (hooks, locks, order, now) = (self.hooks.clone(), self.locks_rows(), self.lock_in_order(), locked.now);
        let events = new.event.clone().into_iter().chain([password_changed(&locked)]);
        let ended = self.transact(Box::new(move |connection| {
            let (new, email, locked, hooks) = (new.clone(), email.clone(), locked.clone(), hooks.clone());
            Box::pin(async move {
                if !begin(connection, &hooks, &new, Some(&email)).await? {
                    return Ok(None);
                }
                if !replace_hash(connection, &locked, locks).await? {
                    return Err(sqlx::Error::RowNotFound);
                }
                replace_others(connection, Some(&new.id.to_string()), Some(&locked.user), "").await?;
                forget_devices(connection, &locked.user).await?;
                let all = SessionFilter::AllOf(locked.user.clone());
                let ended = end(connection, &all, EndReason::PasswordChanged, locked.now, order).await?;
                hooks.record(connection, &password_changed(&locked)).await?;
                Ok(Some(ended))
            })
        }));
        let ended = ended.await?;
        if let Some(ended) = &ended {
            // An administrator did this, so the call logs it.
            events.for_each(|event| self.hooks.dispatch(event));
            self.notify_ended(ended, EndReason::PasswordChanged, now);
        }
        Ok(ended)
    }
}

async fn begin(
    connection: &mut AnyConnection,
    hooks: &Hooks,
    new: &NewChallenge,
    email: Option<&NewEmail>,
) -> Result<bool, sqlx::Error> {
    let sql = "SELECT COUNT(*) FROM challenges WHERE finished_at IS NULL AND expires_at > $1";
    let (open,): (i64,) = sqlx::query_as(sql).bind(new.created_at).fetch_one(&mut *connection).await?;
    if open >= OPEN {
        return Ok(false);
    }
    if let Some(email) = email
        && !outbox::insert(connection, email).await?
    {
        return Ok(false);
    }
    if matches!(new.kind, ChallengeKind::Email | ChallengeKind::Totp) {
        replace(connection, new).await?;
    }
    insert(connection, new).await?;
    if let Some(event) = &new.event {
        hooks.record(connection, event).await?;
    }
    Ok(true)
}

/// Inserts a challenge.
pub(in super::super) async fn insert(connection: &mut AnyConnection, new: &NewChallenge) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO challenges (id, kind, browser, user_id, email, email_key, decoy, data, asked_at, created_at,
                                 expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
    )
    .bind(new.id.to_string())
    .bind(new.kind.text())
    .bind(&new.browser)
    .bind(&new.user)
    .bind(&new.email)
    .bind(&new.email_key)
    .bind(i64::from(new.decoy))
    .bind(&new.data)
    .bind(new.created_at)
    .bind(new.expires_at)
    .execute(connection)
    .await
    .map(drop)
}

/// Ends the user's earlier challenges of this kind.
pub(in super::super) async fn replace(connection: &mut AnyConnection, new: &NewChallenge) -> Result<(), sqlx::Error> {
    let sql = "UPDATE challenges SET over_reason = $1
               WHERE user_id = $2 AND kind = $3 AND finished_at IS NULL AND over_reason IS NULL";
    let query = sqlx::query(sql).bind(StepReason::Replaced.text()).bind(&new.user).bind(new.kind.text());
    query.execute(connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{testing, users::NewUser};
    use freshkey_types::Millis;

    #[tokio::test]
    async fn a_password_that_is_changed_while_it_is_verified_leads_to_no_step() {
        let (store, _folder) = testing::store().await;
        let email = "ada@example.com".to_owned();
        let user = NewUser {
            id: Uuid::now_v7().to_string(),
            email: email.clone(),
            email_key: email.clone(),
            password_hash: "the new hash".to_owned(),
            ..NewUser::default()
        };
        assert!(store.insert_user(user.clone()).await.expect("written"));
        for (hash, begun) in [("the old hash", AfterPassword::Changed), ("the new hash", AfterPassword::Begun)] {
            let step = NewChallenge {
                id: Uuid::now_v7(),
                kind: ChallengeKind::Enrol,
                browser: Some("a browser".to_owned()),
                user: Some(user.id.clone()),
                email: email.clone(),
                email_key: email.clone(),
                decoy: false,
                data: None,
                created_at: Millis(1),
                expires_at: Millis(600_001),
                event: None,
            };
            let id = step.id;
            assert_eq!(store.begin_after_password(step, hash.to_owned()).await.expect("written"), begun);
            assert_eq!(store.challenge(id).await.expect("read").is_some(), begun == AfterPassword::Begun, "{hash}");
        }
        store.close().await;
    }
}
