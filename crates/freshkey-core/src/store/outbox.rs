//! The table `outbox`: emails that wait to be sent, and those that were sent.
//!
//! An email is written in the transaction of the change that it reports, and sent afterwards by the first instance to
//! claim it. A claim expires after a minute, so the email of an instance that died is sent by another.

mod facts;
mod figures;
mod sending;

pub use facts::Facts;
pub use figures::{MailFigures, MailRow};
pub use sending::Outcome;

use super::{Store, StoreError, activity::Event, changes};
use crate::rules::{email_kind::EmailKind, language::Language, undo::Undo};
use freshkey_types::Millis;
use sqlx::{AnyConnection, FromRow};
use std::io;
use uuid::Uuid;

/// The most emails that may wait.
pub const WAITING: i64 = 10_000;

/// The most emails about sign-ins that an account gets in a day.
const NOTICES_A_DAY: i64 = 5;
/// The minimum time between two of the same kind.
const NOTICES_APART: Millis = Millis::from_mins(10);
const DAY: Millis = Millis::from_days(1);

/// An email to be sent.
#[derive(Clone, Debug)]
pub struct NewEmail {
    /// Also the Message-ID.
    pub id: Uuid,
    /// [`EmailKind::text`], or the name of one of the app's own emails.
    pub kind: &'static str,
    /// Its language.
    pub language: Language,
    /// The recipient.
    pub email: String,
    /// The id of the user that it is about.
    pub user_id: Option<String>,
    /// The challenge whose code is in it.
    pub challenge_id: Option<String>,
    /// Its number within its challenge, from 1. Each number has its own code.
    pub number: i64,
    /// The facts that it reports.
    pub facts: Facts,
    /// When it was requested.
    pub created_at: Millis,
    /// After this time it is not sent any more.
    pub useful_until: Millis,
    /// Whether it waits its turn but is never sent. This way, an address without an account costs the same and takes
    /// as long.
    pub decoy: bool,
    /// What its link can undo when the reader says "It was not me".
    pub undoable: Option<Undoable>,
}

/// What an email reports, if its link can undo it.
#[derive(Clone, Debug)]
pub struct Undoable {
    /// The session in which it was done, or which the email reports.
    pub session: Option<Uuid>,
    /// How to undo it; `None` if nothing can be undone, or the email reports a session.
    pub undo: Option<Undo>,
    /// When the link expires.
    pub until: Millis,
}

impl NewEmail {
    /// Creates one of the library's emails. The other fields can be set in a functional update.
    pub fn new(kind: EmailKind, to: &str, language: Language, now: Millis) -> Self {
        Self { useful_until: now + kind.useful_for(), ..Self::own(kind.text(), to, language, now) }
    }

    /// Creates one of the app's own emails, with the name under which its text is registered. It is worth sending for
    /// three days.
    pub fn own(kind: &'static str, to: &str, language: Language, now: Millis) -> Self {
        Self {
            id: Uuid::now_v7(),
            kind,
            language,
            email: to.to_owned(),
            user_id: None,
            challenge_id: None,
            number: 1,
            facts: Facts::default(),
            created_at: now,
            useful_until: now + EmailKind::Test.useful_for(),
            decoy: false,
            undoable: None,
        }
    }
}

/// An email that is being sent.
#[derive(Clone, Debug, FromRow)]
pub struct OutboxEmail {
    /// A UUID.
    pub id: String,
    /// The name of its kind.
    pub kind: String,
    /// The tag of its language.
    language: String,
    /// The recipient.
    pub email: String,
    /// The id of the user that it is about.
    pub user_id: Option<String>,
    /// The challenge whose code is in it.
    pub challenge_id: Option<String>,
    /// Its number within its challenge, from 1.
    pub number: i64,
    facts: String,
    /// When it was requested.
    pub created_at: Millis,
    /// After this time it is not sent any more.
    pub useful_until: Millis,
    /// How often sending was tried, including this time.
    pub tries: i64,
    deliveries: i64,
    claimed_by: String,
    decoy: i64,
}

impl OutboxEmail {
    /// Its language.
    pub fn language(&self) -> Language {
        Language::parse(&self.language).unwrap_or(Language::En)
    }

    /// The facts that it reports.
    pub fn facts(&self) -> Facts {
        serde_json::from_str(&self.facts).unwrap_or_default()
    }

    /// Whether it was handed over without an answer so often that it must not be again: the recipient may have every
    /// copy.
    pub fn is_exhausted(&self) -> bool {
        self.deliveries >= sending::COPIES
    }

    /// Whether it is a decoy, which is never sent.
    pub fn is_decoy(&self) -> bool {
        self.decoy != 0
    }

    /// Its kind, if it is one of the library's.
    pub fn known_kind(&self) -> Option<EmailKind> {
        EmailKind::parse(&self.kind)
    }

