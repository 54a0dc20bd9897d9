//! Follows the other instances on the same database, and the command line.
//!
//! The threat: a session ends on one instance, and another instance does not learn of it and keeps accepting it. The
//! choice: each instance queries the database five times a second, and does not wait for an answer before it queries
//! again on another connection. On Postgres it is also notified, which is quicker; but a notification may be lost,
//! and a connection may die silently.

use super::EndedSessions;
use crate::causes::with_causes;
use crate::{
    clock::Clock,
    store::{Store, StoreError},
};
use freshkey_types::{EndReason, Millis};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use uuid::Uuid;

/// The time between two queries of the database. Two queries and a new connection must fit into a second.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// How many queries may wait for their answers at once.
const QUESTIONS: usize = 3;
/// How far back a query looks: clocks differ by up to a minute, and a commit may become visible
/// late.
const LATE: Millis = Millis::from_secs(70);
/// How long the database may be silent before it is logged.
const SILENT: Duration = Duration::from_secs(1);
/// How long a listening connection may be silent before it is replaced: it may have died silently.
const RENEW: Duration = Duration::from_mins(1);
/// The pause before listening again.
const PAUSE: Duration = Duration::from_secs(1);

type Ended = Vec<(Uuid, EndReason, Millis)>;

/// The state of the queries so far.
struct Progress {
    /// When the last answered query was sent, by our own clock.
    asked: Millis,
    answered: Instant,
    is_silent: bool,
}

impl EndedSessions {
    /// Queries the ended sessions in a loop.
    pub async fn ask(self: Arc<Self>, store: Store, clock: Clock) {
        let mut progress = Progress { asked: clock.now(), answered: Instant::now(), is_silent: false };
        let mut questions = JoinSet::new();
        let mut tick = interval(ASK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    progress.check();
                    if questions.len() < QUESTIONS {
                        questions.spawn(question(store.clone(), progress.asked, clock.now()));
                    }
                }
                Some(Ok((asked, answer))) = questions.join_next() => match answer {
                    Ok(ended) => {
                        progress.answered(asked);
                        for (id, reason, at) in ended {
                            self.learn(id, reason, at, clock.now());
                        }
                    }
                    Err(error) => tracing::debug!(error = %with_causes(&error), "no news of ended sessions"),
                },
            }
        }
    }

    /// Listens for notifications in a loop, if the database has any.
    pub async fn listen(self: Arc<Self>, store: Store, clock: Clock) {
        loop {
            match store.listen().await {
                Ok(Some(mut notifications)) => {
                    while let Ok(next) = timeout(RENEW, notifications.next()).await {
                        match next {
                            Ok(Some(notice)) => {
                                for session in notice.sessions {
                                    self.learn(session, notice.reason, notice.at, clock.now());
                                }
                            }
                            Ok(None) => {}
                            Err(error) => {
                                tracing::warn!(event = "notices_lost", error = %with_causes(&error));
                                sleep(PAUSE).await;
                                break;
                            }
                        }
                    }
                }
                Ok(None) => return std::future::pending().await,
                Err(error) => {
                    tracing::debug!(error = %with_causes(&error), "no notifications");
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Queries the sessions that ended since the last answered query, and a little before it: an instance that ends a
/// session records the time of its own clock, and any clock may be set back, ours included.
async fn question(store: Store, last: Millis, now: Millis) -> (Millis, Result<Ended, StoreError>) {
    (now, store.sessions_ended_since(last.min(now) - LATE).await)
}

impl Progress {
    fn answered(&mut self, asked: Millis) {
        self.asked = asked;
        self.answered = Instant::now();
        if std::mem::replace(&mut self.is_silent, false) {
            tracing::info!(event = "ended_sessions_known");
        }
    }

    fn check(&mut self) {
        if self.answered.elapsed() > SILENT && !std::mem::replace(&mut self.is_silent, true) {
            tracing::warn!(event = "ended_sessions_unknown");
        }
    }
}
