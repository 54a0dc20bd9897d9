//! Sending an email: it is claimed, handed over, and ended.

use super::OutboxEmail;
use crate::store::{Store, StoreError};
use freshkey_types::Millis;
use sqlx::AnyConnection;

/// How many times an email is handed over without an answer, at most: each time may leave a copy.
pub(super) const COPIES: i64 = 2;
const COLUMNS: &str =
    "id, kind, language, email, user_id, challenge_id, number, facts, created_at, useful_until, tries,
                       deliveries, claimed_by, decoy";

/// How an email ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The mail server accepted it.
    Sent,
    /// A decoy: it got as far as the handover, and nothing was sent.
    Decoy,
    /// The mail server will not accept email for this address.
    Refused,
    /// It is no longer useful, or nobody knows whether it was accepted.
    GivenUp,
}

impl Outcome {
    /// The name in the database.
    pub fn text(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Decoy => "decoy",
            Self::Refused => "refused",
            Self::GivenUp => "given_up",
        }
    }
}

impl Store {
    /// Returns the ids of emails that can be sent now, those that have waited longest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn due_emails(&self, now: Millis, most: i64) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id FROM outbox WHERE outcome IS NULL AND next_try_at <= $1 AND useful_until > $1
                   AND (claimed_until IS NULL OR claimed_until < $1) ORDER BY next_try_at LIMIT $2";
        let ids: Vec<(String,)> = self.rows(sqlx::query_as(sql).bind(now).bind(most)).await?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// Claims an email until `until`. Returns `None` if another sender was quicker.
    ///
    /// # Errors
    /// The database failed.
    pub async fn claim_email(
        &self,
        id: String,
        sender: String,
        now: Millis,
        until: Millis,
    ) -> Result<Option<OutboxEmail>, StoreError> {
        self.write((id, sender, now, until), |connection, (id, sender, now, until)| {
            Box::pin(async move {
                let sql = "UPDATE outbox SET claimed_by = $2, claimed_until = $4, tries = tries + 1
                           WHERE id = $1 AND outcome IS NULL AND next_try_at <= $3 AND useful_until > $3
                             AND (claimed_until IS NULL OR claimed_until < $3) RETURNING ";
                let sql = sqlx::AssertSqlSafe(format!("{sql}{COLUMNS}"));
                sqlx::query_as(sql).bind(id).bind(sender).bind(now).bind(until).fetch_optional(connection).await
            })
        })
        .await
    }

    /// Records that the email is about to be handed over. Returns `false` if it must not be: the claim has expired,
    /// the email is no longer useful, or it was handed over too often without an answer.
    ///
    /// # Errors
    /// The database failed. The email must not be handed over then, either.
    pub async fn begin_delivery(&self, email: &OutboxEmail, now: Millis) -> Result<bool, StoreError> {
        let input = (email.id.clone(), email.claimed_by.clone(), now);
        self.write(input, |connection, (id, sender, now)| {
            Box::pin(async move {
                let sql = "UPDATE outbox SET deliveries = deliveries + 1
                           WHERE id = $1 AND claimed_by = $2 AND outcome IS NULL AND claimed_until > $3
                             AND useful_until > $3 AND deliveries < $4";
                let query = sqlx::query(sql).bind(id).bind(sender).bind(now).bind(COPIES);
                Ok(query.execute(connection).await?.rows_affected() == 1)
            })
        })
        .await
    }

    /// Schedules the next try for `next`. `answered`: the email was handed over, and the mail server said that it did
    /// not accept it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delay_email(
        &self,
        email: &OutboxEmail,
        next: Millis,
        error: String,
        answered: bool,
    ) -> Result<(), StoreError> {
        let input = (email.id.clone(), email.claimed_by.clone(), next, error, i64::from(answered));
        self.write(input, |connection, (id, sender, next, error, answered)| {
            Box::pin(async move {
                let sql =
                    "UPDATE outbox SET next_try_at = $3, last_error = $4, claimed_by = NULL, claimed_until = NULL,
                               deliveries = CASE WHEN deliveries > 0 THEN deliveries - $5 ELSE 0 END
                           WHERE id = $1 AND claimed_by = $2 AND outcome IS NULL";
                let query = sqlx::query(sql).bind(id).bind(sender).bind(next).bind(error).bind(answered);
                query.execute(connection).await.map(drop)
            })
        })
        .await
    }

    /// Ends the email. Returns `false` if it had ended before.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_email(
        &self,
        email: &OutboxEmail,
        outcome: Outcome,
        error: Option<String>,
        now: Millis,
    ) -> Result<bool, StoreError> {
        self.write((email.clone(), outcome, error, now), |connection, (email, outcome, error, now)| {
            Box::pin(async move { end(connection, &email, outcome, error, now).await })
        })
        .await
    }

    /// Gives up the emails that are no longer useful. Returns the id and kind of each that would have been sent.
    ///
    /// # Errors
    /// The database failed.
    pub async fn give_up_emails(&self, now: Millis) -> Result<Vec<(String, String)>, StoreError> {
        self.write(now, |connection, now| {
            Box::pin(async move {
                let sql = "UPDATE outbox SET outcome = 'given_up', claimed_by = NULL, claimed_until = NULL,
                                  email = CASE WHEN kind = 'deleted' THEN '' ELSE email END
                           WHERE outcome IS NULL AND useful_until <= $1
                             AND (claimed_until IS NULL OR claimed_until < $1) RETURNING id, kind, decoy";
                let rows: Vec<(String, String, i64)> = sqlx::query_as(sql).bind(now).fetch_all(connection).await?;
                Ok(rows.into_iter().filter(|(.., decoy)| *decoy == 0).map(|(id, kind, _)| (id, kind)).collect())
            })
        })
        .await
    }

    /// Deletes some emails that ended before `before`. Returns whether there may be more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_old_emails(&self, before: Millis) -> Result<bool, StoreError> {
        self.write(before, |connection, before| {
            Box::pin(async move {
                let sql = "DELETE FROM outbox WHERE id IN
                    (SELECT id FROM outbox WHERE created_at < $1 AND outcome IS NOT NULL LIMIT 200)";
                Ok(sqlx::query(sql).bind(before).execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }
}

/// Ends the email, inside the caller's transaction.
async fn end(
    connection: &mut AnyConnection,
    email: &OutboxEmail,
    outcome: Outcome,
    error: Option<String>,
    now: Millis,
) -> Result<bool, sqlx::Error> {
    // For a removed account, no address stays, not even the one to which the last email was sent.
    let sql = "UPDATE outbox SET outcome = $3, last_error = $4, sent_at = $5, next_try_at = $6,
                      claimed_by = NULL, claimed_until = NULL,
                      email = CASE WHEN kind = 'deleted' THEN '' ELSE email END
               WHERE id = $1 AND claimed_by = $2 AND outcome IS NULL";
    let sent_at = matches!(outcome, Outcome::Sent | Outcome::Decoy).then_some(now);
    let query = sqlx::query(sql).bind(&email.id).bind(&email.claimed_by).bind(outcome.text()).bind(error);
    let query = query.bind(sent_at).bind(now);
    // This is the place to write anything else that must be written when an email was sent or refused, by
    // `email.challenge_id` and `email.user_id`, such as when its code starts to count.
    Ok(query.execute(connection).await?.rows_affected() == 1)
}
