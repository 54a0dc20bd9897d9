//! The sessions that ended recently. With this set in memory, an access token stops working as soon as its session
//! ends, and a protected call needs no database.
//!
//! The threat: somebody keeps the access token of an ended session, and a clock is wrong: this instance's, another's,
//! or one that an operator has set back. The choice: no time that came with the data decides what is forgotten. A
//! session is forgotten only when it is old by this instance's wall clock and by its monotonic clock. A token from
//! before the time that the set covers can be valid only after a clock was set back; it is looked up in the database.

mod follow;

use crate::store::{Store, StoreError};
use freshkey_types::{EndReason, Millis};
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::Instant,
};
use uuid::Uuid;

/// How much longer than an access token's life a session is remembered: clocks differ or are set.
const MARGIN: Millis = Millis::from_hours(1);
/// How much of the margin is not relied on. By the clock of the instance that ended it, a session
/// may have ended before another instance, by its own clock, issued the last token.
const DOUBT: Millis = Millis::from_mins(30);

/// The set of sessions that ended recently.
pub struct EndedSessions {
    known: RwLock<Known>,
    /// How long a session is remembered.
    kept: Millis,
}

/// What an instance knows about ended sessions.
struct Known {
    sessions: HashMap<Uuid, Ended>,
    /// The set has every session that ended since this time.
    since: Millis,
}

struct Ended {
    reason: EndReason,
    /// When it ended or when this instance learned of it, whichever is later.
    at: Millis,
    /// When this instance learned of it.
    learned: Instant,
}

impl EndedSessions {
    /// Loads the ended sessions from the database, for access tokens that live for `life`.
    pub async fn load(store: &Store, life: Millis, now: Millis) -> Result<Self, StoreError> {
        let ended = Self::knowing_since(life + MARGIN, now);
        for (id, reason, at) in store.sessions_ended_since(now - ended.kept).await? {
            ended.learn(id, reason, at, now);
        }
        Ok(ended)
    }

    fn knowing_since(kept: Millis, now: Millis) -> Self {
        Self { known: RwLock::new(Known { sessions: HashMap::new(), since: now - kept }), kept }
    }

    /// Returns why the session of an access token issued at `issued_at` is over, if it is.
    pub async fn reason(
        &self,
        store: &Store,
        session: Uuid,
        issued_at: Millis,
    ) -> Result<Option<EndReason>, StoreError> {
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(ended) = known.sessions.get(&session) {
                return Ok(Some(ended.reason));
            }
            if issued_at >= known.since + DOUBT {
                return Ok(None);
            }
        }
        // Boxed, so that other calls stay small.
        let row = Box::pin(store.session(session)).await?;
        Ok(row.map_or(Some(EndReason::Expired), |row| row.chain.ended))
    }

    /// Adds a session. With `here`, this instance ended it and logs that. (It may be known already: Postgres also
    /// notifies the instance that ended it.)
    pub fn add(&self, session: Uuid, reason: EndReason, now: Millis, here: bool) {
        self.learn(session, reason, now, now);
        if here {
            tracing::info!(event = "session_ended", %session, reason = reason.text());
        }
    }

    /// Adds a session that ended at `at`, on any instance.
    fn learn(&self, session: Uuid, reason: EndReason, at: Millis, now: Millis) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Forgets only when the set would grow, so that forgetting costs nothing on average.
        if known.sessions.len() == known.sessions.capacity() {
            known.forget(self.kept, now);
        }
        let ended = Ended { reason, at: at.max(now), learned: Instant::now() };
        // The first reason is kept.
        known.sessions.entry(session).or_insert(ended);
    }
}

impl Known {
    /// Forgets sessions that are older than `kept` by both clocks.
    fn forget(&mut self, kept: Millis, now: Millis) {
        let (before, long) = (now - kept, kept.to_duration());
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

    const NOW: Millis = Millis(1_795_000_000_000);

    /// Ends sessions until the set forgets those that it may forget.
    fn end_many(ended: &EndedSessions, now: Millis) {
        for _ in 0..100 {
            ended.add(Uuid::now_v7(), EndReason::Revoked, now, true);
        }
    }

    fn knows(ended: &EndedSessions, session: Uuid) -> bool {
        ended.known.read().expect("a set").sessions.contains_key(&session)
    }

    #[test]
    fn what_is_old_by_both_clocks_is_forgotten() {
        // Everything is old by the monotonic clock at once.
        let ended = EndedSessions::knowing_since(Millis::ZERO, NOW);
        let session = Uuid::now_v7();
        ended.add(session, EndReason::SignedOut, NOW, true);
        end_many(&ended, NOW);
        assert!(knows(&ended, session), "not old by the wall clock");
        end_many(&ended, NOW + Millis(1));
        assert!(!knows(&ended, session));
        assert_eq!(ended.known.read().expect("a set").since, NOW + Millis(1));
    }

    #[test]
    fn no_wall_clock_alone_has_a_session_forgotten() {
        let ended = EndedSessions::knowing_since(MARGIN, NOW);
        let session = Uuid::now_v7();
        ended.add(session, EndReason::SignedOut, NOW, true);
        // From an instance that is a day ahead, and one that is a day behind.
        ended.learn(Uuid::now_v7(), EndReason::Revoked, NOW + MARGIN * 24, NOW);
        ended.learn(Uuid::now_v7(), EndReason::Revoked, NOW - MARGIN * 24, NOW);
        // This instance's clock, set a day ahead and then back.
        end_many(&ended, NOW + MARGIN * 24);
        end_many(&ended, NOW);
        assert!(knows(&ended, session));
    }
}
