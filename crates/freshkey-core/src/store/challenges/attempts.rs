//! Counting the wrong codes of a challenge.

use super::super::{Store, StoreError};
use crate::rules::challenge::ATTEMPTS;
use uuid::Uuid;

impl Store {
    /// Adds to the wrong codes of a challenge. Returns how many there are now, or `None` if there were too many
    /// before.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count_attempt(&self, id: Uuid, wrong: i64) -> Result<Option<i64>, StoreError> {
        self.transact(Box::new(move |connection| {
            Box::pin(async move {
                let sql =
                    "UPDATE challenges SET attempts = attempts + $3 WHERE id = $1 AND attempts < $2 RETURNING attempts";
                let query = sqlx::query_as(sql).bind(id.to_string()).bind(ATTEMPTS).bind(wrong);
                let rows: Vec<(i64,)> = query.fetch_all(connection).await?;
                Ok(rows.into_iter().next().map(|(attempts,)| attempts))
            })
        }))
        .await
    }
}
