//! What changes a session. Every change of a chain is one conditional UPDATE: it happens to the row
//! that was decided on, or not at all.

use super::{
    super::{Engine, Store, StoreError},
    ChainUpdate, NewSession,
};
use crate::{app::types::EndReason, server::auth::rotation::Chain};
use sqlx::{AnyConnection, AssertSqlSafe};
use std::sync::Arc;
use uuid::Uuid;

/// Which sessions end.
#[derive(Clone)]
enum Which {
    One(Uuid),
    AllOf(String),
    OthersOf(String, Uuid),
}

impl Which {
    /// The condition, whose values begin at `$3`.
    fn sql(&self) -> &'static str {
        match self {
            Self::One(_) => "id = $3",
            Self::AllOf(_) => "user_id = $3",
            Self::OthersOf(..) => "user_id = $3 AND id <> $4",
        }
    }

    fn values(&self) -> Vec<String> {
        match self {
            Self::One(id) => vec![id.to_string()],
            Self::AllOf(user) => vec![user.clone()],
            Self::OthersOf(user, id) => vec![user.clone(), id.to_string()],
        }
    }
}

/// A password that takes the place of another.
#[derive(Clone)]
pub struct NewPassword {
    /// Whose.
    pub user: String,
    /// The hash of the old one.
    pub old: String,
    /// The hash of the new one.
    pub new: String,
    /// The session in which it is changed, and which goes on.
    pub session: Uuid,
}

impl Store {
    /// Adds a session at generation 0.
    ///
    /// # Errors
    /// The database.
    pub async fn insert_session(&self, new: NewSession) -> Result<(), StoreError> {
        let new = Arc::new(new);
        self.transact(Box::new(move |connection| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO sessions (id, user_id, generation, confirmed_generation, rotated_at, created_at,
                                           refreshed_at, expires_at, remember, ip, user_agent)
                     VALUES ($1, $2, 0, -1, $3, $3, $3, $4, $5, $6, $7)",
                )
                .bind(new.id.to_string())
                .bind(&new.user_id)
                .bind(new.created_at)
                .bind(new.expires_at)
                .bind(i64::from(new.remember))
                .bind(&new.ip)
                .bind(&new.user_agent)
                .execute(connection)
                .await?;
                Ok(())
            })
        }))
        .await
    }

    /// Changes the chain that `decided_on` describes; false if it is another one by now, or over.
    ///
    /// # Errors
    /// The database.
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

    /// Ends the session; false if it was over. Nothing brings it back.
    ///
    /// # Errors
    /// The database.
    pub async fn end_session(&self, id: Uuid, reason: EndReason, now: i64) -> Result<bool, StoreError> {
        let ended = self.end_where(Which::One(id), reason, now).await?;
        Ok(!ended.is_empty())
    }

    /// Ends every session of the user; which they were.
    ///
    /// # Errors
    /// The database.
    pub async fn end_sessions_of(&self, user: &str, reason: EndReason, now: i64) -> Result<Vec<Uuid>, StoreError> {
        self.end_where(Which::AllOf(user.to_owned()), reason, now).await
    }

    /// Ends every session of the user but `this`; which they were.
    ///
    /// # Errors
    /// The database.
    pub async fn end_other_sessions_of(
        &self,
        user: &str,
        this: Uuid,
        reason: EndReason,
        now: i64,
    ) -> Result<Vec<Uuid>, StoreError> {
        self.end_where(Which::OthersOf(user.to_owned(), this), reason, now).await
    }

    /// Puts a password in the place of another, and ends the user's other sessions: both, or nothing.
    /// Which they were; none if the old password is no longer the user's.
    ///
    /// # Errors
    /// The database.
    pub async fn change_password(&self, new: NewPassword, now: i64) -> Result<Option<Vec<Uuid>>, StoreError> {
        let order = self.lock_in_order();
        let ended = self.transact(Box::new(move |connection| {
            let new = new.clone();
            Box::pin(async move {
                let sql = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
                let query = sqlx::query(sql).bind(&new.user).bind(new.old).bind(new.new);
                if query.execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(None);
                }
                let others = Which::OthersOf(new.user, new.session);
                end(connection, &others, EndReason::PasswordChanged, now, order).await.map(Some)
            })
        }));
        let ended = ended.await?;
        self.tell(ended.as_deref().unwrap_or_default(), EndReason::PasswordChanged, now);
        Ok(ended)
    }

    /// Disables the account, and ends its sessions: both, or nothing. Which they were; none if it was
    /// disabled before.
    ///
    /// # Errors
    /// The database.
    pub async fn disable_account(&self, user: &str, now: i64) -> Result<Option<Vec<Uuid>>, StoreError> {
        let (order, user) = (self.lock_in_order(), user.to_owned());
        let ended = self.transact(Box::new(move |connection| {
            let user = user.clone();
            Box::pin(async move {
                let sql = "UPDATE users SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL";
                let query = sqlx::query(sql).bind(&user).bind(now);
                if query.execute(&mut *connection).await?.rows_affected() == 0 {
                    return Ok(None);
                }
                end(connection, &Which::AllOf(user), EndReason::Disabled, now, order).await.map(Some)
            })
        }));
        let ended = ended.await?;
        self.tell(ended.as_deref().unwrap_or_default(), EndReason::Disabled, now);
        Ok(ended)
    }

    async fn end_where(&self, which: Which, reason: EndReason, now: i64) -> Result<Vec<Uuid>, StoreError> {
        let order = self.lock_in_order();
        let ended = self.transact(Box::new(move |connection| {
            let which = which.clone();
            Box::pin(async move { end(connection, &which, reason, now, order).await })
        }));
        let ended = ended.await?;
        self.tell(&ended, reason, now);
        Ok(ended)
    }

    /// What makes a statement lock the rows of a subquery in the order of their ids, on Postgres: two that
    /// change several of the same sessions then wait for each other instead of deadlocking. SQLite has one
    /// writer.
    pub(super) fn lock_in_order(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite(_) => "",
            Engine::Postgres(_) => "ORDER BY id FOR NO KEY UPDATE",
        }
    }
}

/// Ends sessions.
async fn end(
    connection: &mut AnyConnection,
    which: &Which,
    reason: EndReason,
    now: i64,
    order: &str,
) -> Result<Vec<Uuid>, sqlx::Error> {
    // Not before its last refresh, which another clock may have timed: who looks for the sessions that
    // ended of late must find it.
    let sql = format!(
        "UPDATE sessions SET ended_at = CASE WHEN refreshed_at > $1 THEN refreshed_at ELSE $1 END, ended_reason = $2
         WHERE ended_at IS NULL AND id IN (SELECT id FROM sessions WHERE {} AND ended_at IS NULL {order})
         RETURNING id",
        which.sql()
    );
    // Both are fixed texts.
    let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(now).bind(reason.text());
    for value in which.values() {
        query = query.bind(value);
    }
    let rows: Vec<(String,)> = query.fetch_all(connection).await?;
    Ok(rows.iter().filter_map(|(id,)| Uuid::parse_str(id).ok()).collect())
}
