//! How many codes were tried for a challenge.

use super::super::{Store, StoreError};
use crate::rules::challenge::ATTEMPTS;
use uuid::Uuid;

impl Store {
    /// Counts one more code that is tried, before it is looked at: guesses that come all at once are no more than the
    /// allowance. How many were tried; none if that is too many.
    ///
    /// # Errors
    /// The database.
    pub async fn count_attempt(&self, id: Uuid) -> Result<Option<i64>, StoreError> {
        self.transact(Box::new(move |connection| {
            Box::pin(async move {
                let sql =
                    "UPDATE challenges SET attempts = attempts + 1 WHERE id = $1 AND attempts < $2 RETURNING attempts";
                let query = sqlx::query_as(sql).bind(id.to_string()).bind(ATTEMPTS);
                let rows: Vec<(i64,)> = query.fetch_all(connection).await?;
                Ok(rows.into_iter().next().map(|(attempts,)| attempts))
            })
        }))
        .await
    }

    /// Takes back an attempt: the code was the right one.
    ///
    /// # Errors
    /// The database.
    pub async fn uncount_attempt(&self, id: Uuid) -> Result<(), StoreError> {
        self.transact(Box::new(move |connection| {
            Box::pin(async move {
                let sql = "UPDATE challenges SET attempts = attempts - 1 WHERE id = $1 AND attempts > 0";
                sqlx::query(sql).bind(id.to_string()).execute(connection).await.map(drop)
            })
        }))
        .await
    }
}
