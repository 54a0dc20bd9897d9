//! Notifications with which an instance learns at once that another instance has ended a session.
//!
//! On Postgres, the instance that ends a session sends a NOTIFY to all listeners after the commit. Inside the
//! transaction, a NOTIFY would make all such commits wait for each other. Notifications are only for speed: one can be
//! lost, so each instance also queries the database ([`Store::sessions_ended_since`]).

use super::{Engine, Store, StoreError, connection::Lease, error::timed_out};
use crate::causes::with_causes;
use freshkey_types::{EndReason, Millis};
use sqlx::{AnyConnection, AnyPool, postgres::PgListener};
use std::{collections::BTreeMap, time::Duration};
use tokio::{sync::mpsc, time::timeout};
use uuid::Uuid;

const CHANNEL: &str = "freshkey_sessions_ended";
/// The most sessions in one notification: its text may have 8000 bytes.
const IN_ONE_NOTIFICATION: usize = 200;
/// How many ended sessions may wait to be sent. The other instances find the rest by querying.
const WAITING: usize = 4096;
/// How long sending may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sessions that ended together.
#[derive(Debug, PartialEq, Eq)]
pub struct Notification {
    /// The ids of the sessions.
    pub sessions: Vec<Uuid>,
    /// Why they ended.
    pub reason: EndReason,
    /// When they ended.
    pub at: Millis,
}

impl Notification {
    fn text(sessions: &[Uuid], reason: EndReason, at: Millis) -> String {
        let ids: Vec<String> = sessions.iter().map(|id| id.simple().to_string()).collect();
        format!("{} {at} {}", reason.text(), ids.join(","))
    }

    /// Parses a notification. A reason that this version does not know still ends the session.
    fn parse(text: &str) -> Option<Self> {
        let (reason, rest) = text.split_once(' ')?;
        let (at, ids) = rest.split_once(' ')?;
        // A later version may add more after the ids.
        let ids = ids.split(' ').next()?;
        let sessions = ids.split(',').map(|id| Uuid::parse_str(id).ok()).collect::<Option<_>>()?;
        Some(Self { sessions, reason: EndReason::known(reason), at: Millis(at.parse().ok()?) })
    }
}

/// Receives notifications of ended sessions.
pub struct NotificationListener(PgListener);

impl Store {
    /// Starts listening. Returns `None` if the database has no notifications.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn listen(&self) -> Result<Option<NotificationListener>, StoreError> {
        let Engine::Postgres(postgres) = &self.engine else { return Ok(None) };
        let mut listener = PgListener::connect(&postgres.url).await?;
        // A lost connection is an error, and the caller listens again.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(Some(NotificationListener(listener)))
    }

    /// Tells the other instances that these sessions have ended.
    pub(super) fn notify_ended(&self, ended: &[Uuid], reason: EndReason, at: Millis) {
        let Engine::Postgres(postgres) = &self.engine else { return };
        for id in ended {
            // If too many wait, the other instances find the rest by querying.
            let _ = postgres.notifier.0.try_send((*id, reason, at));
        }
    }
}

impl NotificationListener {
    /// Waits for the next notification. Returns `None` for one that is not ours.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn next(&mut self) -> Result<Option<Notification>, StoreError> {
        let said = self.0.try_recv().await?.ok_or(sqlx::Error::Io(std::io::ErrorKind::ConnectionAborted.into()))?;
        Ok(Notification::parse(said.payload()))
    }
}

/// A queue to the task that sends notifications, many in one commit. The task ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Notifier(mpsc::Sender<(Uuid, EndReason, Millis)>);

impl Notifier {
    /// Starts the task, which sends through `pool`.
    pub(super) fn start(pool: AnyPool) -> Self {
        let (ended, mut waiting) = mpsc::channel::<(Uuid, EndReason, Millis)>(WAITING);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, IN_ONE_NOTIFICATION).await > 0 {
                let mut told = BTreeMap::<&str, (EndReason, Millis, Vec<Uuid>)>::new();
                for (id, reason, at) in batch.drain(..) {
                    let (_, last, ids) = told.entry(reason.text()).or_insert((reason, at, Vec::new()));
                    *last = at.max(*last);
                    ids.push(id);
                }
                let notifications = told.into_values().map(|(reason, at, ids)| Notification::text(&ids, reason, at));
                if let Err(error) = timeout(PATIENCE, tell(&pool, notifications)).await.unwrap_or(Err(timed_out())) {
                    tracing::debug!(error = %with_causes(&error), "not told");
                }
            }
        });
        Self(ended)
    }
}

async fn tell(pool: &AnyPool, notifications: impl Iterator<Item = String>) -> Result<(), sqlx::Error> {
    let mut lease = Lease::take(pool).await?;
    for notification in notifications {
        notify(lease.connection()?, notification).await?;
    }
    lease.give_back();
    Ok(())
}

async fn notify(connection: &mut AnyConnection, notification: String) -> Result<(), sqlx::Error> {
    let sql = "SELECT CAST(pg_notify($1, $2) AS TEXT)";
    sqlx::query(sql).bind(CHANNEL).bind(notification).fetch_all(connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_understood_and_fits() {
        let sessions: Vec<Uuid> = (0..IN_ONE_NOTIFICATION as u128).map(Uuid::from_u128).collect();
        let text = Notification::text(&sessions, EndReason::PasswordChanged, Millis::MAX);
        assert!(text.len() < 8000);
        let at = Millis::MAX;
        assert_eq!(Notification::parse(&text), Some(Notification { sessions, reason: EndReason::PasswordChanged, at }));
        for strange in ["", "replay", "replay 1", "replay x y"] {
            assert_eq!(Notification::parse(strange), None, "{strange}");
        }
    }

    #[test]
    fn a_reason_of_a_later_version_ends_the_session_all_the_same() {
        let sessions = vec![Uuid::from_u128(1)];
        for text in ["moved 1 00000000000000000000000000000001", "moved 1 00000000000000000000000000000001 more"] {
            let expected = Notification { sessions: sessions.clone(), reason: EndReason::Revoked, at: Millis(1) };
            assert_eq!(Notification::parse(text), Some(expected), "{text}");
        }
    }
}
