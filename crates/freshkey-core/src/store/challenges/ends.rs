//! The statements that end a challenge. Finishing is one conditional statement, in which only one of many callers
//! succeeds.

use super::{ChallengeRow, Finished, FinishedBy, insert};
use crate::rules::challenge::ChallengeKind;
use freshkey_types::StepReason;
use sqlx::AnyConnection;

/// Finishes the challenge. Returns `false` for every caller but one.
pub(in crate::store) async fn finish(
    connection: &mut AnyConnection,
    row: &ChallengeRow,
    by: &FinishedBy,
) -> Result<bool, sqlx::Error> {
    let sql = "UPDATE challenges SET finished_at = $2, finished_by = $3, session_id = $4, data = $5, answer = $6, next_id = $7
               WHERE id = $1 AND finished_at IS NULL AND over_reason IS NULL";
    let session = by.session.map(|session| session.to_string());
    let query = sqlx::query(sql).bind(&row.id).bind(by.now).bind(&by.browser).bind(session);
    let query = query.bind(&by.data).bind(&by.answer).bind(by.next.as_ref().map(|next| next.id.to_string()));
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// Begins the next challenge, if there is one.
pub(in crate::store) async fn begin_next(connection: &mut AnyConnection, by: &FinishedBy) -> Result<(), sqlx::Error> {
    match &by.next {
        Some(next) => insert(connection, next).await,
        None => Ok(()),
    }
}

/// Restores the challenge to its state before it was finished in this transaction.
pub(in crate::store) async fn reopen(connection: &mut AnyConnection, row: &ChallengeRow) -> Result<(), sqlx::Error> {
    let sql =
        "UPDATE challenges SET finished_at = NULL, finished_by = NULL, session_id = NULL, data = $2, answer = NULL,
                      next_id = NULL WHERE id = $1";
    sqlx::query(sql).bind(&row.id).bind(&row.data).execute(connection).await.map(drop)
}

/// Ends the user's open challenges of this kind.
pub(in crate::store) async fn end_all(
    connection: &mut AnyConnection,
    user: &str,
    kind: ChallengeKind,
) -> Result<(), sqlx::Error> {
    let sql = "UPDATE challenges SET over_reason = $1
               WHERE user_id = $2 AND kind = $3 AND finished_at IS NULL AND over_reason IS NULL";
    let query = sqlx::query(sql).bind(StepReason::Replaced.text()).bind(user).bind(kind.text());
    query.execute(connection).await.map(drop)
}

/// Ends a challenge whose purpose is no longer possible.
pub(in crate::store) async fn give_up(
    connection: &mut AnyConnection,
    row: &ChallengeRow,
) -> Result<Finished, sqlx::Error> {
    let sql =
        "UPDATE challenges SET finished_at = NULL, session_id = NULL, next_id = NULL, over_reason = $2 WHERE id = $1";
    let query = sqlx::query(sql).bind(&row.id).bind(StepReason::Replaced.text());
    query.execute(connection).await?;
    Ok(Finished::Gone)
}
