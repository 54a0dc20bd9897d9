//! Lists of sessions.

use super::super::{Store, StoreError};
use freshkey_types::Millis;
use serde::Serialize;
use sqlx::FromRow;

/// A session, as its user sees it.
#[derive(Clone, Debug, FromRow)]
pub struct DeviceRow {
    /// The session's id.
    pub id: String,
    /// When it began.
    pub created_at: Millis,
    /// When it was last refreshed.
    pub refreshed_at: Millis,
    /// The device's IP address.
    pub ip: Option<String>,
    /// The device's `User-Agent`.
    pub user_agent: Option<String>,
}

/// A session, as the operator sees it.
#[derive(Clone, Debug, FromRow, Serialize)]
pub struct InUseRow {
    /// The session's id.
    pub id: String,
    /// Its user's address.
    pub email: String,
    /// When it began.
    pub created_at: Millis,
    /// When it was last refreshed.
    #[serde(rename = "last_seen_at")]
    pub refreshed_at: Millis,
    /// The device's IP address.
    pub ip: Option<String>,
    /// The device's `User-Agent`.
    pub user_agent: Option<String>,
}

impl Store {
    /// Returns the user's sessions that are alive at `now`, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sessions_of(&self, user: &str, now: Millis, idle: Millis) -> Result<Vec<DeviceRow>, StoreError> {
        let query = sqlx::query_as(
            "SELECT id, created_at, refreshed_at, ip, user_agent FROM sessions
             WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND refreshed_at > $3
             ORDER BY created_at DESC, id DESC LIMIT 200",
        )
        .bind(user)
        .bind(now)
        .bind(now - idle);
        self.rows(query).await
    }

    /// Returns the newest sessions that are alive at `now`, of this user or of all.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sessions_in_use(
        &self,
        user: Option<&str>,
        now: Millis,
        idle: Millis,
        most: i64,
    ) -> Result<Vec<InUseRow>, StoreError> {
        let query = sqlx::query_as(
            "SELECT s.id, u.email, s.created_at, s.refreshed_at, s.ip, s.user_agent
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.ended_at IS NULL AND s.expires_at > $1 AND s.refreshed_at > $2
               AND (CAST($3 AS TEXT) IS NULL OR s.user_id = $3)
             ORDER BY s.created_at DESC, s.id DESC LIMIT $4",
        )
        .bind(now)
        .bind(now - idle)
        .bind(user)
        .bind(most);
        self.rows(query).await
    }
}
