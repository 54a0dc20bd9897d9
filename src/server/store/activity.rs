//! The table `activity`.

use super::{Store, StoreError};
use sqlx::FromRow;
use std::sync::Arc;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct NewActivity {
    /// UUIDv7.
    pub id: String,
    /// To whose account.
    pub user_id: String,
    /// In which session.
    pub session_id: Option<String>,
    /// The name of what happened.
    pub event: &'static str,
    /// When.
    pub at: i64,
    /// The device's address.
    pub ip: Option<String>,
    /// What the device calls itself.
    pub user_agent: Option<String>,
}

/// The same, as it is read.
#[derive(Clone, Debug, FromRow)]
pub struct ActivityRow {
    /// In which session.
    pub session_id: Option<String>,
    /// The name of what happened.
    pub event: String,
    /// When.
    pub at: i64,
    /// The device's address.
    pub ip: Option<String>,
    /// What the device calls itself.
    pub user_agent: Option<String>,
}

impl Store {
    /// Writes what happened, all in one commit. What happened to nobody we know is left out.
    ///
    /// # Errors
    /// The database.
    pub async fn insert_activity(&self, happened: Vec<NewActivity>) -> Result<(), StoreError> {
        let happened: Arc<[_]> = happened.into();
        self.transact(Box::new(move |connection| {
            let happened = Arc::clone(&happened);
            Box::pin(async move {
                for new in happened.iter() {
                    sqlx::query(
                        "INSERT INTO activity (id, user_id, session_id, event, at, ip, user_agent)
                         SELECT $1, id, $3, $4, $5, $6, $7 FROM users WHERE id = $2 ON CONFLICT (id) DO NOTHING",
                    )
                    .bind(&new.id)
                    .bind(&new.user_id)
                    .bind(&new.session_id)
                    .bind(new.event)
                    .bind(new.at)
                    .bind(&new.ip)
                    .bind(&new.user_agent)
                    .execute(&mut *connection)
                    .await?;
                }
                Ok(())
            })
        }))
        .await
    }

    /// The last hundred things that happened to the user, the newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn activity_of(&self, user: &str) -> Result<Vec<ActivityRow>, StoreError> {
        let sql = "SELECT session_id, event, at, ip, user_agent FROM activity WHERE user_id = $1
                   ORDER BY at DESC, id DESC LIMIT 100";
        self.rows(sqlx::query_as(sql).bind(user)).await
    }

    /// Deletes some of what happened before; whether there may be more.
    ///
    /// # Errors
    /// The database.
    pub async fn delete_old_activity(&self, before: i64) -> Result<bool, StoreError> {
        self.transact(Box::new(move |connection| {
            Box::pin(async move {
                let sql = "DELETE FROM activity WHERE id IN (SELECT id FROM activity WHERE at < $1 LIMIT 200)";
                Ok(sqlx::query(sql).bind(before).execute(connection).await?.rows_affected() > 0)
            })
        }))
        .await
    }
}
