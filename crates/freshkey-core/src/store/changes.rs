//! The table `changes`: what emails have reported about an account, and how to undo it.
//!
//! A row is written in one transaction with its email and has the email's id. The rows of an account are numbered by
//! a counter in the user's row. This also makes them wait for each other, so the order of two changes does not depend
//! on clocks.

mod answers;
mod undo;

pub use answers::{Answered, Securing};

use super::{
    Store, StoreError,
    outbox::{Facts, NewEmail},
};
use crate::rules::{
    email_kind::EmailKind,
    undo::{Change, Undo},
};
use freshkey_types::{Millis, StepReason};
use sqlx::{AnyConnection, FromRow};
use uuid::Uuid;

/// All columns, in the form for [`ChangeRow`].
macro_rules! columns {
    () => {
        "id, user_id, number, kind, session_id, email, undo, at, until, answer, answered_at, answered_by, undone_at,
         over_reason"
    };
}
use columns;

/// A change or a session that an email reported.
#[derive(Clone, Debug, FromRow)]
pub struct ChangeRow {
    /// The id of its email.
    pub id: String,
    /// The id of the user that it is about.
    pub user_id: String,
    /// Its number within the account.
    pub number: i64,
    /// The name of its email's kind.
    pub kind: String,
    session_id: Option<String>,
    /// The address to which the email was sent.
    pub email: String,
    undo: Option<String>,
    /// When it happened.
    pub at: Millis,
    /// When its link expires.
    pub until: Millis,
    /// The reader's answer.
    pub answer: Option<String>,
    /// When the reader answered.
    pub answered_at: Option<Millis>,
    /// The browser that answered.
    pub answered_by: Option<String>,
    undone_at: Option<Millis>,
    over_reason: Option<String>,
}

impl ChangeRow {
    /// Converts the row for the rules.
    pub fn change(&self) -> Change {
        let kind = EmailKind::parse(&self.kind);
        Change {
            number: self.number,
            session: self.session_id.clone(),
            of_session: kind.is_some_and(EmailKind::is_of_session),
            undo: self.undo.as_deref().and_then(|undo| serde_json::from_str(undo).ok()),
            until: self.until,
            answered: self.answered_at.is_some(),
            undone: self.undone_at.is_some(),
            over: self.over_reason.as_deref().map(StepReason::known),
        }
    }
}

impl Store {
    /// Returns what the email with this id reported.
    ///
    /// # Errors
    /// The database failed.
    pub async fn change(&self, id: Uuid) -> Result<Option<ChangeRow>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM changes WHERE id = $1");
        Ok(self.rows(sqlx::query_as(sql).bind(id.to_string())).await?.pop())
    }

    /// Returns the last one that this browser answered since `since`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn answered_by(&self, browser: &str, since: Millis) -> Result<Option<ChangeRow>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM changes WHERE answered_by = $1 AND answered_at > $2 ORDER BY answered_at DESC LIMIT 1"
        );
        Ok(self.rows(sqlx::query_as(sql).bind(browser).bind(since)).await?.pop())
    }

    /// Returns the other facts in the email.
    ///
    /// # Errors
    /// The database failed.
    pub async fn facts_of(&self, change: &ChangeRow) -> Result<Facts, StoreError> {
        let sql = "SELECT facts FROM outbox WHERE id = $1";
        let rows: Vec<(String,)> = self.rows(sqlx::query_as(sql).bind(&change.id)).await?;
        let facts = rows.into_iter().next().and_then(|(facts,)| serde_json::from_str(&facts).ok());
        Ok(facts.unwrap_or_default())
    }

    /// Returns until when a change of the account can be undone, or `None` if none can be.
    ///
    /// # Errors
    /// The database failed.
    pub async fn undo_until(&self, user: &str, now: Millis) -> Result<Option<Millis>, StoreError> {
        let sql = "SELECT MAX(until) FROM changes WHERE user_id = $1 AND until > $2 AND undo IS NOT NULL
                     AND answered_at IS NULL AND undone_at IS NULL AND over_reason IS NULL";
        let rows: Vec<(Option<Millis>,)> = self.rows(sqlx::query_as(sql).bind(user).bind(now)).await?;
        Ok(rows.into_iter().next().and_then(|(until,)| until))
    }

    /// Returns whether somebody else may get the address with this key back. Takes the same time for yes and no.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_reserved(&self, email_key: &str, but: &str, now: Millis) -> Result<bool, StoreError> {
        let found: Vec<(i64,)> = self.rows(sqlx::query_as(RESERVED).bind(email_key).bind(but).bind(now)).await?;
        Ok(found != [(0,)])
    }

    /// Deletes some changes whose links expired before `before`. Returns whether there may be more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_old_changes(&self, before: Millis) -> Result<bool, StoreError> {
        self.write(before, |connection, before| {
            Box::pin(async move {
                let sql = "DELETE FROM changes WHERE id IN (SELECT id FROM changes WHERE until < $1 LIMIT 200)";
                Ok(sqlx::query(sql).bind(before).execute(connection).await?.rows_affected() > 0)
            })
        })
        .await
    }
}

const RESERVED: &str = "SELECT COUNT(*) FROM changes WHERE email_key = $1 AND user_id <> $2 AND until > $3
                          AND undone_at IS NULL";

/// Returns whether a user other than this one may get the address back.
pub(super) async fn is_reserved(
    connection: &mut AnyConnection,
    email_key: &str,
    but: &str,
    now: Millis,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_as(RESERVED).bind(email_key).bind(but).bind(now);
    let (found,): (i64,) = query.fetch_one(connection).await?;
    Ok(found > 0)
}

/// Writes what the email's link can undo, if anything.
pub(super) async fn insert(connection: &mut AnyConnection, email: &NewEmail) -> Result<(), sqlx::Error> {
    let Some((undoable, user)) = email.undoable.as_ref().zip(email.user_id.as_ref()) else { return Ok(()) };
    let sql = "UPDATE users SET changes = changes + 1 WHERE id = $1 RETURNING changes";
    let numbers: Vec<(i64,)> = sqlx::query_as(sql).bind(user).fetch_all(&mut *connection).await?;
    let Some((number,)) = numbers.into_iter().next() else { return Ok(()) };
    let key = undoable.undo.as_ref().and_then(|undo| match undo {
        Undo::Email { key, .. } => Some(key),
        Undo::Factors { .. } => None,
    });
    let undo = undoable.undo.as_ref().and_then(|undo| serde_json::to_string(undo).ok());
    sqlx::query(
        "INSERT INTO changes (id, user_id, number, kind, session_id, email, undo, email_key, at, until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(email.id.to_string())
    .bind(user)
    .bind(number)
    .bind(email.kind)
    .bind(undoable.session.map(|session| session.to_string()))
    .bind(&email.email)
    .bind(undo)
    .bind(key)
    .bind(email.created_at)
    .bind(undoable.until)
    .execute(connection)
    .await
    .map(drop)
}

#[cfg(test)]
mod tests;
