//! Sessions that ended less than one access token's life ago. With this set at hand, an access
//! token stops working the moment its session ends, and a protected call asks no database.

use crate::{
    app::types::EndReason,
    server::store::{Store, StoreError, notices::Notices},
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::time::timeout;
use uuid::Uuid;

/// Beyond an access token's life, in milliseconds: for clocks that differ.
const MARGIN: i64 = 60_000;
/// How late a commit may be seen, in milliseconds, on one machine.
const LATE: i64 = 10_000;
/// How often the database is asked where it does not tell.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// How long it is believed that nothing has ended where the database does tell.
const ASK_ANYWAY: Duration = Duration::from_secs(5);

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
        let ended = Self { ended: RwLock::default(), life };
        ended.learn_since(store, now - life - MARGIN).await?;
        Ok(ended)
    }

    /// Why the session is over, if it is one of these.
    pub fn reason(&self, session: Uuid) -> Option<EndReason> {
        let ended = self.ended.read().unwrap_or_else(PoisonError::into_inner);
        ended.get(&session).map(|(reason, _)| *reason)
    }

    /// One more; with `here` it was this instance that ended it, which the log is told. (By now it
    /// may be known: Postgres tells those who ended it as well.)
    pub fn add(&self, session: Uuid, reason: EndReason, now: i64, here: bool) {
        self.learn(session, reason, now);
        if here {
            tracing::info!(event = "session_ended", %session, reason = reason.text());
        }
    }

    /// One more, wherever it ended.
    fn learn(&self, session: Uuid, reason: EndReason, at: i64) {
        let mut ended = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        // Each time the set would grow, what can't matter any more goes: bounded by the sessions
        // that end within one access token's life, at an amortised cost of nothing.
        if ended.len() == ended.capacity() {
            let since = at - self.life - MARGIN;
            ended.retain(|_, (_, at)| *at > since);
        }
        // The first reason is the one.
        ended.entry(session).or_insert((reason, at));
    }

    /// Those that the database knows to have ended since; when the last of them did.
    async fn learn_since(&self, store: &Store, since: i64) -> Result<i64, StoreError> {
        let mut last = since;
        for (id, reason, at) in store.sessions_ended_since(since).await? {
            self.learn(id, reason, at);
            last = last.max(at);
        }
        Ok(last)
    }

    /// Keeps step with other instances on the same database, and with the command line. Told by
    /// Postgres; asking, twice a second, on SQLite and while Postgres can't be listened to.
    pub async fn follow(self: Arc<Self>, store: Store, now: i64) {
        let mut last = now;
        loop {
            match store.listen().await {
                Ok(Some(notices)) => self.listen(&store, notices, &mut last).await,
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "no notices"),
            }
            match self.learn_since(&store, last - LATE).await {
                Ok(newest) => last = last.max(newest),
                Err(error) => tracing::debug!(%error, "no news of ended sessions"),
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    /// Until the connection breaks.
    async fn listen(&self, store: &Store, mut notices: Notices, last: &mut i64) {
        // What was said before we listened.
        match self.learn_since(store, *last - MARGIN).await {
            Ok(newest) => *last = newest.max(*last),
            Err(_) => return,
        }
        loop {
            // A connection can die without a word, so what is not told is asked for, now and then.
            match timeout(ASK_ANYWAY, notices.next()).await {
                Ok(Ok(Some(notice))) => {
                    *last = notice.at.max(*last);
                    for session in notice.sessions {
                        self.learn(session, notice.reason, notice.at);
                    }
                }
                Ok(Ok(None)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(event = "notices_lost", %error);
                    return;
                }
                Err(_) => match self.learn_since(store, *last - LATE).await {
                    Ok(newest) => *last = newest.max(*last),
                    Err(_) => return,
                },
            }
        }
    }
}
