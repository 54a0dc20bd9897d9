//! The table `activity`.

use super::{Store, StoreError};
use crate::rules::session::{Device, SignInMethod};
use freshkey_types::{AuditEvent, Millis};
use sqlx::{AnyConnection, FromRow};
use std::sync::Arc;
use uuid::Uuid;

const DAY: Millis = Millis::from_days(1);
/// The number of rows in `activity_of_nobody`.
const ROWS_OF_NOBODY: u8 = 64;

/// An event to be recorded.
#[derive(Clone, Debug)]
pub enum NewActivity {
    /// It is about this user.
    OfUser(Event),
    /// A refused sign-in without an account. The byte chooses one of a fixed number of rows.
    OfNobody(u8, Millis),
}

/// An event that concerns a user.
#[derive(Clone, Debug)]
pub struct Event {
    id: String,
    user_id: String,
    session_id: Option<String>,
    kind: AuditEvent,
    at: Millis,
    device: Device,
    method: Option<SignInMethod>,
}

/// An event that was read.
#[derive(Clone, Debug, FromRow)]
pub struct ActivityRow {
    /// The session in which it happened.
    pub session_id: Option<String>,
    /// The name of the event.
    pub event: String,
    /// When it happened; the last time, if it happened more than once.
    pub at: Millis,
    /// The device's IP address.
    pub ip: Option<String>,
    /// The device's `User-Agent`.
    pub user_agent: Option<String>,
    /// How often it happened on that day.
    pub count: i64,
    /// How the user signed in.
    pub method: Option<String>,
}

impl Event {
    /// Creates an event. If strangers or a bad network could repeat the event at will, its id is made from the user,
    /// the event and the day, so that repetitions are counted in one row.
    pub fn new(user: &str, session: Option<Uuid>, kind: AuditEvent, device: &Device, now: Millis) -> Self {
        let (name, day) = (kind.text(), now.div_euclid(DAY));
        let id = match (kind.repeats(), session) {
            (false, _) => Uuid::now_v7().to_string(),
            (true, Some(session)) => format!("{user}/{name}/{session}/{day}"),
            (true, None) => format!("{user}/{name}/{day}"),
        };
        Self {
            id,
            user_id: user.to_owned(),
            session_id: session.map(|id| id.to_string()),
            kind,
            at: now,
            device: device.clone(),
            method: None,
        }
    }

    /// Creates the event of a sign-in.
    pub fn signed_in(user: &str, session: Uuid, method: SignInMethod, device: &Device, now: Millis) -> Self {
        Self { method: Some(method), ..Self::new(user, Some(session), AuditEvent::SignedIn, device, now) }
    }

    /// Which event it is.
    pub fn kind(&self) -> AuditEvent {
        self.kind
    }

    /// The user's id.
    pub fn user(&self) -> &str {
        &self.user_id
    }

    /// The session in which it happened, or which it is about.
    pub fn session(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// When it happened.
    pub fn at(&self) -> Millis {
        self.at
    }

    /// The device; empty if an administrator or the operator did it.
    pub fn device(&self) -> &Device {
        &self.device
    }
}

impl Store {
    /// Records events in one commit. Skips events of users that don't exist.
    ///
    /// # Errors
    /// The database failed.
    pub async fn insert_activity(&self, events: Vec<NewActivity>) -> Result<(), StoreError> {
        let events: Arc<[_]> = events.into();
        let written = Arc::clone(&events);
        self.transact(Box::new(move |connection| {
            let events = Arc::clone(&written);
            Box::pin(async move {
                for event in events.iter() {
                    match event {
                        NewActivity::OfUser(event) => record(connection, event).await?,
                        NewActivity::OfNobody(byte, at) => record_nobody(connection, *byte, *at).await?,
                    }
                }
                Ok(())
            })
        }))
        .await?;
        for event in events.iter() {
            if let NewActivity::OfUser(event) = event {
                self.hooks.dispatch(event.clone());
            }
        }
        Ok(())
    }

