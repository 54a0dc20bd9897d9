//! The reader's answer to an email: whether it was them. Everything that follows from it is one transaction.

use super::{
    super::{
        Store, StoreError,
        activity::Event,
        challenges::{self, NewChallenge},
        factors::forget_devices,
        outbox::{self, NewEmail},
        sessions::ending::{SessionFilter, end},
    },
    ChangeRow,
    undo::undo,
};
use crate::rules::{
    session::Device,
    undo::{Change, undone},
};
use freshkey_types::{AlarmAnswer, AuditEvent, EndReason, Millis, StepReason};
use sqlx::{AnyConnection, FromRow};
use uuid::Uuid;

/// What is needed when the reader of an email said "It was not me".
#[derive(Clone, Debug)]
pub struct Securing {
    /// The hash of a random password that nobody knows.
    pub password_hash: String,
    /// The email that reports it to the account's address.
    pub secured: NewEmail,
    /// The email that reports it to the address that is removed.
    pub undone: NewEmail,
    /// The challenge and the email for choosing a new password.
    pub reset: (NewChallenge, NewEmail),
    /// The device on which the reader answered.
    pub device: Device,
}

/// The result of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// The answer counts, and these sessions ended.
    Done(Vec<Uuid>),
    /// Another answer was quicker, or the link is over.
    NotOpen,
    /// Too many emails wait already. Nothing was done.
    Full,
}

/// The parts of an account to compare before and after.
#[derive(FromRow)]
struct Account {
    email: String,
    email_key: String,
    delete_at: Option<Millis>,
    disabled_at: Option<Millis>,
}

impl Store {
    /// Records that it was the user.
    ///
    /// # Errors
    /// The database failed.
    pub async fn note_alarm(&self, change: &ChangeRow, browser: String, event: Event) -> Result<Answered, StoreError> {
        let (id, hooks, noted) = (change.id.clone(), self.hooks.clone(), event.clone());
        let answered = self.transact(Box::new(move |connection| {
            let (id, browser, hooks, event) = (id.clone(), browser.clone(), hooks.clone(), noted.clone());
            Box::pin(async move {
                if !answer(connection, &id, AlarmAnswer::Me, &browser, event.at()).await? {
                    return Ok(Answered::NotOpen);
                }
                hooks.record(connection, &event).await?;
                Ok(Answered::Done(Vec::new()))
            })
        }));
        let answered = answered.await?;
        if let Answered::Done(_) = answered {
            self.hooks.committed(event);
        }
        Ok(answered)
    }

    /// Restores an account, because it was not the user: the reported change and everything since is undone, all
    /// sessions end, and only an email to the address that the account then has allows choosing a new password.
    ///
    /// # Errors
    /// The database failed.
    pub async fn secure_account(
        &self,
        change: &ChangeRow,
        browser: String,
        securing: Securing,
        now: Millis,
    ) -> Result<Answered, StoreError> {
        let (hooks, order, row) = (self.hooks.clone(), self.lock_in_order(), change.clone());
        let done = self.transact(Box::new(move |connection| {
            let (hooks, row, browser, securing) = (hooks.clone(), row.clone(), browser.clone(), securing.clone());
            Box::pin(async move {
                // Locks the user first, as everywhere: on Postgres this waits for changes that are under way.
                let Some(before) = lock(connection, &row.user_id).await? else { return Ok(Err(Answered::NotOpen)) };
                if outbox::is_full(connection).await? {
                    return Ok(Err(Answered::Full));
                }
                if !answer(connection, &row.id, AlarmAnswer::NotMe, &browser, now).await? {
                    return Ok(Err(Answered::NotOpen));
                }
                put_back(connection, &row, &before, now).await?;
                shut(connection, &row, &before, &securing, now).await?;
                let Some(after) = lock(connection, &row.user_id).await? else { return Ok(Err(Answered::NotOpen)) };
                for key in [&before.email_key, &after.email_key] {
                    challenges::replace_others(connection, None, Some(&row.user_id), key).await?;
                }
                tell(connection, &row, &before, &after, &securing).await?;
                let events = events(&row, &before, &after, &securing.device, now);
                for event in &events {
                    hooks.record(connection, event).await?;
                }
                let all = SessionFilter::AllOf(row.user_id.clone());
                Ok(Ok((end(connection, &all, EndReason::Secured, now, order).await?, events)))
            })
        }));
        match done.await? {
            Ok((ended, events)) => {
                self.notify_ended(&ended, EndReason::Secured, now);
                for event in events {
                    self.hooks.committed(event);
                }
                Ok(Answered::Done(ended))
            }
            Err(not_done) => Ok(not_done),
        }
    }
}

