//! The sessions that ended of late. With this set at hand, an access token stops working the moment
//! its session ends, and a protected call asks no database.
//!
//! The threat: somebody keeps the access token of an ended session, and a clock is wrong: this
//! instance's, another's, or one that an operator has set back. The choice: no time that came with
//! the data decides what is forgotten. A session is forgotten only when it is old by this instance's
//! own clock and by the monotonic one; and a token from before what the set still knows, which can
//! only pass after a clock was set back, is looked up in the database.

mod follow;

use crate::store::{Store, StoreError};
use freshkey_types::EndReason;
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long a session is remembered beyond an access token's life, in milliseconds: for clocks that
/// differ or are set.
const MARGIN: i64 = 60 * 60 * 1000;
/// How much of the margin is not relied on, in milliseconds: a session may end, by the clock of the
/// instance that ended it, before its last token was issued by another's.
const DOUBT: i64 = MARGIN / 2;

/// The set.
pub struct EndedSessions {
    known: RwLock<Known>,
    /// How long a session is remembered, in milliseconds.
    kept: i64,
}

/// What an instance knows of sessions that ended.
struct Known {
    sessions: HashMap<Uuid, Ended>,
    /// Every session that ended since then is in the set.
    since: i64,
}

struct Ended {
    reason: EndReason,
    /// The later of when it ended and when this instance learned of it, in milliseconds since 1970.
    at: i64,
    /// When this instance learned of it.
    learned: Instant,
}

impl EndedSessions {
    /// The sessions that the database knows of, for access tokens that live `life` milliseconds.
    pub async fn load(store: &Store, life: i64, now: i64) -> Result<Self, StoreError> {
        let ended = Self::knowing_since(life + MARGIN, now);
        for (id, reason, at) in store.sessions_ended_since(now - ended.kept).await? {
            ended.learn(id, reason, at, now);
        }
        Ok(ended)
    }

    fn knowing_since(kept: i64, now: i64) -> Self {
        Self { known: RwLock::new(Known { sessions: HashMap::new(), since: now - kept }), kept }
    }

    /// Why the session of an access token issued at `issued_at` (milliseconds) is over, if it is.
    pub async fn reason(&self, store: &Store, session: Uuid, issued_at: i64) -> Result<Option<EndReason>, StoreError> {
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(ended) = known.sessions.get(&session) {
                return Ok(Some(ended.reason));
            }
            if issued_at >= known.since + DOUBT {
                return Ok(None);
            }
        }
        // Boxed: no other call need carry it.
        let row = Box::pin(store.session(session)).await?;
        Ok(row.map_or(Some(EndReason::Expired), |row| row.chain.ended))
    }

    /// Adds a session. With `here` it was this instance that ended it, which the log is told. (It may
    /// be known already: Postgres tells the instance that ended it as well.)
    pub fn add(&self, session: Uuid, reason: EndReason, now: i64, here: bool) {
        self.learn(session, reason, now, now);
        if here {
            tracing::info!(event = "session_ended", %session, reason = reason.text());
        }
    }

    /// Adds a session that ended at `at`, on any instance.
    fn learn(&self, session: Uuid, reason: EndReason, at: i64, now: i64) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Only when the set would grow, so that forgetting costs nothing on average.
        if known.sessions.len() == known.sessions.capacity() {
            known.forget(self.kept, now);
        }
        let ended = Ended { reason, at: at.max(now), learned: Instant::now() };
        // The first reason is the one.
        known.sessions.entry(session).or_insert(ended);
    }
}

impl Known {
    /// Forgets what is older than `kept` milliseconds by both clocks.
    fn forget(&mut self, kept: i64, now: i64) {
        let (before, long) = (now - kept, Duration::from_millis(kept.unsigned_abs()));
        let count = self.sessions.len();
        self.sessions.retain(|_, ended| ended.at >= before || ended.learned.elapsed() < long);
        if self.sessions.len() < count {
            self.since = self.since.max(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    /// Ends sessions until those that may be forgotten are.
    fn end_many(ended: &EndedSessions, now: i64) {
        for _ in 0..100 {
            ended.add(Uuid::now_v7(), EndReason::Revoked, now, true);
        }
    }

    fn knows(ended: &EndedSessions, session: Uuid) -> bool {
        ended.known.read().expect("a set").sessions.contains_key(&session)
    }

    #[test]
    fn what_is_old_by_both_clocks_is_forgotten() {
        // Old by the monotonic clock at once.
        let ended = EndedSessions::knowing_since(0, NOW);
        let session = Uuid::now_v7();
        ended.add(session, EndReason::SignedOut, NOW, true);
        end_many(&ended, NOW);
        assert!(knows(&ended, session), "not old by the wall clock");
        end_many(&ended, NOW + 1);
        assert!(!knows(&ended, session));
        assert_eq!(ended.known.read().expect("a set").since, NOW + 1);
    }

    #[test]
    fn no_wall_clock_alone_has_a_session_forgotten() {
        let ended = EndedSessions::knowing_since(MARGIN, NOW);
        let session = Uuid::now_v7();
        ended.add(session, EndReason::SignedOut, NOW, true);
        // An instance that is a day ahead, and one that is a day behind.
        ended.learn(Uuid::now_v7(), EndReason::Revoked, NOW + 24 * MARGIN, NOW);
        ended.learn(Uuid::now_v7(), EndReason::Revoked, NOW - 24 * MARGIN, NOW);
        // This one, set a day ahead and back.
        end_many(&ended, NOW + 24 * MARGIN);
        end_many(&ended, NOW);
        assert!(knows(&ended, session));
    }
}
