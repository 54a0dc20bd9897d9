//! The tables `factors`, `recovery_codes` and `trusted_devices`: what a user proves besides the password.
//!
//! A removed factor stays stored as long as an undo may restore it, but does not count.

mod by_admin;
mod change;
mod devices;
mod proof;
mod rows;

pub use change::{FactorChange, NewCodes, NewFactor, SessionsToEnd};
pub(super) use devices::forget as forget_devices;
pub use proof::{Proof, RESTS_AFTER, SecondStepTaken};
pub(super) use rows::{is_proven, put_back, remove_passkeys};

use super::{Store, StoreError};
use crate::rules::factor::FactorKind;
use freshkey_types::Millis;
use sqlx::FromRow;

/// All columns, in the form for [`FactorRow`].
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
    /// The id of its user.
    pub user_id: String,
    /// The name of its [`FactorKind`].
    pub kind: String,
    /// The name that its owner gave it.
    pub name: String,
    /// An app's seed, sealed for this id.
    pub secret: Option<String>,
    /// The step of an app's last accepted code.
    pub last_step: i64,
    /// A passkey's credential id, in base64url. The fields below are for passkeys, too.
    pub credential_id: Option<String>,
    /// The public key.
    pub public_key: Option<String>,
    /// The algorithm (COSE).
    pub algorithm: Option<i64>,
    /// The last value of the signature counter.
    pub sign_count: Option<i64>,
    /// Whether it can be copied to other devices.
    pub backup_eligible: Option<i64>,
    /// Whether it has been copied.
    pub backed_up: Option<i64>,
    /// How the authenticator can be reached, separated by commas.
    pub transports: Option<String>,
    /// The authenticator's model.
    pub aaguid: Option<String>,
    /// When it was added.
    pub created_at: Millis,
    /// When it was last used.
    pub last_used_at: Option<Millis>,
}

impl FactorRow {
    /// Its kind; `None` for a kind of a later version.
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

/// An unused recovery code.
#[derive(Clone, Debug, FromRow)]
pub struct RecoveryCodeRow {
    /// The set that it belongs to.
    pub set_id: String,
    /// The characters by which it is found.
    pub selector: String,
    /// The Argon2id hash of the rest.
    pub hash: String,
}

/// The state of an account's recovery codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodesLeft {
    /// How many still work.
    pub left: u32,
    /// When they were made.
    pub created_at: Option<Millis>,
}

impl Store {
    /// Returns the user's authenticator apps and passkeys, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn factors_of(&self, user: &str) -> Result<Vec<FactorRow>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM factors WHERE user_id = $1 AND removed_at IS NULL ORDER BY created_at, id"
        );
        self.rows(sqlx::query_as(sql).bind(user)).await
    }

    /// Returns how many of the user's recovery codes still work.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recovery_codes_left(&self, user: &str) -> Result<CodesLeft, StoreError> {
        let sql = "SELECT COUNT(CASE WHEN used_at IS NULL THEN 1 END), MAX(created_at) FROM recovery_codes
                   WHERE user_id = $1 AND replaced_at IS NULL";
        let rows: Vec<(i64, Option<Millis>)> = self.rows(sqlx::query_as(sql).bind(user)).await?;
        let (left, created_at) = rows.into_iter().next().unwrap_or_default();
        Ok(CodesLeft { left: u32::try_from(left).unwrap_or_default(), created_at })
    }

    /// Returns the user's recovery code with this selector, if it still works.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recovery_code(&self, user: &str, selector: &str) -> Result<Option<RecoveryCodeRow>, StoreError> {
        let sql = "SELECT set_id, selector, hash FROM recovery_codes
                   WHERE user_id = $1 AND selector = $2 AND used_at IS NULL AND replaced_at IS NULL";
        Ok(self.rows(sqlx::query_as(sql).bind(user).bind(selector)).await?.pop())
    }

    /// Renames one of the user's apps or passkeys. Returns `false` if it does not exist.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rename_factor(&self, user: &str, id: &str, name: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE factors SET name = $3 WHERE id = $2 AND user_id = $1 AND removed_at IS NULL";
        Ok(self.execute(sqlx::query(sql).bind(user).bind(id).bind(name)).await? == 1)
    }

    /// Deletes some factors that were removed before `before` and can no longer be restored. Returns whether there
    /// may be more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_old_factors(&self, before: Millis, now: Millis) -> Result<bool, StoreError> {
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
