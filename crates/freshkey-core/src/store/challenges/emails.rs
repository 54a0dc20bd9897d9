//! The emails of challenges.

use super::{
    super::{
        Store, StoreError,
        outbox::{self, NewEmail},
    },
    ChallengeRow,
};
use crate::rules::challenge::Emailed;
use freshkey_types::Millis;
use uuid::Uuid;

impl Store {
    /// Returns the emails of a challenge, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn emails_of(&self, challenge: &ChallengeRow) -> Result<Vec<Emailed>, StoreError> {
        // A refusal counts as sent. Otherwise the step of a refused email would stay open longer, which would reveal
        // the refusal.
        let sql = "SELECT number, created_at, CASE WHEN outcome = 'refused' THEN next_try_at ELSE sent_at END
                   FROM outbox WHERE challenge_id = $1 ORDER BY number";
        let rows: Vec<(i64, Millis, Option<Millis>)> = self.rows(sqlx::query_as(sql).bind(&challenge.id)).await?;
        let email = |(number, asked_at, sent_at)| Emailed { number, asked_at, sent_at };
        Ok(rows.into_iter().map(email).collect())
    }

    /// Writes another email of an open challenge; `last` is how many there were. Returns `false` if too many wait
    /// already or another request was quicker.
    ///
    /// # Errors
    /// The database failed.
    pub async fn email_again(&self, id: Uuid, last: i64, email: NewEmail, now: Millis) -> Result<bool, StoreError> {
        self.transact(Box::new(move |connection| {
            let email = email.clone();
            Box::pin(async move {
                if outbox::is_full(connection).await? {
                    return Ok(false);
                }
                let sql = "UPDATE challenges SET emails = emails + 1, asked_at = $3
                           WHERE id = $1 AND emails = $2 AND finished_at IS NULL AND over_reason IS NULL";
                let query = sqlx::query(sql).bind(id.to_string()).bind(last).bind(now);
                if query.execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                outbox::insert(connection, &email).await
            })
        }))
        .await
    }

    /// Returns whether an email of this kind, not a decoy, was written to the user since `since`. Takes the same time
    /// for yes and no.
    ///
    /// # Errors
    /// The database failed.
    pub async fn was_emailed(&self, user: &str, kind: &str, since: Millis) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) FROM
                     (SELECT id FROM outbox WHERE user_id = $1 AND kind = $2 AND created_at > $3
                        AND decoy = 0 LIMIT 1) AS written";
        let found: Vec<(i64,)> = self.rows(sqlx::query_as(sql).bind(user).bind(kind).bind(since)).await?;
        Ok(found != [(0,)])
    }
}
