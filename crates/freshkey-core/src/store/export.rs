//! The user's data for a download. It contains no digests, sealed texts or seeds.

use super::{Engine, Store, StoreError};
use freshkey_types::Millis;
use serde::Serialize;
use sqlx::{AssertSqlSafe, FromRow};

/// An email, as its reader sees it.
#[derive(Clone, Debug, FromRow, Serialize)]
pub struct EmailOfUser {
    /// The name of its kind.
    pub kind: String,
    /// The address to which it was sent.
    #[serde(rename = "to")]
    pub to_address: String,
    /// When it was written.
    pub created_at: Millis,
    /// When it was sent.
    pub sent_at: Option<Millis>,
}

/// A change that an email reported, as its reader sees it.
#[derive(Clone, Debug, FromRow, Serialize)]
pub struct ChangeOfUser {
    /// The name of its email's kind.
    pub kind: String,
    /// The address to which the email was sent.
    pub email: String,
    /// When it happened.
    pub at: Millis,
    /// Until when it could be undone.
    pub until: Millis,
    /// The user's answer: `me` or `not_me`.
    pub answer: Option<String>,
    /// When it was undone.
    pub undone_at: Option<Millis>,
}

/// A flow of several calls, as its user sees it.
#[derive(Clone, Debug, FromRow, Serialize)]
pub struct ChallengeOfUser {
    /// The name of its kind.
    pub kind: String,
    /// Where its emails go.
    pub email: String,
    /// When it began.
    pub created_at: Millis,
    /// When its own time is over.
    pub expires_at: Millis,
    /// When it was finished.
    pub finished_at: Option<Millis>,
}

/// A device that skips the second step.
#[derive(Clone, Debug, FromRow, Serialize)]
pub struct TrustedDeviceOfUser {
    /// When it was first trusted.
    pub created_at: Millis,
    /// When the trust ends.
    pub until: Millis,
}

impl Store {
    /// Returns the user's flows of several calls, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn challenges_of_user(&self, user: &str) -> Result<Vec<ChallengeOfUser>, StoreError> {
        let sql = "SELECT kind, email, created_at, expires_at, finished_at FROM challenges
                   WHERE user_id = $1 ORDER BY created_at DESC, id DESC";
        self.rows(sqlx::query_as(sql).bind(user)).await
    }

    /// Returns the devices that skip the second step, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn trusted_devices_of_user(&self, user: &str) -> Result<Vec<TrustedDeviceOfUser>, StoreError> {
        let sql = "SELECT created_at, until FROM trusted_devices WHERE user_id = $1 ORDER BY created_at DESC";
        self.rows(sqlx::query_as(sql).bind(user)).await
    }

    /// Returns the emails that were written to the user, the newest first. Leaves out the code for another address:
    /// whether one was written reveals whether the address is taken. The attempt is in [`Store::challenges_of_user`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn emails_of_user(&self, user: &str) -> Result<Vec<EmailOfUser>, StoreError> {
        let sql = "SELECT kind, email AS to_address, created_at, sent_at FROM outbox
                   WHERE user_id = $1 AND decoy = 0 AND kind <> 'email_confirm' ORDER BY created_at DESC";
        self.rows(sqlx::query_as(sql).bind(user)).await
    }

    /// Returns what emails have reported to the user, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn changes_of_user(&self, user: &str) -> Result<Vec<ChangeOfUser>, StoreError> {
        let sql =
            "SELECT kind, email, at, until, answer, undone_at FROM changes WHERE user_id = $1 ORDER BY number DESC";
        self.rows(sqlx::query_as(sql).bind(user)).await
    }

    /// Returns the user's rows in a table, each as JSON.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rows_of_user(&self, table: &str, user: &str) -> Result<Vec<String>, StoreError> {
        let sql = match &self.engine {
            Engine::Sqlite(_) => {
                let names = "SELECT name FROM pragma_table_info($1)";
                let columns: Vec<(String,)> = self.rows(sqlx::query_as(names).bind(table)).await?;
                let plain = columns.into_iter().map(|(name,)| name).filter(|name| !name.contains(['"', '\'']));
                let pairs: Vec<String> = plain
                    .map(|name| {
                        format!(
                            "'{name}', CASE typeof(\"{name}\") WHEN 'blob' THEN hex(\"{name}\") ELSE \"{name}\" END"
                        )
                    })
                    .collect();
                format!("SELECT json_object({}) FROM \"{table}\" WHERE CAST(user_id AS TEXT) = $1", pairs.join(", "))
            }
            Engine::Postgres(_) => {
                format!("SELECT CAST(row_to_json(t) AS TEXT) FROM \"{table}\" t WHERE CAST(user_id AS TEXT) = $1")
            }
        };
        let rows: Vec<(String,)> = self.rows(sqlx::query_as(AssertSqlSafe(sql)).bind(user)).await?;
        Ok(rows.into_iter().map(|(row,)| row).collect())
    }
}
