//! Changes of sessions. Each change of a chain is one conditional UPDATE: it applies to the row that the decision was
//! based on, or not at all.

use super::{
    super::{Engine, Store, StoreError},
    ChainUpdate, NewSession,
    ending::{SessionFilter, end},
};
use crate::rules::rotation::Chain;
use freshkey_types::{EndReason, Millis};
use std::sync::Arc;
use uuid::Uuid;

macro_rules! insert_session {
    () => {
        "INSERT INTO sessions (id, user_id, generation, confirmed_generation, rotated_at, created_at,
                               refreshed_at, expires_at, remember, ip, user_agent, amr, stepped_up_at)
         SELECT $1, id, 0, -1, $3, $3, $3, $4, $5, $6, $7, $9, $10 FROM users
         WHERE id = $2 AND password_hash = $8 AND disabled_at IS NULL AND delete_at IS NULL"
    };
}

impl Store {
    /// Adds a session at generation 0 and ends the one that it replaces. Returns the replaced session, if it was not
    /// over, or `None` if the verified password is no longer the user's or the account is disabled. One statement
    /// decides that; on Postgres it waits for a change that is under way.
    ///
    /// # Errors
    /// The database failed.
    pub async fn insert_session(&self, new: NewSession) -> Result<Option<Vec<Uuid>>, StoreError> {
        let now = new.created_at;
        let new = Arc::new(new);
        let (locks, order) = (self.locks_rows(), self.lock_in_order());
        let replaced = self.transact(Box::new(move |connection| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                let sql = if locks { concat!(insert_session!(), " FOR SHARE") } else { insert_session!() };
                let query = sqlx::query(sql)
                    .bind(new.id.to_string())
                    .bind(&new.user_id)
                    .bind(new.created_at)
                    .bind(new.expires_at)
                    .bind(i64::from(new.remember))
                    .bind(&new.ip)
                    .bind(&new.user_agent)
                    .bind(&new.password_hash)
                    .bind(new.method.amr())
                    .bind(if new.method.is_full() { new.created_at } else { Millis::ZERO });
                if query.execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(None);
                }
                let Some(replaced) = new.replaces else { return Ok(Some(Vec::new())) };
                let filter = SessionFilter::One(replaced);
                end(connection, &filter, EndReason::SignedOut, new.created_at, order).await.map(Some)
            })
        }));
        let replaced = replaced.await?;
        self.notify_ended(replaced.as_deref().unwrap_or_default(), EndReason::SignedOut, now);
        Ok(replaced)
    }

    /// Changes the chain that `decided_on` describes. Returns `false` if it has changed since, or the session is
    /// over.
    ///
    /// # Errors
    /// The database failed.
    pub async fn update_chain(&self, id: Uuid, decided_on: &Chain, to: ChainUpdate) -> Result<bool, StoreError> {
        let (generation, rotated_at) = (decided_on.generation, decided_on.rotated_at);
        self.transact(Box::new(move |connection| {
            Box::pin(async move {
                let done = sqlx::query(
                    "UPDATE sessions SET generation = $1, rotated_at = $2, refreshed_at = $3, recovered_generation = $4,
                            recovery_run = $5, recovery_day_at = $6, recoveries_in_day = $7
                     WHERE id = $8 AND generation = $9 AND rotated_at = $10 AND ended_at IS NULL",
                )
                .bind(to.generation)
                .bind(to.rotated_at)
                .bind(to.refreshed_at)
                .bind(to.recovery.generation)
                .bind(to.recovery.run)
                .bind(to.recovery.day_at)
                .bind(to.recovery.in_day)
                .bind(id.to_string())
                .bind(generation)
                .bind(rotated_at)
                .execute(connection)
                .await?;
                Ok(done.rows_affected() == 1)
            })
        }))
        .await
    }

    /// Ends the session. Returns `false` if it was already over. An ended session never comes back.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_session(&self, id: Uuid, reason: EndReason, now: Millis) -> Result<bool, StoreError> {
        let ended = self.end_where(SessionFilter::One(id), reason, now).await?;
        Ok(!ended.is_empty())
    }

    /// Ends all of the user's sessions. Returns the sessions that ended.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_sessions_of(&self, user: &str, reason: EndReason, now: Millis) -> Result<Vec<Uuid>, StoreError> {
        self.end_where(SessionFilter::AllOf(user.to_owned()), reason, now).await
    }

    /// Ends all of the user's sessions except `this`. Returns the sessions that ended.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_other_sessions_of(
        &self,
        user: &str,
        this: Uuid,
        reason: EndReason,
        now: Millis,
    ) -> Result<Vec<Uuid>, StoreError> {
        self.end_where(SessionFilter::OthersOf(user.to_owned(), this), reason, now).await
    }

    /// Ends the user's sessions except the newest `keep`. Returns the sessions that ended.
    ///
    /// # Errors
    /// The database failed.
    pub async fn keep_newest_sessions(&self, user: &str, keep: u32, now: Millis) -> Result<Vec<Uuid>, StoreError> {
        self.end_where(SessionFilter::BeyondNewest(user.to_owned(), keep), EndReason::Revoked, now).await
    }

    async fn end_where(&self, filter: SessionFilter, reason: EndReason, now: Millis) -> Result<Vec<Uuid>, StoreError> {
        let order = self.lock_in_order();
        let ended = self.transact(Box::new(move |connection| {
            let filter = filter.clone();
            Box::pin(async move { end(connection, &filter, reason, now, order).await })
        }));
        let ended = ended.await?;
        self.notify_ended(&ended, reason, now);
        Ok(ended)
    }

    /// Returns the clause that makes a statement lock the rows of a subquery in the order of their ids, on Postgres.
    /// Two statements that change several of the same sessions then wait for each other instead of deadlocking.
    /// SQLite has one writer.
    pub(in crate::store) fn lock_in_order(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite(_) => "",
            Engine::Postgres(_) => "ORDER BY id FOR NO KEY UPDATE",
        }
    }

    /// Returns whether rows that a transaction reads must be locked to stay unchanged until its end. SQLite has one
    /// writer.
    pub(in crate::store) fn locks_rows(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }
}