    /// Returns a hundred events of the last months, the newest first. Each of three kinds has a quarter of the places
    /// to itself: sign-ins, what strangers can repeat ([`AuditEvent::repeats`]), and the rest. So none hides another.
    ///
    /// # Errors
    /// The database failed.
    pub async fn activity_of(&self, user: &str) -> Result<Vec<ActivityRow>, StoreError> {
        let sql = "SELECT session_id, event, at, ip, user_agent, count, method FROM (
                       SELECT id, kind, session_id, event, at, ip, user_agent, count, method,
                              ROW_NUMBER() OVER (PARTITION BY kind ORDER BY at DESC, id DESC) AS place
                       FROM (SELECT id, session_id, event, at, ip, user_agent, count, method,
                                    CASE WHEN event IN ('signed_in', 'stepped_up') THEN 1
                                         WHEN event IN ('sign_in_refused', 'password_change_refused',
                                                        'step_up_refused', 'second_factor_refused',
                                                        'passkey_refused', 'lost_answer_recovered',
                                                        'password_reset_asked', 'sign_in_code_sent') THEN 2
                                         ELSE 3 END AS kind
                             FROM activity WHERE user_id = $1) AS by_kind) AS placed
                   ORDER BY CASE WHEN place <= 25 THEN 0 ELSE 1 END, at DESC, CASE WHEN kind = 2 THEN 0 ELSE 1 END, id DESC
                   LIMIT 100";
        let mut rows: Vec<ActivityRow> = self.rows(sqlx::query_as(sql).bind(user)).await?;
        // The sort is stable: events of the same time keep their order. (The ids of counted events are not in the
        // order of time.)
        rows.sort_by_key(|row| std::cmp::Reverse(row.at));
        Ok(rows)
    }

    /// Returns all stored events of the user, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn all_activity_of(&self, user: &str) -> Result<Vec<ActivityRow>, StoreError> {
        let sql = "SELECT session_id, event, at, ip, user_agent, count, method FROM activity
                   WHERE user_id = $1 ORDER BY at DESC, id DESC";
        self.rows(sqlx::query_as(sql).bind(user)).await
    }

    /// Deletes some of the older events. Returns whether there may be more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_old_activity(&self, before: Millis) -> Result<bool, StoreError> {
        self.transact(Box::new(move |connection| {
            Box::pin(async move {
                let sql = "DELETE FROM activity WHERE id IN (SELECT id FROM activity WHERE at < $1 LIMIT 200)";
                Ok(sqlx::query(sql).bind(before).execute(connection).await?.rows_affected() > 0)
            })
        }))
        .await
    }
}

/// Records one event. If its id is already there, a repeating event is counted once more; any other is the same
/// event, written twice.
pub(super) async fn record(connection: &mut AnyConnection, event: &Event) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO activity (id, user_id, session_id, event, at, ip, user_agent, method)
         SELECT $1, id, $3, $4, $5, $6, $7, CAST($9 AS TEXT) FROM users WHERE id = $2
         ON CONFLICT (id) DO UPDATE SET count = activity.count + $8, at = excluded.at, ip = excluded.ip,
                                        user_agent = excluded.user_agent",
    )
    .bind(&event.id)
    .bind(&event.user_id)
    .bind(&event.session_id)
    .bind(event.kind.text())
    .bind(event.at)
    .bind(&event.device.ip)
    .bind(&event.device.user_agent)
    .bind(i64::from(event.kind.repeats()))
    .bind(event.method.map(SignInMethod::text))
    .execute(connection)
    .await
    .map(drop)
}

async fn record_nobody(connection: &mut AnyConnection, byte: u8, at: Millis) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO activity_of_nobody (id, user_id, event, at) VALUES ($1, $1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET count = activity_of_nobody.count + 1, at = excluded.at",
    )
    .bind((byte % ROWS_OF_NOBODY).to_string())
    .bind(AuditEvent::SignInRefused.text())
    .bind(at)
    .execute(connection)
    .await
    .map(drop)
}
