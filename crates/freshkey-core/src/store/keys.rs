//! The table `signing_keys`.

use super::{Store, StoreError};
use freshkey_types::Millis;
use sqlx::FromRow;

/// Selects all keys.
pub(super) const KEYS: &str = "SELECT kid, number, algorithm, sealed, created_at, signs_from, longest_life, stopped_at
    FROM signing_keys ORDER BY number";

/// A sealed signing key.
#[derive(Clone, Debug, FromRow)]
pub struct KeyRow {
    /// The RFC 7638 thumbprint.
    pub kid: String,
    /// Its place in the order in which keys sign.
    pub number: i64,
    /// The name of its algorithm (RFC 7518, section 3.1).
    pub algorithm: String,
    /// The private key, sealed.
    pub sealed: String,
    /// When it was created, and so published.
    pub created_at: Millis,
    /// When it may begin to sign.
    pub signs_from: Millis,
    /// The longest life of a token that it signed.
    pub longest_life: Millis,
    /// When another key replaced it.
    pub stopped_at: Option<Millis>,
}

impl Store {
    /// Returns all keys, by number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn signing_keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        Ok(sqlx::query_as(KEYS).fetch_all(&self.write).await?)
    }

    /// Adds a key. Returns `false` if its number is taken.
    ///
    /// # Errors
    /// The database failed.
    pub async fn insert_signing_key(&self, key: &KeyRow) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO signing_keys (kid, number, algorithm, sealed, created_at, signs_from, longest_life)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (number) DO NOTHING",
        )
        .bind(&key.kid)
        .bind(key.number)
        .bind(&key.algorithm)
        .bind(&key.sealed)
        .bind(key.created_at)
        .bind(key.signs_from)
        .bind(key.longest_life)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Records that the key signs tokens that live this long.
    ///
    /// # Errors
    /// The database failed.
    pub async fn lengthen_key(&self, kid: &str, life: Millis) -> Result<(), StoreError> {
        let sql = "UPDATE signing_keys SET longest_life = $1 WHERE kid = $2 AND longest_life < $1";
        sqlx::query(sql).bind(life).bind(kid).execute(&self.write).await?;
        Ok(())
    }

    /// Records that another key has replaced this one. Returns `false` if that was known.
    ///
    /// # Errors
    /// The database failed.
    pub async fn stop_key(&self, kid: &str, now: Millis) -> Result<bool, StoreError> {
        let sql = "UPDATE signing_keys SET stopped_at = $1 WHERE kid = $2 AND stopped_at IS NULL";
        Ok(sqlx::query(sql).bind(now).bind(kid).execute(&self.write).await?.rows_affected() == 1)
    }

    /// Replaces the row's sealed text. Returns `false` if another instance was quicker.
    ///
    /// # Errors
    /// The database failed.
    pub async fn reseal_key(&self, row: &KeyRow, sealed: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE signing_keys SET sealed = $1 WHERE kid = $2 AND sealed = $3";
        let query = sqlx::query(sql).bind(sealed).bind(&row.kid).bind(&row.sealed);
        Ok(query.execute(&self.write).await?.rows_affected() == 1)
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_key(&self, kid: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM signing_keys WHERE kid = $1";
        Ok(sqlx::query(sql).bind(kid).execute(&self.write).await?.rows_affected() == 1)
    }
}
