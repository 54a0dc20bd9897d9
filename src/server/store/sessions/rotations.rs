//! Rule 1 of the rotation, which is nearly every refresh: one statement for all that wait together.

use super::{
    super::{Engine, Store, StoreError},
    Raw, SessionRow,
};
use crate::server::auth::{refresh_token::RefreshToken, rotation::Policy};
use sqlx::{AnyConnection, AssertSqlSafe};
use std::collections::HashMap;

/// A refresh that asks for rule 1.
#[derive(Clone, Copy, Debug)]
pub(in crate::server::store) struct Asked {
    /// What was presented.
    pub token: RefreshToken,
    /// When.
    pub now: i64,
    /// By which rules.
    pub policy: Policy,
}

impl Store {
    /// Rotates the session's chain, if [`decide`](crate::server::auth::rotation::decide) says
    /// `Rotate` of its current token: the session as it is now. None where the row must be looked at.
    ///
    /// # Errors
    /// The database.
    pub async fn rotate(
        &self,
        token: RefreshToken,
        now: i64,
        policy: Policy,
    ) -> Result<Option<SessionRow>, StoreError> {
        let asked = Asked { token, now, policy };
        match &self.engine {
            Engine::Sqlite(writer) => writer.rotate(asked).await,
            Engine::Postgres(_) => {
                let alone = self
                    .transact(Box::new(move |connection| Box::pin(async move { rotate(connection, &[asked]).await })));
                Ok(alone.await?.remove(&token))
            }
        }
    }
}

/// Rotates the chains that rule 1 applies to: the sessions as they are now, by the token that was
/// presented. Of two who present the same one, one has rotated it.
pub(in crate::server::store) async fn rotate(
    connection: &mut AnyConnection,
    asked: &[Asked],
) -> Result<HashMap<RefreshToken, SessionRow>, sqlx::Error> {
    let row = |at: usize| {
        let [id, generation, now, idle, young] = std::array::from_fn(|column| 5 * at + column + 1);
        format!(
            "(CAST(${id} AS TEXT), CAST(${generation} AS BIGINT), CAST(${now} AS BIGINT), CAST(${idle} AS BIGINT), CAST(${young} AS BIGINT))"
        )
    };
    let rows: Vec<String> = (0..asked.len()).map(row).collect();
    let sql = format!(
        concat!(
            "WITH asked (of_session, presented, at, idle_since, young_since) AS (VALUES {})
             UPDATE sessions SET generation = generation + 1, rotated_at = at, refreshed_at = at FROM asked
             WHERE id = of_session AND generation = presented AND ended_at IS NULL AND expires_at > at
               AND refreshed_at <= at AND refreshed_at > idle_since AND rotated_at <= young_since
               AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = sessions.user_id AND disabled_at IS NOT NULL)
             RETURNING ",
            columns!()
        ),
        rows.join(", ")
    );
    // Of our own making, but for its parameters.
    let mut query = sqlx::query_as::<_, Raw>(AssertSqlSafe(sql));
    for Asked { token, now, policy } in asked {
        query = query.bind(token.session.to_string()).bind(i64::from(token.generation));
        query = query.bind(now).bind(now - policy.idle).bind(now - policy.grace);
    }
    let rotated = query.fetch_all(connection).await?;
    let by_token = |raw| {
        let row = SessionRow::try_from(raw)?;
        let presented = u32::try_from(row.chain.generation - 1).map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok((RefreshToken { session: row.id, generation: presented }, row))
    };
    rotated.into_iter().map(by_token).collect()
}
