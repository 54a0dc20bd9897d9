//! Figures about the outbox, for the operator.

use crate::store::{Store, StoreError};
use freshkey_types::Millis;
use serde::Serialize;
use sqlx::FromRow;

/// The state of the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct MailFigures {
    /// How many emails wait.
    pub waiting: i64,
    /// When the oldest of them was written.
    pub oldest_at: Option<Millis>,
    /// How many of them have failed before.
    pub failing: i64,
    /// When an email was last sent.
    pub last_sent_at: Option<Millis>,
}

/// An email, as the operator sees it.
#[derive(Clone, Debug, FromRow, Serialize)]
pub struct MailRow {
    /// Its id.
    pub id: String,
    /// The name of its kind.
    pub kind: String,
    /// When it was written.
    pub created_at: Millis,
    /// How often sending was tried.
    pub tries: i64,
    /// When the next try is.
    pub next_try_at: Millis,
    /// When it was sent.
    pub sent_at: Option<Millis>,
    /// How it ended; `None` while it waits.
    pub outcome: Option<String>,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

impl Store {
    /// Returns when a mail server refused this address for good, if no email was sent to it since.
    ///
    /// # Errors
    /// The database failed.
    pub async fn email_refused_at(&self, email: &str) -> Result<Option<Millis>, StoreError> {
        let sql = "SELECT outcome, created_at FROM outbox WHERE email = $1 AND outcome IN ('sent', 'refused', 'decoy')
                   ORDER BY created_at DESC LIMIT 1";
        let rows: Vec<(String, Millis)> = self.rows(sqlx::query_as(sql).bind(email)).await?;
        Ok(rows.into_iter().next().filter(|(outcome, _)| outcome == "refused").map(|(_, at)| at))
    }

    /// Returns the state of the outbox.
    ///
    /// # Errors
    /// The database failed.
    pub async fn mail_figures(&self) -> Result<MailFigures, StoreError> {
        let sql = "SELECT COUNT(*) AS waiting, MIN(created_at) AS oldest_at,
                          COUNT(CASE WHEN last_error IS NOT NULL THEN 1 END) AS failing,
                          (SELECT MAX(sent_at) FROM outbox WHERE decoy = 0) AS last_sent_at
                   FROM outbox WHERE outcome IS NULL";
        Ok(self.rows(sqlx::query_as(sql)).await?.pop().unwrap_or_default())
    }

    /// Returns the latest error of an email that still waits.
    ///
    /// # Errors
    /// The database failed.
    pub async fn last_mail_error(&self) -> Result<Option<String>, StoreError> {
        let sql = "SELECT last_error FROM outbox WHERE outcome IS NULL AND last_error IS NOT NULL
                   ORDER BY next_try_at DESC LIMIT 1";
        let rows: Vec<(String,)> = self.rows(sqlx::query_as(sql)).await?;
        Ok(rows.into_iter().next().map(|(error,)| error))
    }

    /// Returns the latest emails, without decoys, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn latest_emails(&self, most: i64) -> Result<Vec<MailRow>, StoreError> {
        let sql = "SELECT id, kind, created_at, tries, next_try_at, sent_at, outcome, last_error FROM outbox
                   WHERE decoy = 0 ORDER BY created_at DESC, id DESC LIMIT $1";
        self.rows(sqlx::query_as(sql).bind(most)).await
    }
}
