//! Sessions that ended less than one access token's life ago. With this set at hand, an access
//! token stops working the moment its session ends, and a protected call asks no database.

use crate::{
    app::types::EndReason,
    server::store::{Store, StoreError},
};
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};
use uuid::Uuid;

/// Beyond an access token's life, in milliseconds: for clocks that differ.
const MARGIN: i64 = 60_000;

/// The set.
pub struct EndedSessions {
    /// Why, and when.
    ended: RwLock<HashMap<Uuid, (EndReason, i64)>>,
    /// An access token's life, in milliseconds.
    life: i64,
}

impl EndedSessions {
    /// Those that the database knows of.
    ///
    /// # Errors
    /// The database.
    pub async fn load(store: &Store, life: i64, now: i64) -> Result<Self, StoreError> {
        let rows = store.sessions_ended_since(now - life - MARGIN).await?;
        let ended = rows.into_iter().map(|(id, reason, at)| (id, (reason, at))).collect();
        Ok(Self { ended: RwLock::new(ended), life })
    }

    /// Why the session is over, if it is one of these.
    pub fn reason(&self, session: Uuid) -> Option<EndReason> {
        let ended = self.ended.read().unwrap_or_else(PoisonError::into_inner);
        ended.get(&session).map(|(reason, _)| *reason)
    }

    /// One more.
    pub fn add(&self, session: Uuid, reason: EndReason, now: i64) {
        let mut ended = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        // Each time the set would grow, what can't matter any more goes: bounded by the sessions
        // that end within one access token's life, at an amortised cost of nothing.
        if ended.len() == ended.capacity() {
            let since = now - self.life - MARGIN;
            ended.retain(|_, (_, at)| *at > since);
        }
        // The first reason is the one.
        ended.entry(session).or_insert_with(|| {
            tracing::info!(event = "session_ended", %session, reason = reason.text());
            (reason, now)
        });
    }
}
