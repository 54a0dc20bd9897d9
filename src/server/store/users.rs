//! The table `users`.

use super::{Store, StoreError};
use serde::Serialize;
use sqlx::FromRow;

/// A user.
#[derive(Clone, Debug, FromRow)]
pub struct UserRow {
    /// UUIDv7.
    pub id: String,
    /// The address as typed.
    pub email: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// A PHC string.
    pub password_hash: String,
    /// When the account was disabled.
    pub disabled_at: Option<i64>,
}

/// A user as the operator knows them.
#[derive(Clone, Debug, FromRow, Serialize)]
pub struct AccountRow {
    /// UUIDv7.
    pub id: String,
    /// The address as typed.
    pub email: String,
    /// The name, if one was given.
    pub name: Option<String>,
    /// When the account was made.
    pub created_at: i64,
    /// When the account was disabled.
    pub disabled_at: Option<i64>,
}

/// A user to be.
#[derive(Debug)]
pub struct NewUser<'a> {
    /// UUIDv7.
    pub id: &'a str,
    /// The address as typed.
    pub email: &'a str,
    /// The address as compared.
    pub email_key: &'a str,
    /// The name, if one was given.
    pub name: Option<&'a str>,
    /// A PHC string.
    pub password_hash: &'a str,
    /// Now.
    pub created_at: i64,
}

impl Store {
    /// Adds the user; false if the address has an account.
    ///
    /// # Errors
    /// The database.
    pub async fn insert_user(&self, user: &NewUser<'_>) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO users (id, email, email_key, name, password_hash, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email_key) DO NOTHING",
        )
        .bind(user.id)
        .bind(user.email)
        .bind(user.email_key)
        .bind(user.name)
        .bind(user.password_hash)
        .bind(user.created_at)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Puts a hash of the same password in the place of an older one; false if that is no longer
    /// the user's.
    ///
    /// # Errors
    /// The database.
    pub async fn renew_password_hash(&self, id: &str, old: &str, new: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2")
            .bind(id)
            .bind(old)
            .bind(new)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Puts the hash of another password in the place of the user's.
    ///
    /// # Errors
    /// The database.
    pub async fn set_password_hash(&self, id: &str, hash: &str) -> Result<(), StoreError> {
        let sql = "UPDATE users SET password_hash = $2 WHERE id = $1";
        sqlx::query(sql).bind(id).bind(hash).execute(&self.write).await?;
        Ok(())
    }

    /// Disables the account, or enables it again with none.
    ///
    /// # Errors
    /// The database.
    pub async fn set_disabled(&self, id: &str, at: Option<i64>) -> Result<(), StoreError> {
        let sql = "UPDATE users SET disabled_at = $2 WHERE id = $1";
        sqlx::query(sql).bind(id).bind(at).execute(&self.write).await?;
        Ok(())
    }

    /// Every account, the oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let sql = "SELECT id, email, name, created_at, disabled_at FROM users ORDER BY created_at, id";
        Ok(sqlx::query_as(sql).fetch_all(&self.read).await?)
    }

    /// The user whose address compares as `email_key`.
    ///
    /// # Errors
    /// The database.
    pub async fn user_by_email(&self, email_key: &str) -> Result<Option<UserRow>, StoreError> {
        self.user("SELECT id, email, name, password_hash, disabled_at FROM users WHERE email_key = $1", email_key).await
    }

    /// The user with this id.
    ///
    /// # Errors
    /// The database.
    pub async fn user_by_id(&self, id: &str) -> Result<Option<UserRow>, StoreError> {
        self.user("SELECT id, email, name, password_hash, disabled_at FROM users WHERE id = $1", id).await
    }

    async fn user(&self, sql: &'static str, value: &str) -> Result<Option<UserRow>, StoreError> {
        Ok(sqlx::query_as(sql).bind(value).fetch_all(&self.read).await?.pop())
    }
}
