//! Rule 1 of rotation, which is nearly every refresh: one statement for all refreshes that wait together.

use super::{
    super::{
        Engine, Store, StoreError, TRANSACTION_LIMIT,
        connection::Lease,
        error::timed_out,
        queue::{Answer, TOGETHER, WAITING, submit},
    },
    Authentication, LiveSession,
};
use crate::rules::{refresh_token::RefreshToken, rotation::Policy, two_step::TwoStep};
use freshkey_types::{Millis, OwnClaims, Role, UserView};
use futures::FutureExt;
use sqlx::{AnyConnection, AnyPool};
use std::{collections::HashMap, error::Error, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};
use uuid::Uuid;

/// How long a connection to Postgres is kept for the next batch after it has answered.
const WARM: Duration = Duration::from_millis(10);

/// A refresh to be decided by rule 1.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct RotationRequest {
    /// The token that was presented.
    pub token: RefreshToken,
    /// The current time.
    pub now: Millis,
    /// The policy that applies.
    pub policy: Policy,
}

/// A refresh that waits for its result.
pub(in crate::store) struct Rotation {
    pub request: RotationRequest,
    pub done: Option<LiveSession>,
    pub answer: Answer<Option<LiveSession>>,
}

impl Rotation {
    pub(in crate::store) fn committed(self) {
        let _ = self.answer.send(Ok(self.done));
    }

    pub(in crate::store) fn failed(self, error: StoreError) {
        let _ = self.answer.send(Err(error));
    }
}

/// A queue to the task that rotates on Postgres. Refreshes that arrive while one statement runs go into the next. The
/// task ends when the last of these is dropped.
#[derive(Clone)]
pub(in crate::store) struct Rotations(mpsc::Sender<Rotation>);

