//! Passkeys, in the table `factors`, and the challenges that they have answered.

use super::{Store, StoreError};
use crate::rules::passkey::{Backup, Known};
use freshkey_types::Millis;
use sqlx::{AnyConnection, FromRow};

/// A passkey.
#[derive(Clone, Debug, FromRow)]
pub struct PasskeyRow {
    /// UUIDv7.
    pub id: String,
    /// The id of its user.
    pub user_id: String,
    /// The credential's id, in base64url.
    pub credential_id: String,
    /// The public key.
    pub public_key: String,
    /// Whether it could be on other devices when it was last used.
    pub backup_eligible: i64,
    /// How the authenticator can be reached, separated by commas.
    pub transports: Option<String>,
    /// When it was removed.
    pub removed_at: Option<Millis>,
}

impl From<PasskeyRow> for Known {
    fn from(row: PasskeyRow) -> Self {
        Self { credential_id: row.credential_id, transports: row.transports.unwrap_or_default() }
    }
}

/// A verified use of a passkey.
#[derive(Clone, Debug)]
pub struct PasskeyUse {
    /// The passkey's id.
    pub id: String,
    /// The challenge that it answers, in base64url.
    pub challenge: String,
    /// When the challenge expires.
    pub until: Millis,
    /// The signature counter.
    pub sign_count: u32,
    /// Whether to ignore the counter.
    pub any_count: bool,
    /// Whether it is also on other devices.
    pub backup: Backup,
    /// The current time.
    pub now: Millis,
}

/// The result of using a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// It counts.
    Once,
    /// The challenge was answered before.
    Again,
    /// The counter has not increased, or the passkey was removed in the meantime.
    Stale,
}

impl Store {
    /// Returns the passkey with this credential id, of any user. Includes a removed one that can still be restored.
    ///
    /// # Errors
    /// The database failed.
    pub async fn passkey(&self, credential_id: &str) -> Result<Option<PasskeyRow>, StoreError> {
        let sql = "SELECT id, user_id, credential_id, public_key, backup_eligible, transports, removed_at FROM factors
                   WHERE credential_id = $1";
        Ok(self.rows(sqlx::query_as(sql).bind(credential_id)).await?.pop())
    }

    /// Returns the user's passkeys, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn passkeys_of(&self, user: &str) -> Result<Vec<PasskeyRow>, StoreError> {
        let sql = "SELECT id, user_id, credential_id, public_key, backup_eligible, transports, removed_at FROM factors
                   WHERE user_id = $1 AND kind = 'passkey' AND removed_at IS NULL ORDER BY created_at, id";
        self.rows(sqlx::query_as(sql).bind(user)).await
    }

    /// Returns the user handle by which passkeys know the user. Sets it to `new` if the user had none. `None` if the
    /// user does not exist.
    ///
    /// # Errors
    /// The database failed.
    pub async fn user_handle(&self, user: &str, new: &str) -> Result<Option<String>, StoreError> {
        self.write((user.to_owned(), new.to_owned()), |connection, (user, new)| {
            Box::pin(async move {
                let sql =
                    "UPDATE users SET user_handle = COALESCE(user_handle, $2) WHERE id = $1 RETURNING user_handle";
                let rows: Vec<(String,)> = sqlx::query_as(sql).bind(user).bind(new).fetch_all(connection).await?;
                Ok(rows.into_iter().next().map(|(handle,)| handle))
            })
        })
        .await
    }

    /// Uses up a challenge that expires at `until`. Returns `false` if it was used before.
    ///
    /// # Errors
    /// The database failed.
    pub async fn spend_passkey_challenge(&self, challenge: &str, until: Millis) -> Result<bool, StoreError> {
        self.write((challenge.to_owned(), until), |connection, (challenge, until)| {
            Box::pin(async move { spend(connection, &challenge, until).await })
        })
        .await
    }

    /// Uses a passkey: once for each challenge, and with a counter that increases, unless the counter is ignored. The
    /// statements decide both, so of many simultaneous uses, one counts.
    ///
    /// # Errors
    /// The database failed.
    pub async fn use_passkey(&self, used: PasskeyUse) -> Result<Used, StoreError> {
        self.write(used, |connection, used| {
            Box::pin(async move {
                if !spend(connection, &used.challenge, used.until).await? {
                    return Ok(Used::Again);
                }
                let sql = "UPDATE factors SET sign_count = $2, backup_eligible = $3, backed_up = $4, last_used_at = $5
                           WHERE id = $1 AND removed_at IS NULL
                             AND ($6 = 1 OR sign_count < $2 OR (sign_count = 0 AND $2 = 0))";
                let query = sqlx::query(sql)
                    .bind(&used.id)
                    .bind(i64::from(used.sign_count))
                    .bind(i64::from(used.backup.eligible))
                    .bind(i64::from(used.backup.done))
                    .bind(used.now)
                    .bind(i64::from(used.any_count));
                if query.execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(Used::Stale);
                }
                // If wrong codes have paused the authenticator apps, a passkey ends that.
                let sql = "UPDATE users SET second_step_failures = 0
                           WHERE second_step_failures > 0 AND id = (SELECT user_id FROM factors WHERE id = $1)";
                sqlx::query(sql).bind(&used.id).execute(connection).await?;
                Ok(Used::Once)
            })
        })
        .await
    }
}

async fn spend(connection: &mut AnyConnection, challenge: &str, until: Millis) -> Result<bool, sqlx::Error> {
    let sql =
        "INSERT INTO spent_passkey_challenges (challenge, until) VALUES ($1, $2) ON CONFLICT (challenge) DO NOTHING";
    Ok(sqlx::query(sql).bind(challenge).bind(until).execute(connection).await?.rows_affected() == 1)
}
