//! Background writes about sessions.

use super::super::{Store, StoreError};
use freshkey_types::Millis;
use sqlx::AssertSqlSafe;
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

impl Store {
    /// Records the generations whose access tokens were seen in use, all in one statement.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn confirm(&self, seen: Vec<(Uuid, u32)>) -> Result<(), StoreError> {
        // A statement changes a row only once, so only the newest generation of each session is written.
        let mut newest = BTreeMap::new();
        for (id, generation) in seen {
            let known = newest.entry(id).or_insert(generation);
            *known = generation.max(*known);
        }
        let rows: Vec<String> = (0..newest.len())
            .map(|at| format!("(CAST(${} AS TEXT), CAST(${} AS BIGINT))", 2 * at + 1, 2 * at + 2))
            .collect();
        let sql = format!(
            "WITH seen (of_session, used) AS (VALUES {})
             UPDATE sessions SET confirmed_generation = used FROM seen
             WHERE id = of_session AND confirmed_generation < used
               AND id IN (SELECT id FROM sessions WHERE id IN (SELECT of_session FROM seen) {})",
            rows.join(", "),
            self.lock_in_order()
        );
        let (sql, newest): (Arc<str>, Arc<[_]>) = (sql.into(), newest.into_iter().collect());
        self.transact(Box::new(move |connection| {
            let (sql, newest) = (Arc::clone(&sql), Arc::clone(&newest));
            Box::pin(async move {
                // The text is our own; all values are parameters.
                let mut query = sqlx::query(AssertSqlSafe(&*sql));
                for (id, generation) in newest.iter() {
                    query = query.bind(id.to_string()).bind(i64::from(*generation));
                }
                query.execute(connection).await.map(drop)
            })
        }))
        .await
    }

    /// Deletes some of the sessions that ended before `ended` or expired before `expired`. Returns whether there may
    /// be more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_old_sessions(&self, ended: Millis, expired: Millis) -> Result<bool, StoreError> {
        self.transact(Box::new(move |connection| {
            Box::pin(async move {
                let mut deleted = 0;
                for (sql, before) in [
                    (
                        "DELETE FROM sessions WHERE id IN
                        (SELECT id FROM sessions WHERE ended_at IS NOT NULL AND ended_at < $1 LIMIT 200)",
                        ended,
                    ),
                    (
                        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 LIMIT 200)",
                        expired,
                    ),
                ] {
                    deleted += sqlx::query(sql).bind(before).execute(&mut *connection).await?.rows_affected();
                }
                Ok(deleted > 0)
            })
        }))
        .await
    }
}