impl Rotations {
    /// Starts the task, which writes through `pool`.
    pub(in crate::store) fn start(pool: AnyPool) -> Self {
        let (new, mut waiting) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let (mut batch, mut warm) = (Vec::with_capacity(TOGETHER), None);
            while receive(&mut waiting, &mut batch, &mut warm).await > 0 {
                let done = AssertUnwindSafe(together(&pool, &mut batch, warm.take())).catch_unwind().await;
                match done {
                    Ok(Ok(lease)) => {
                        warm = Some(lease);
                        batch.drain(..).for_each(Rotation::committed);
                    }
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

/// Receives the waiting refreshes and returns how many there are; 0 at the end. The connection that has just answered
/// is kept for a moment, because the pool would check that it is still alive, which takes as long as a statement.
async fn receive(waiting: &mut mpsc::Receiver<Rotation>, batch: &mut Vec<Rotation>, warm: &mut Option<Lease>) -> usize {
    if warm.is_some()
        && let Ok(count) = timeout(WARM, waiting.recv_many(batch, TOGETHER)).await
    {
        return count;
    }
    if let Some(lease) = warm.take() {
        lease.give_back();
    }
    waiting.recv_many(batch, TOGETHER).await
}

/// Rotates a batch with one statement, which is a transaction by itself.
async fn together(pool: &AnyPool, batch: &mut [Rotation], warm: Option<Lease>) -> Result<Lease, sqlx::Error> {
    let mut lease = match warm {
        Some(lease) => lease,
        None => Lease::take(pool).await?,
    };
    let done = rotate(lease.connection()?, batch.iter_mut().collect(), ON_POSTGRES);
    timeout(TRANSACTION_LIMIT, done).await.map_err(|_| timed_out())??;
    Ok(lease)
}

impl Store {
    /// Rotates the session's chain if [`decide`](crate::rules::rotation::decide) returns `Rotate` for its current
    /// token. Returns the session after that, or `None` if the row must be read to decide.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rotate(
        &self,
        token: RefreshToken,
        now: Millis,
        policy: Policy,
    ) -> Result<Option<LiveSession>, StoreError> {
        let request = RotationRequest { token, now, policy };
        let done = match &self.engine {
            Engine::Sqlite(writer) => writer.rotate(request).await,
            Engine::Postgres(postgres) => {
                submit(&postgres.rotations.0, |answer| Rotation { request, done: None, answer }).await
            }
        };
        self.readiness.note(&done);
        done
    }
}

/// A statement that rotates the chains to which rule 1 applies. Its input is one parameter and its output one column,
/// both JSON. So the text is the same for any number of refreshes, and the driver converts one value instead of
/// hundreds, which took longer than the UPDATE.
pub(in crate::store) type Statement = &'static str;

/// The input: the session, the presented generation, the current time, and the limits that rule 1 sets for the last
/// refresh and the last rotation.
type Question = (Uuid, u32, Millis, Millis, Millis);

/// The output: the session, its new generation, when it was rotated, its end, whether it is remembered, when and how
/// its user proved who they are, how it began, and the user's id, address, name, role and two-step sign-in.
type Done =
    (Uuid, i64, Millis, Millis, i64, Millis, String, String, String, String, Option<String>, Option<String>, i64);

macro_rules! asked {
    ($elements:literal) => {
        concat!(
            "WITH asked (of_session, presented, at, idle_since, young_since) AS (
                 SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT),
                        CAST(value ->> 3 AS BIGINT), CAST(value ->> 4 AS BIGINT) FROM ",
            $elements,
            ")"
        )
    };
}

macro_rules! rule_1 {
    () => {
        "generation = presented AND ended_at IS NULL AND expires_at > at
         AND refreshed_at <= at AND refreshed_at > idle_since AND rotated_at <= young_since"
    };
}

/// SQLite has one writer, and its RETURNING can't return columns of other tables.
pub(in crate::store) const ON_SQLITE: Statement = concat!(
    asked!("json_each($1)"),
    " UPDATE sessions SET generation = generation + 1, rotated_at = at, refreshed_at = at FROM asked
     WHERE id = of_session AND ",
    rule_1!(),
    " AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = sessions.user_id AND disabled_at IS NOT NULL)
     RETURNING json_array(id, generation, rotated_at, expires_at, remember,
         COALESCE(authenticated_at, created_at), amr, COALESCE(began_amr, amr), user_id,
         (SELECT email FROM users WHERE users.id = sessions.user_id),
         (SELECT name FROM users WHERE users.id = sessions.user_id),
         (SELECT role FROM users WHERE users.id = sessions.user_id),
         (SELECT ",
    two_step!(),
    " FROM users WHERE users.id = sessions.user_id))"
);

/// Postgres finds each row by its key and locks it before updating it. A row that another transaction has locked is
/// skipped, so that no refresh waits for another session and no two batches wait for each other. The refresh of a
/// skipped row then reads the row, and waits for that one alone. A locked row keeps its place (`ctid`) until it is
/// updated.
const ON_POSTGRES: Statement = concat!(
    asked!("json_array_elements(CAST($1 AS JSON)) AS value"),
    ", free AS (
         SELECT place, at, user_id, email, name, role, ",
    two_step!(),
    " AS two_step
         FROM asked, LATERAL (
             SELECT sessions.ctid AS place, user_id FROM sessions WHERE id = of_session AND ",
    rule_1!(),
    "    FOR NO KEY UPDATE SKIP LOCKED) AS locked JOIN users ON users.id = user_id AND disabled_at IS NULL)
     UPDATE sessions SET generation = generation + 1, rotated_at = at, refreshed_at = at
     FROM free WHERE sessions.ctid = ANY (ARRAY (SELECT place FROM free)) AND sessions.ctid = place
     RETURNING CAST(json_build_array(id, generation, rotated_at, expires_at, remember,
         COALESCE(authenticated_at, created_at), amr, COALESCE(began_amr, amr), free.user_id, email, name, role, two_step) AS TEXT)"
);

/// Rotates the chains to which rule 1 applies, and sets `done` to the session after that. If two refreshes present
/// the same token, only one rotates it.
pub(in crate::store) async fn rotate(
    connection: &mut AnyConnection,
    rotations: Vec<&mut Rotation>,
    statement: Statement,
) -> Result<(), sqlx::Error> {
    if rotations.is_empty() {
        return Ok(());
    }
    let question = |rotation: &&mut Rotation| -> Question {
        let RotationRequest { token, now, policy } = rotation.request;
        (token.session, token.generation, now, now - policy.idle, now - policy.grace_period)
    };
    let asked = serde_json::to_string(&rotations.iter().map(question).collect::<Vec<_>>());
    let asked = asked.map_err(|error| sqlx::Error::Encode(error.into()))?;
    let done: Vec<String> = sqlx::query_scalar(statement).bind(asked).fetch_all(connection).await?;
    let rotated: Result<HashMap<_, _>, _> = done.iter().map(|done| by_token(done)).collect();
    let mut rotated = rotated.map_err(sqlx::Error::Decode)?;
    for rotation in rotations {
        rotation.done = rotated.remove(&rotation.request.token);
    }
    Ok(())
}

fn by_token(done: &str) -> Result<(RefreshToken, LiveSession), Box<dyn Error + Send + Sync>> {
    let (id, generation, refreshed_at, expires_at, remember, at, amr, began, user, email, name, role, two_step): Done =
        serde_json::from_str(done)?;
    let presented = RefreshToken { session: id, generation: u32::try_from(generation - 1)? };
    let user = UserView { id: user, email, name, role: role.map(Role::from), claims: OwnClaims::default() };
    let (remember, authentication) = (remember != 0, Authentication { at, amr, began });
    let two_step = TwoStep::of_number(two_step);
    Ok((presented, LiveSession { id, generation, refreshed_at, expires_at, remember, authentication, two_step, user }))
}
