//! The table `users`.

use super::{Store, StoreError};
use crate::app::types::{Role, UserView};
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
    /// The name of the role, if there is one.
    pub role: Option<String>,
    /// When the account was made.
    pub created_at: i64,
}

impl From<UserRow> for UserView {
    fn from(user: UserRow) -> Self {
        let role = user.role.as_deref().and_then(Role::parse);
        Self { id: user.id, email: user.email, name: user.name, role }
    }
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
    /// The role, if there is to be one.
    pub role: Option<Role>,
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
            "INSERT INTO users (id, email, email_key, name, password_hash, role, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email_key) DO NOTHING",
        )
        .bind(user.id)
        .bind(user.email)
        .bind(user.email_key)
        .bind(user.name)
        .bind(user.password_hash)
        .bind(user.role.map(Role::text))
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

    /// Gives the user another name, or none; the user as it is then.
    ///
    /// # Errors
    /// The database.
    pub async fn set_name(&self, id: &str, name: Option<&str>) -> Result<Option<UserRow>, StoreError> {
        let new = (id.to_owned(), name.map(str::to_owned));
        self.transact(Box::new(move |connection| {
            let (id, name) = new.clone();
            Box::pin(async move {
                let sql = "UPDATE users SET name = $2 WHERE id = $1
                           RETURNING id, email, name, password_hash, disabled_at, role, created_at";
                Ok(sqlx::query_as(sql).bind(id).bind(name).fetch_all(connection).await?.pop())
            })
        }))
        .await
    }

    /// The user whose address compares as `email_key`.
    ///
    /// # Errors
    /// The database.
    pub async fn user_by_email(&self, email_key: &str) -> Result<Option<UserRow>, StoreError> {
        let sql =
            "SELECT id, email, name, password_hash, disabled_at, role, created_at FROM users WHERE email_key = $1";
        self.user(sql, email_key).await
    }

    /// The user with this id.
    ///
    /// # Errors
    /// The database.
    pub async fn user_by_id(&self, id: &str) -> Result<Option<UserRow>, StoreError> {
        let sql = "SELECT id, email, name, password_hash, disabled_at, role, created_at FROM users WHERE id = $1";
        self.user(sql, id).await
    }

    async fn user(&self, sql: &'static str, value: &str) -> Result<Option<UserRow>, StoreError> {
        Ok(self.rows(sqlx::query_as(sql).bind(value)).await?.pop())
    }
}
