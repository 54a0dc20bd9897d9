//! The table `signing_keys`.

use super::{Store, StoreError};
use sqlx::FromRow;

/// A key pair, sealed.
#[derive(Clone, Debug, FromRow)]
pub struct KeyRow {
    /// The RFC 7638 thumbprint.
    pub kid: String,
    /// `EdDSA`.
    pub algorithm: String,
    /// The private key, sealed.
    pub sealed: String,
    /// When it was made.
    pub created_at: i64,
}

impl Store {
    /// All keys, the oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn signing_keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        let sql = "SELECT kid, algorithm, sealed, created_at FROM signing_keys ORDER BY created_at, kid";
        Ok(sqlx::query_as(sql).fetch_all(&self.write).await?)
    }

    /// Adds the first key; does nothing if there is one.
    ///
    /// # Errors
    /// The database.
    pub async fn insert_first_signing_key(&self, key: &KeyRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO signing_keys (kid, algorithm, sealed, created_at)
             SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM signing_keys)",
        )
        .bind(&key.kid)
        .bind(&key.algorithm)
        .bind(&key.sealed)
        .bind(key.created_at)
        .execute(&self.write)
        .await?;
        Ok(())
    }
}
