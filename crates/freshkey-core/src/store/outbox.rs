//! The table `outbox`: emails that wait to be sent, and those that were.
//!
//! An email is written in the transaction of what it tells of, and sent afterwards, by whichever instance claims it
//! first. A claim ends by itself after a minute, so that the email of an instance that died is sent by another.

mod facts;
mod figures;
mod sending;

pub use facts::Facts;
pub use figures::{MailFigures, MailRow};
pub use sending::Outcome;

use super::{Store, StoreError, activity::Event, changes};
use crate::rules::{email_kind::EmailKind, language::Language, undo::Undo};
use sqlx::{AnyConnection, FromRow};
use std::io;
use uuid::Uuid;

/// Emails that wait at the most.
pub const WAITING: i64 = 10_000;

/// Emails about sign-ins that an account gets in a day at the most.
const NOTICES_A_DAY: i64 = 5;
/// And how far apart those of one kind are.
const NOTICES_APART_MS: i64 = 10 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// An email to be sent.
#[derive(Clone, Debug)]
pub struct NewEmail {
    /// Also the Message-ID.
    pub id: Uuid,
    /// [`EmailKind::text`], or the name of an email of the app's own.
    pub kind: &'static str,
    /// In which language.
    pub language: Language,
    /// To whom.
    pub email: String,
    /// The account that it is about.
    pub user_id: Option<String>,
    /// The challenge whose code is in it.
    pub challenge_id: Option<String>,
    /// It is the n-th email of its challenge, from 1; it makes its code another one.
    pub number: i64,
    /// What it tells.
    pub facts: Facts,
    /// When it was asked for, in milliseconds since 1970.
    pub created_at: i64,
    /// It is not sent later than this.
    pub useful_until: i64,
    /// It waits its turn and is never sent: an address without an account costs the same, and takes as long.
    pub decoy: bool,
    /// Its link says "it was not me", and undoes what it tells of.
    pub undoable: Option<Undoable>,
}

/// What an email tells of, where its link can undo it.
#[derive(Clone, Debug)]
pub struct Undoable {
    /// The session that it was done in, or of which it tells.
    pub session: Option<Uuid>,
    /// What brings back what was before; none where nothing does, or it tells of a session.
    pub undo: Option<Undo>,
    /// Until when the link works.
    pub until: i64,
}

impl NewEmail {
    /// An email of the library's. The other fields can be set in a functional update.
    pub fn new(kind: EmailKind, to: &str, language: Language, now: i64) -> Self {
        Self { useful_until: now + kind.useful_for(), ..Self::own(kind.text(), to, language, now) }
    }

    /// An email of the app's own, under the name by which its text is registered. It is worth sending for three days.
    pub fn own(kind: &'static str, to: &str, language: Language, now: i64) -> Self {
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
    /// To whom.
    pub email: String,
    /// The account that it is about.
    pub user_id: Option<String>,
    /// The challenge whose code is in it.
    pub challenge_id: Option<String>,
    /// The place among the emails of its challenge, from 1.
    pub number: i64,
    facts: String,
    /// When it was asked for.
    pub created_at: i64,
    /// It is not sent later than this.
    pub useful_until: i64,
    /// How often it was tried, this time included.
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

    /// What it tells.
    pub fn facts(&self) -> Facts {
        serde_json::from_str(&self.facts).unwrap_or_default()
    }

    /// Whether it was handed over so often without an answer that it must not be again: the address may have every copy.
    pub fn is_exhausted(&self) -> bool {
        self.deliveries >= sending::COPIES
    }

    /// Whether it is never sent.
    pub fn is_decoy(&self) -> bool {
        self.decoy != 0
    }

    /// Its kind, if the library sends it.
    pub fn known_kind(&self) -> Option<EmailKind> {
        EmailKind::parse(&self.kind)
    }

    /// An email as it would be read, for a test of what is made of it.
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

/// Whether so many emails wait that what would write one is not done.
///
/// # Errors
/// The database.
pub(super) async fn is_full(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let sql = "SELECT COUNT(*) FROM outbox WHERE outcome IS NULL";
    let (waiting,): (i64,) = sqlx::query_as(sql).fetch_one(connection).await?;
    Ok(waiting >= WAITING)
}

/// Writes an email in the transaction of what it tells of, and what its link can undo. False: too many wait, and the
/// caller rolls back, so that nothing is promised that is not kept. After the commit `Mail::wake` has it sent at once.
///
/// # Errors
/// The database.
pub async fn insert(connection: &mut AnyConnection, email: &NewEmail) -> Result<bool, sqlx::Error> {
    insert_where_fewer_wait(connection, email, WAITING).await
}

/// Writes an email however many wait, where what it tells of must not fail for that.
///
/// # Errors
/// The database.
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

/// [`insert`], or nothing of the transaction is done.
///
/// # Errors
/// The database; or too many wait, which passes.
pub(super) async fn insert_or_undo(connection: &mut AnyConnection, email: &NewEmail) -> Result<(), sqlx::Error> {
    if insert(connection, email).await? {
        Ok(())
    } else {
        Err(sqlx::Error::Io(io::Error::other("too many emails wait")))
    }
}

impl Store {
    /// Records an event with the email that tells of it, if there is mail, both or neither; false where too many wait.
    ///
    /// # Errors
    /// The database.
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

    /// Writes an email that tells of something by itself: of one kind one in ten minutes, and five a day in all. Whether
    /// it was written.
    ///
    /// # Errors
    /// The database.
    pub async fn write_notice(&self, email: NewEmail) -> Result<bool, StoreError> {
        self.transact(Box::new(move |connection| {
            let email = email.clone();
            Box::pin(async move {
                let sql = "SELECT COUNT(*), COUNT(CASE WHEN kind = $2 AND created_at > $4 THEN 1 END) FROM outbox
                           WHERE user_id = $1 AND challenge_id IS NULL AND created_at > $3
                             AND kind IN ('new_device', 'session_replayed', 'second_step_refused')";
                let query = sqlx::query_as(sql).bind(&email.user_id).bind(email.kind);
                let query = query.bind(email.created_at - DAY_MS).bind(email.created_at - NOTICES_APART_MS);
                let (today, lately): (i64, i64) = query.fetch_one(&mut *connection).await?;
                Ok(today < NOTICES_A_DAY && lately == 0 && insert(connection, &email).await?)
            })
        }))
        .await
    }
}

#[cfg(test)]
mod tests;
