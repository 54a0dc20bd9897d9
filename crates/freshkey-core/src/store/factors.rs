//! The tables `factors`, `recovery_codes` and `trusted_devices`: what somebody proves besides the password.
//!
//! What is removed stays as long as an undo may bring it back, and counts for nothing meanwhile.

mod by_admin;
mod change;
mod devices;
mod proof;
mod rows;

pub use change::{Ends, FactorChange, NewCodes, NewFactor};
pub(super) use devices::forget as forget_devices;
pub use proof::{Proof, RESTS_AFTER, SecondStep};
pub(super) use rows::{is_proven, put_back, remove_passkeys};

use super::{Store, StoreError};
use crate::rules::factor::FactorKind;
use sqlx::FromRow;

/// All columns, as [`FactorRow`] takes them.
macro_rules! columns {
    () => {
        "id, user_id, kind, name, secret, last_step, credential_id, public_key, algorithm, sign_count, backup_eligible,
         backed_up, transports, aaguid, created_at, last_used_at"
    };
}

/// An authenticator app or a passkey.
#[derive(Clone, Debug, FromRow)]
pub struct FactorRow {
    /// UUIDv7.
    pub id: String,
    /// Whose.
    pub user_id: String,
    /// The name of its [`FactorKind`].
    pub kind: String,
    /// What its owner calls it.
    pub name: String,
    /// An app's seed, sealed for the id.
    pub secret: Option<String>,
    /// The step of the last code of an app that was accepted.
    pub last_step: i64,
    /// A passkey's id, in base64url; with the rest.
    pub credential_id: Option<String>,
    /// Its public key.
    pub public_key: Option<String>,
    /// The algorithm (COSE).
    pub algorithm: Option<i64>,
    /// The last value of its counter.
    pub sign_count: Option<i64>,
    /// Whether it can be backed up.
    pub backup_eligible: Option<i64>,
    /// Whether it is.
    pub backed_up: Option<i64>,
    /// How it is reached, with commas between them.
    pub transports: Option<String>,
    /// Which make it is.
    pub aaguid: Option<String>,
    /// When it was added.
    pub created_at: i64,
    /// When it was used last.
    pub last_used_at: Option<i64>,
}

impl FactorRow {
    /// Its kind; none for one of a later version.
    pub fn kind(&self) -> Option<FactorKind> {
        FactorKind::parse(&self.kind)
    }

    /// Whether it is an authenticator app.
    pub fn is_totp(&self) -> bool {
        self.kind() == Some(FactorKind::Totp)
    }

    /// Whether it is a passkey.
    pub fn is_passkey(&self) -> bool {
        self.kind() == Some(FactorKind::Passkey)
    }
}

/// A recovery code that has not been used.
#[derive(Clone, Debug, FromRow)]
pub struct RecoveryCodeRow {
    /// The set that it is of.
    pub set_id: String,
    /// What it is found by.
    pub selector: String,
    /// Argon2id of the rest.
    pub hash: String,
}

/// What is known of an account's recovery codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodesLeft {
    /// How many still work.
    pub left: u32,
    /// When they were made.
    pub created_at: Option<i64>,
}

impl Store {
    /// The user's apps and passkeys, the oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn factors_of(&self, user: &str) -> Result<Vec<FactorRow>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM factors WHERE user_id = $1 AND removed_at IS NULL ORDER BY created_at, id"
        );
        self.rows(sqlx::query_as(sql).bind(user)).await
    }

    /// How many of the user's recovery codes still work.
    ///
    /// # Errors
    /// The database.
    pub async fn recovery_codes_left(&self, user: &str) -> Result<CodesLeft, StoreError> {
        let sql = "SELECT COUNT(CASE WHEN used_at IS NULL THEN 1 END), MAX(created_at) FROM recovery_codes
                   WHERE user_id = $1 AND replaced_at IS NULL";
        let rows: Vec<(i64, Option<i64>)> = self.rows(sqlx::query_as(sql).bind(user)).await?;
        let (left, created_at) = rows.into_iter().next().unwrap_or_default();
        Ok(CodesLeft { left: u32::try_from(left).unwrap_or_default(), created_at })
    }

    /// The recovery code of the user that is found by these characters, if it still works.
    ///
    /// # Errors
    /// The database.
    pub async fn recovery_code(&self, user: &str, selector: &str) -> Result<Option<RecoveryCodeRow>, StoreError> {
        let sql = "SELECT set_id, selector, hash FROM recovery_codes
                   WHERE user_id = $1 AND selector = $2 AND used_at IS NULL AND replaced_at IS NULL";
        Ok(self.rows(sqlx::query_as(sql).bind(user).bind(selector)).await?.pop())
    }

    /// Gives an app or a passkey of the user another name; false if there is none.
    ///
    /// # Errors
    /// The database.
    pub async fn rename_factor(&self, user: &str, id: &str, name: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE factors SET name = $3 WHERE id = $2 AND user_id = $1 AND removed_at IS NULL";
        Ok(self.execute(sqlx::query(sql).bind(user).bind(id).bind(name)).await? == 1)
    }

    /// Deletes some of what was removed before then, and nothing brings back; whether there may be more.
    ///
    /// # Errors
    /// The database.
    pub async fn delete_old_factors(&self, before: i64, now: i64) -> Result<bool, StoreError> {
        self.write((before, now), |connection, (before, now)| {
            Box::pin(async move {
                let sql = "DELETE FROM factors WHERE id IN (SELECT id FROM factors WHERE removed_at < $1 LIMIT 200)";
                let factors = sqlx::query(sql).bind(before).execute(&mut *connection).await?.rows_affected();
                let sql = "DELETE FROM recovery_codes WHERE replaced_at < $1";
                sqlx::query(sql).bind(before).execute(&mut *connection).await?;
                let sql = "DELETE FROM trusted_devices WHERE until < $1";
                sqlx::query(sql).bind(now).execute(&mut *connection).await?;
                let sql = "DELETE FROM spent_passkey_challenges WHERE until < $1";
                sqlx::query(sql).bind(now).execute(connection).await?;
                Ok(factors > 0)
            })
        })
        .await
    }
}
