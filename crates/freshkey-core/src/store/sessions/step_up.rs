//! The session's person has confirmed that it is them.

use super::super::{Store, StoreError};
use crate::rules::terms::SignInMethod;
use uuid::Uuid;

impl Store {
    /// Takes note of a step-up of the session; false if it is over, or the password that was verified is no longer its
    /// user's. One statement decides that.
    ///
    /// # Errors
    /// The database.
    pub async fn step_up(
        &self,
        session: Uuid,
        method: SignInMethod,
        password_hash: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE sessions SET authenticated_at = $2, stepped_up_at = $2, amr = $3
                   WHERE id = $1 AND ended_at IS NULL AND EXISTS (
                       SELECT 1 FROM users WHERE id = user_id AND password_hash = $4 AND disabled_at IS NULL)";
        let query = sqlx::query(sql).bind(session.to_string()).bind(now).bind(method.amr()).bind(password_hash);
        Ok(self.execute(query).await? == 1)
    }
}