    /// Returns the email as it would be read, to test how it is composed.
    #[doc(hidden)]
    pub fn of(new: &NewEmail) -> Self {
        Self {
            id: new.id.to_string(),
            kind: new.kind.to_owned(),
            language: new.language.tag().to_owned(),
            email: new.email.clone(),
            user_id: new.user_id.clone(),
            challenge_id: new.challenge_id.clone(),
            number: new.number,
            facts: serde_json::to_string(&new.facts).unwrap_or_default(),
            created_at: new.created_at,
            useful_until: new.useful_until,
            tries: 1,
            deliveries: 0,
            claimed_by: String::new(),
            decoy: i64::from(new.decoy),
        }
    }
}

/// Returns whether so many emails wait that the caller should do nothing that writes another.
///
/// # Errors
/// The database failed.
pub(super) async fn is_full(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let sql = "SELECT COUNT(*) FROM outbox WHERE outcome IS NULL";
    let (waiting,): (i64,) = sqlx::query_as(sql).fetch_one(connection).await?;
    Ok(waiting >= WAITING)
}

/// Writes an email in the transaction of the change that it reports, with what its link can undo. Returns `false` if
/// too many wait. The caller then rolls back, so that nothing is promised that can't be kept. After the commit,
/// `Mail::wake` sends the email at once.
///
/// # Errors
/// The database failed.
pub async fn insert(connection: &mut AnyConnection, email: &NewEmail) -> Result<bool, sqlx::Error> {
    insert_where_fewer_wait(connection, email, WAITING).await
}

/// Writes an email however many wait, because what it reports must not fail for that.
///
/// # Errors
/// The database failed.
pub(super) async fn insert_anyway(connection: &mut AnyConnection, email: &NewEmail) -> Result<(), sqlx::Error> {
    insert_where_fewer_wait(connection, email, i64::MAX).await.map(drop)
}

async fn insert_where_fewer_wait(
    connection: &mut AnyConnection,
    email: &NewEmail,
    most: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO outbox (id, kind, language, email, user_id, challenge_id, number, facts, created_at, useful_until,
                             next_try_at, decoy)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9, $11
         WHERE (SELECT COUNT(*) FROM outbox WHERE outcome IS NULL) < $12",
    )
    .bind(email.id.to_string())
    .bind(email.kind)
    .bind(email.language.tag())
    .bind(&email.email)
    .bind(&email.user_id)
    .bind(&email.challenge_id)
    .bind(email.number)
    .bind(serde_json::to_string(&email.facts).unwrap_or_default())
    .bind(email.created_at)
    .bind(email.useful_until)
    .bind(i64::from(email.decoy))
    .bind(most)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    changes::insert(connection, email).await?;
    Ok(true)
}

/// Like [`insert`], but fails if too many wait, so that the transaction is rolled back.
///
/// # Errors
/// The database failed, or too many wait. The latter is temporary.
pub(super) async fn insert_or_undo(connection: &mut AnyConnection, email: &NewEmail) -> Result<(), sqlx::Error> {
    if insert(connection, email).await? {
        Ok(())
    } else {
        Err(sqlx::Error::Io(io::Error::other("too many emails wait")))
    }
}

impl Store {
    /// Records an event and, if there is mail, the email that reports it, together or not at all. Returns `false` if
    /// too many wait.
    ///
    /// # Errors
    /// The database failed.
    pub async fn record_told(&self, event: Event, email: Option<NewEmail>) -> Result<bool, StoreError> {
        let (hooks, noted) = (self.hooks.clone(), event.clone());
        let done = self.transact(Box::new(move |connection| {
            let (hooks, event, email) = (hooks.clone(), noted.clone(), email.clone());
            Box::pin(async move {
                if let Some(email) = &email
                    && !insert(connection, email).await?
                {
                    return Ok(false);
                }
                hooks.record(connection, &event).await?;
                Ok(true)
            })
        }));
        let done = done.await?;
        if done {
            self.hooks.committed(event);
        }
        Ok(done)
    }

    /// Writes a notice that is not part of a change: at most one of a kind in ten minutes, and five a day in total.
    /// Returns whether it was written.
    ///
    /// # Errors
    /// The database failed.
    pub async fn write_notice(&self, email: NewEmail) -> Result<bool, StoreError> {
        self.transact(Box::new(move |connection| {
            let email = email.clone();
            Box::pin(async move {
                let sql = "SELECT COUNT(*), COUNT(CASE WHEN kind = $2 AND created_at > $4 THEN 1 END) FROM outbox
                           WHERE user_id = $1 AND challenge_id IS NULL AND created_at > $3
                             AND kind IN ('new_device', 'session_replayed', 'second_step_refused')";
                let query = sqlx::query_as(sql).bind(&email.user_id).bind(email.kind);
                let query = query.bind(email.created_at - DAY).bind(email.created_at - NOTICES_APART);
                let (today, lately): (i64, i64) = query.fetch_one(&mut *connection).await?;
                Ok(today < NOTICES_A_DAY && lately == 0 && insert(connection, &email).await?)
            })
        }))
        .await
    }
}

#[cfg(test)]
mod tests;
