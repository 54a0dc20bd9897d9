//! How an instance learns that another has ended a session.
//!
//! On Postgres it is told: the transaction that ends a session also notifies everybody who
//! listens. On SQLite, and while nobody can be listened to, it has to ask
//! ([`Store::sessions_ended_since`]).

use super::{Engine, Store, StoreError};
use crate::app::types::EndReason;
use sqlx::{AnyConnection, postgres::PgListener};
use uuid::Uuid;

const CHANNEL: &str = "freshkey_sessions_ended";
/// Sessions in one notice: its text may have 8000 bytes.
const IN_ONE_NOTICE: usize = 200;

/// Sessions that ended together.
#[derive(Debug, PartialEq, Eq)]
pub struct Notice {
    /// Which.
    pub sessions: Vec<Uuid>,
    /// Why.
    pub reason: EndReason,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

impl Notice {
    fn text(sessions: &[Uuid], reason: EndReason, at: i64) -> String {
        let ids: Vec<String> = sessions.iter().map(|id| id.simple().to_string()).collect();
        format!("{} {at} {}", reason.text(), ids.join(","))
    }

    fn parse(text: &str) -> Option<Self> {
        let (reason, rest) = text.split_once(' ')?;
        let (at, ids) = rest.split_once(' ')?;
        let sessions = ids.split(',').map(|id| Uuid::parse_str(id).ok()).collect::<Option<_>>()?;
        Some(Self { sessions, reason: EndReason::parse(reason)?, at: at.parse().ok()? })
    }
}

/// Tells of sessions as they end.
pub struct Notices(PgListener);

impl Store {
    /// Begins to listen; none where there is nobody to listen to.
    ///
    /// # Errors
    /// The database.
    pub async fn listen(&self) -> Result<Option<Notices>, StoreError> {
        let Engine::Postgres(url) = &self.engine else { return Ok(None) };
        let mut listener = PgListener::connect(url).await?;
        // Lost is lost: what was said in between has to be asked for, and then we listen anew.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(Some(Notices(listener)))
    }

    /// Whether [`Store::listen`] has anybody to listen to.
    pub(super) fn notifies(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }
}

impl Notices {
    /// Waits until sessions have ended somewhere; none for a notice that is none of ours.
    ///
    /// # Errors
    /// The connection broke: what was said since has to be asked for.
    pub async fn next(&mut self) -> Result<Option<Notice>, StoreError> {
        let said = self.0.try_recv().await?.ok_or(sqlx::Error::WorkerCrashed)?;
        Ok(Notice::parse(said.payload()))
    }
}

/// Says, when the transaction commits, that these sessions have ended.
pub(super) async fn notify(
    connection: &mut AnyConnection,
    ended: &[Uuid],
    reason: EndReason,
    at: i64,
) -> Result<(), sqlx::Error> {
    for some in ended.chunks(IN_ONE_NOTICE) {
        sqlx::query("SELECT CAST(pg_notify($1, $2) AS TEXT)")
            .bind(CHANNEL)
            .bind(Notice::text(some, reason, at))
            .fetch_all(&mut *connection)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_understood_and_fits() {
        let sessions: Vec<Uuid> = (0..IN_ONE_NOTICE as u128).map(Uuid::from_u128).collect();
        let text = Notice::text(&sessions, EndReason::PasswordChanged, i64::MAX);
        assert!(text.len() < 8000);
        let at = i64::MAX;
        assert_eq!(Notice::parse(&text), Some(Notice { sessions, reason: EndReason::PasswordChanged, at }));
        for strange in ["", "replay", "replay 1", "replay x y", "why 1 00000000000000000000000000000001"] {
            assert_eq!(Notice::parse(strange), None, "{strange}");
        }
    }
}
