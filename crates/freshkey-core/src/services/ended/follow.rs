//! Keeping step with other instances on the same database, and with the command line.
//!
//! The threat: a session is ended on one instance, and another one takes its silence for peace. The
//! choice: each instance asks the database five times a second, and does not wait for one answer before it
//! asks again on another connection. On Postgres it is also told, which is quicker; but a notice may be
//! lost, and a connection may die without a word.

use super::EndedSessions;
use crate::causes::with_causes;
use crate::{
    clock::Clock,
    store::{Store, StoreError},
};
use freshkey_types::EndReason;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use uuid::Uuid;

/// How often the database is asked. Two questions and a new connection have to fit into a second.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// Questions that may wait for their answers at once.
const QUESTIONS: usize = 3;
/// How far back the database is asked for news, in milliseconds: clocks differ by up to a minute, and
/// a commit may be seen late.
const LATE: i64 = 70_000;
/// Without an answer for so long, the log is told.
const SILENT: Duration = Duration::from_secs(1);
/// A connection that has told nothing for so long is replaced: it may have died without a word.
const RENEW: Duration = Duration::from_mins(1);
/// Before it is tried again to listen.
const PAUSE: Duration = Duration::from_secs(1);

type Ended = Vec<(Uuid, EndReason, i64)>;

/// What the questions so far have come to.
struct Progress {
    /// When the last question that was answered was asked, by our own clock.
    asked: i64,
    answered: Instant,
    is_silent: bool,
}

impl EndedSessions {
    /// Asks for ever which sessions have ended.
    pub async fn ask(self: Arc<Self>, store: Store, clock: Clock) {
        let mut progress = Progress { asked: clock.now(), answered: Instant::now(), is_silent: false };
        let mut questions = JoinSet::new();
        let mut tick = interval(ASK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    progress.look();
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

    /// Listens for ever, where there is somebody to listen to.
    pub async fn listen(self: Arc<Self>, store: Store, clock: Clock) {
        loop {
            match store.listen().await {
                Ok(Some(mut notices)) => {
                    while let Ok(next) = timeout(RENEW, notices.next()).await {
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
                    tracing::debug!(error = %with_causes(&error), "no notices");
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Asks which sessions ended since the last question that was answered, and a little before it: an instance
/// that ends a session records the time of its own clock, and any clock may be set back, ours included.
async fn question(store: Store, last: i64, now: i64) -> (i64, Result<Ended, StoreError>) {
    (now, store.sessions_ended_since(last.min(now) - LATE).await)
}

impl Progress {
    fn answered(&mut self, asked: i64) {
        self.asked = asked;
        self.answered = Instant::now();
        if std::mem::replace(&mut self.is_silent, false) {
            tracing::info!(event = "ended_sessions_known");
        }
    }

    fn look(&mut self) {
        if self.answered.elapsed() > SILENT && !std::mem::replace(&mut self.is_silent, true) {
            tracing::warn!(event = "ended_sessions_unknown");
        }
    }
}
