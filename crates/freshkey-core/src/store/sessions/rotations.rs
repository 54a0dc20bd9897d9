//! Rule 1 of the rotation, which is nearly every refresh: one statement for all that wait together.

use super::{
    super::{
        Engine, Store, StoreError, TRANSACTION_LIMIT,
        connection::Lease,
        error::timed_out,
        queue::{Answer, TOGETHER, WAITING, have_done},
    },
    Raw, SessionRow,
};
use crate::rules::{refresh_token::RefreshToken, rotation::Policy};
use futures::FutureExt;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe};
use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc};
use tokio::{sync::mpsc, time::timeout};

/// A refresh that asks for rule 1.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Asked {
    /// What was presented.
    pub token: RefreshToken,
    /// When.
    pub now: i64,
    /// By which rules.
    pub policy: Policy,
}

/// The same, waiting.
pub(in crate::store) struct Rotation {
    pub asked: Asked,
    pub done: Option<SessionRow>,
    pub answer: Answer<Option<SessionRow>>,
}

impl Rotation {
    pub(in crate::store) fn committed(self) {
        let _ = self.answer.send(Ok(self.done));
    }

    pub(in crate::store) fn failed(self, error: StoreError) {
        let _ = self.answer.send(Err(error));
    }
}

/// The way to the task that rotates on Postgres: what waits while one statement is under way is the next
/// one. It ends when the last of these is dropped.
#[derive(Clone)]
pub(in crate::store) struct Rotations(mpsc::Sender<Rotation>);

impl Rotations {
    /// Starts the task, which writes through `pool`.
    pub(in crate::store) fn start(pool: AnyPool) -> Self {
        let (new, mut waiting) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(TOGETHER);
            while waiting.recv_many(&mut batch, TOGETHER).await > 0 {
                let done = AssertUnwindSafe(together(&pool, &mut batch)).catch_unwind().await;
                match done {
                    Ok(Ok(())) => batch.drain(..).for_each(Rotation::committed),
                    Ok(Err(error)) => {
                        let error = Arc::new(error);
                        batch.drain(..).for_each(|one| one.failed(StoreError::Database(Arc::clone(&error))));
                    }
                    Err(_) => {
                        tracing::error!(event = "write_panicked");
                        batch.drain(..).for_each(|one| one.failed(StoreError::Panicked));
                    }
                }
            }
        });
        Self(new)
    }
}

/// One statement, which is a transaction by itself.
async fn together(pool: &AnyPool, batch: &mut [Rotation]) -> Result<(), sqlx::Error> {
    let mut lease = Lease::take(pool).await?;
    let done = rotate(lease.connection()?, batch.iter_mut().collect(), ON_POSTGRES);
    timeout(TRANSACTION_LIMIT, done).await.map_err(|_| timed_out())??;
    lease.give_back();
    Ok(())
}

impl Store {
    /// Rotates the session's chain, if [`decide`](crate::rules::rotation::decide) says
    /// `Rotate` of its current token: the session as it is now. None where the row must be looked at.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rotate(
        &self,
        token: RefreshToken,
        now: i64,
        policy: Policy,
    ) -> Result<Option<SessionRow>, StoreError> {
        let asked = Asked { token, now, policy };
        let done = match &self.engine {
            Engine::Sqlite(writer) => writer.rotate(asked).await,
            Engine::Postgres(postgres) => {
                have_done(&postgres.rotations.0, |answer| Rotation { asked, done: None, answer }).await
            }
        };
        self.readiness.note(&done);
        done
    }
}

/// A statement that rotates the chains that rule 1 applies to, after the list of what is asked.
pub(in crate::store) type Statement = &'static str;

macro_rules! rule_1 {
    () => {
        "generation = presented AND ended_at IS NULL AND expires_at > at
         AND refreshed_at <= at AND refreshed_at > idle_since AND rotated_at <= young_since"
    };
}

/// SQLite has one writer, and returns nothing of other tables.
pub(in crate::store) const ON_SQLITE: Statement = concat!(
    " UPDATE sessions SET generation = generation + 1, rotated_at = at, refreshed_at = at FROM asked
     WHERE id = of_session AND ",
    rule_1!(),
    " AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = sessions.user_id AND disabled_at IS NOT NULL)
     RETURNING ",
    columns!()
);

/// Postgres locks the rows of a batch before they are updated, in their order. A row that another transaction has
/// locked is skipped, so that no refresh waits for another session and no two batches wait for each other; the
/// refresh of a skipped row reads it, and waits for that one alone. Users are joined once for all rows.
const ON_POSTGRES: Statement = concat!(
    ", free AS (
         SELECT sessions.id AS free_session, email, name, role, disabled_at
         FROM sessions JOIN users ON users.id = user_id
         WHERE sessions.id IN (SELECT of_session FROM asked)
         ORDER BY sessions.id FOR NO KEY UPDATE OF sessions SKIP LOCKED)
     UPDATE sessions SET generation = generation + 1, rotated_at = at, refreshed_at = at
     FROM asked JOIN free ON free_session = of_session
     WHERE id = of_session AND disabled_at IS NULL AND ",
    rule_1!(),
    " RETURNING ",
    own_columns!(),
    ", email, name, role, disabled_at"
);

/// Rotates the chains that rule 1 applies to: `done` is the session as it is now. Of two who present the same
/// token, one has rotated it.
pub(in crate::store) async fn rotate(
    connection: &mut AnyConnection,
    rotations: Vec<&mut Rotation>,
    statement: Statement,
) -> Result<(), sqlx::Error> {
    if rotations.is_empty() {
        return Ok(());
    }
    let row = |at: usize| {
        let [id, generation, now, idle, young] = std::array::from_fn(|column| 5 * at + column + 1);
        format!(
            "(CAST(${id} AS TEXT), CAST(${generation} AS BIGINT), CAST(${now} AS BIGINT), CAST(${idle} AS BIGINT), CAST(${young} AS BIGINT))"
        )
    };
    let rows: Vec<String> = (0..rotations.len()).map(row).collect();
    let sql = format!(
        "WITH asked (of_session, presented, at, idle_since, young_since) AS (VALUES {}){statement}",
        rows.join(", ")
    );
    // Of our own making, but for its parameters.
    let mut query = sqlx::query_as::<_, Raw>(AssertSqlSafe(sql));
    for rotation in &rotations {
        let Asked { token, now, policy } = rotation.asked;
        query = query.bind(token.session.to_string()).bind(i64::from(token.generation));
        query = query.bind(now).bind(now - policy.idle).bind(now - policy.grace);
    }
    let by_token = |raw| {
        let row = SessionRow::try_from(raw)?;
        let presented = u32::try_from(row.chain.generation - 1).map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok((RefreshToken { session: row.id, generation: presented }, row))
    };
    let rotated: Result<HashMap<_, _>, sqlx::Error> =
        query.fetch_all(connection).await?.into_iter().map(by_token).collect();
    let mut rotated = rotated?;
    for rotation in rotations {
        rotation.done = rotated.remove(&rotation.asked.token);
    }
    Ok(())
}