/// Returns the account and locks it until the end of the transaction.
async fn lock(connection: &mut AnyConnection, user: &str) -> Result<Option<Account>, sqlx::Error> {
    let sql = "UPDATE users SET changes = changes WHERE id = $1 RETURNING email, email_key, delete_at, disabled_at";
    Ok(sqlx::query_as(sql).bind(user).fetch_all(connection).await?.pop())
}

/// Records the answer. Returns `false` for every caller but one.
async fn answer(
    connection: &mut AnyConnection,
    id: &str,
    answer: AlarmAnswer,
    browser: &str,
    now: Millis,
) -> Result<bool, sqlx::Error> {
    let sql = "UPDATE changes SET answer = $2, answered_by = $3, answered_at = $4
               WHERE id = $1 AND answered_at IS NULL AND over_reason IS NULL AND until > $4";
    let query = sqlx::query(sql).bind(id).bind(answer.text()).bind(browser).bind(now);
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// Undoes the reported change and later ones, and ends the links of later emails. The links of changes that still
/// stand keep working: one may be the only way back for the owner of an address.
async fn put_back(
    connection: &mut AnyConnection,
    row: &ChangeRow,
    before: &Account,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let sql = concat!("SELECT ", super::columns!(), " FROM changes WHERE user_id = $1 ORDER BY number");
    let rows: Vec<ChangeRow> = sqlx::query_as(sql).bind(&row.user_id).fetch_all(&mut *connection).await?;
    let changes: Vec<Change> = rows.iter().map(ChangeRow::change).collect();
    let undone = undone(&changes, &row.change(), before.email != row.email, now);
    undo(connection, &row.user_id, &undone, now).await?;
    for change in undone {
        let sql = "UPDATE changes SET undone_at = $3 WHERE user_id = $1 AND number = $2";
        let query = sqlx::query(sql).bind(&row.user_id).bind(change.number).bind(now);
        query.execute(&mut *connection).await?;
    }
    let sql = "UPDATE changes SET over_reason = $3
               WHERE user_id = $1 AND number > $2 AND answered_at IS NULL AND over_reason IS NULL
                 AND (undo IS NULL OR undone_at IS NOT NULL)";
    let query = sqlx::query(sql).bind(&row.user_id).bind(row.number).bind(StepReason::Replaced.text());
    query.execute(connection).await.map(drop)
}

/// Turns the password off, forgets all trusted devices, and cancels the deletion of the account.
async fn shut(
    connection: &mut AnyConnection,
    row: &ChangeRow,
    before: &Account,
    securing: &Securing,
    now: Millis,
) -> Result<(), sqlx::Error> {
    // An account that is due is being removed already.
    let delete_at = before.delete_at.filter(|at| *at <= now);
    let sql = "UPDATE users SET password_hash = $2, password_changed_at = $3, delete_at = $4 WHERE id = $1";
    let query = sqlx::query(sql).bind(&row.user_id).bind(&securing.password_hash).bind(now).bind(delete_at);
    query.execute(&mut *connection).await?;
    forget_devices(connection, &row.user_id).await
}

/// Writes all emails, to the addresses that are known only now. If one can't be written, the account is not restored.
async fn tell(
    connection: &mut AnyConnection,
    row: &ChangeRow,
    before: &Account,
    after: &Account,
    securing: &Securing,
) -> Result<(), sqlx::Error> {
    let to = |email: &NewEmail, address: &str| NewEmail { email: address.to_owned(), ..email.clone() };
    outbox::insert_or_undo(connection, &to(&securing.secured, &after.email)).await?;
    if before.email_key != after.email_key {
        outbox::insert_or_undo(connection, &to(&securing.undone, &before.email)).await?;
    }
    if after.disabled_at.is_some() {
        return Ok(());
    }
    let (challenge, email) = &securing.reset;
    let challenge = NewChallenge {
        email: after.email.clone(),
        email_key: after.email_key.clone(),
        // The code works in the answering browser if that reader has the account's address. Otherwise only the link
        // works.
        browser: challenge.browser.clone().filter(|_| row.email == after.email),
        ..challenge.clone()
    };
    challenges::insert(connection, &challenge).await?;
    outbox::insert_or_undo(connection, &to(email, &after.email)).await
}

fn events(row: &ChangeRow, before: &Account, after: &Account, device: &Device, now: Millis) -> Vec<Event> {
    let kinds = [
        (true, AuditEvent::AccountSecured),
        (before.email_key != after.email_key, AuditEvent::EmailChangeUndone),
        (before.delete_at.is_some() && after.delete_at.is_none(), AuditEvent::DeletionUndone),
    ];
    let event = |kind| Event::new(&row.user_id, None, kind, device, now);
    kinds.into_iter().filter(|(so, _)| *so).map(|(_, kind)| event(kind)).collect()
}
