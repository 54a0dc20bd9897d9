//! Throw-away users, in the database of a realm. Their email key is not an address but ends in their id, so that nobody
//! can sign in as one even there, and the statement that deletes them finds nobody else.

use super::{Store, StoreError, users::NewUser};
use freshkey_types::Millis;
use uuid::Uuid;

impl Store {
    /// Adds a throw-away user without a password. Returns the id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn insert_throw_away_user(&self, email: &str, now: Millis) -> Result<String, StoreError> {
        let id = Uuid::now_v7().to_string();
        let (email, email_key) = (email.to_owned(), format!("throw-away:{id}"));
        let user = NewUser { id: id.clone(), email, email_key, created_at: now, ..NewUser::default() };
        self.insert_user(user).await?;
        Ok(id)
    }

    /// Deletes some throw-away users that were created before `before`, with their sessions. Returns whether there
    /// may be more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_throw_away_users(&self, before: Millis) -> Result<bool, StoreError> {
        self.transact(Box::new(move |connection| {
            Box::pin(async move {
                let sql = "DELETE FROM users WHERE id IN
                    (SELECT id FROM users WHERE email_key LIKE '%:' || id AND created_at < $1 LIMIT 200)";
                Ok(sqlx::query(sql).bind(before).execute(connection).await?.rows_affected() > 0)
            })
        }))
        .await
    }
}
