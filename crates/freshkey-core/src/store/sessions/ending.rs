//! Ending sessions inside a transaction.

use freshkey_types::{EndReason, Millis};
use sqlx::{AnyConnection, AssertSqlSafe};
use uuid::Uuid;

/// Which sessions to end.
#[derive(Clone)]
pub(in crate::store) enum SessionFilter {
    One(Uuid),
    AllOf(String),
    OthersOf(String, Uuid),
    BeyondNewest(String, u32),
}

impl SessionFilter {
    /// The SQL condition. Its values begin at `$3`.
    fn sql(&self) -> &'static str {
        match self {
            Self::One(_) => "id = $3",
            Self::AllOf(_) => "user_id = $3",
            Self::OthersOf(..) => "user_id = $3 AND id <> $4",
            Self::BeyondNewest(..) => {
                "user_id = $3 AND id NOT IN (SELECT id FROM sessions WHERE user_id = $3 AND ended_at IS NULL
                                             ORDER BY created_at DESC, id DESC LIMIT CAST($4 AS BIGINT))"
            }
        }
    }

    fn values(&self) -> Vec<String> {
        match self {
            Self::One(id) => vec![id.to_string()],
            Self::AllOf(user) => vec![user.clone()],
            Self::OthersOf(user, id) => vec![user.clone(), id.to_string()],
            Self::BeyondNewest(user, keep) => vec![user.clone(), keep.to_string()],
        }
    }
}

/// Ends sessions.
pub(in crate::store) async fn end(
    connection: &mut AnyConnection,
    filter: &SessionFilter,
    reason: EndReason,
    now: Millis,
    order: &str,
) -> Result<Vec<Uuid>, sqlx::Error> {
    // The end is not before the last refresh, which may have the time of another clock: the query for recently ended
    // sessions must find it.
    let sql = format!(
        "UPDATE sessions SET ended_at = CASE WHEN refreshed_at > $1 THEN refreshed_at ELSE $1 END, ended_reason = $2
         WHERE ended_at IS NULL AND id IN (SELECT id FROM sessions WHERE {} AND ended_at IS NULL {order})
         RETURNING id",
        filter.sql()
    );
    // Both parts are constant texts.
    let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(now).bind(reason.text());
    for value in filter.values() {
        query = query.bind(value);
    }
    let rows: Vec<(String,)> = query.fetch_all(connection).await?;
    Ok(rows.iter().filter_map(|(id,)| Uuid::parse_str(id).ok()).collect())
}
