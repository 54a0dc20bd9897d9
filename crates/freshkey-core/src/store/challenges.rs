//! The table `challenges`: flows of several calls. Each challenge is written in one transaction with its email.

mod attempts;
mod beginning;
mod email_change;
mod emails;
mod ends;
mod finishing;

pub use beginning::AfterPassword;
pub(super) use beginning::{insert, replace};
pub(super) use email_change::put;
pub use email_change::{Address, EmailChange};
pub(super) use ends::{begin_next, end_all, finish, reopen};
pub use finishing::{Finished, FinishedBy, NewAccount, PasswordReset};

use super::{Store, StoreError, activity::Event};
use crate::rules::challenge::{ChallengeKind, ChallengeState};
use freshkey_types::{Millis, StepReason};
use sqlx::{AnyConnection, FromRow};
use uuid::Uuid;

/// A challenge.
#[derive(Clone, Debug, FromRow)]
pub struct ChallengeRow {
    /// UUIDv7.
    pub id: String,
    /// The name of its [`ChallengeKind`].
    pub kind: String,
    /// The browser that began it; `None` if it is bound to the user.
    pub browser: Option<String>,
    /// The id of the user that it is about, if there is one.
    pub user_id: Option<String>,
    /// Where its emails go.
    pub email: String,
    /// The address as it is compared.
    pub email_key: String,
    /// Whether it is a decoy, for which no code is right.
    pub decoy: i64,
    /// What the last step needs, sealed.
    pub data: Option<String>,
    /// How many emails were requested.
    pub emails: i64,
    /// When the last email was requested.
    pub asked_at: Millis,
    /// How many wrong codes were tried.
    pub attempts: i64,
    /// When it began.
    pub created_at: Millis,
    /// When its own time is over, not counting its emails.
    pub expires_at: Millis,
    /// When it was finished.
    pub finished_at: Option<Millis>,
    /// The browser that finished it.
    pub finished_by: Option<String>,
    /// The session that began when it was finished.
    pub session_id: Option<String>,
    /// Another reason why it is over.
    pub over_reason: Option<String>,
    /// A digest of the call that finished it.
    pub answer: Option<String>,
    /// The challenge that came next.
    pub next_id: Option<String>,
}

/// All columns, in the form for [`ChallengeRow`].
macro_rules! columns {
    () => {
        "id, kind, browser, user_id, email, email_key, decoy, data, emails, asked_at, attempts, created_at, expires_at,
         finished_at, finished_by, session_id, over_reason, answer, next_id"
    };
}

impl ChallengeRow {
    /// Its id.
    pub fn uuid(&self) -> Uuid {
        Uuid::parse_str(&self.id).unwrap_or_default()
    }

    /// What it is for; `None` for a kind of a later version.
    pub fn kind(&self) -> Option<ChallengeKind> {
        ChallengeKind::parse(&self.kind)
    }

    /// What is known about its end.
    pub fn course(&self) -> ChallengeState {
        ChallengeState {
            expires_at: self.expires_at,
            attempts: self.attempts,
            finished_at: self.finished_at,
            over: self.over_reason.as_deref().map(StepReason::known),
        }
    }
}

/// A new challenge, to be stored with its first email.
#[derive(Clone, Debug)]
pub struct NewChallenge {
    /// UUIDv7.
    pub id: Uuid,
    /// What it is for.
    pub kind: ChallengeKind,
    /// The browser that begins it; `None` if it is bound to the user.
    pub browser: Option<String>,
    /// The id of the user that it is about, if there is one.
    pub user: Option<String>,
    /// Where its emails go.
    pub email: String,
    /// The address as it is compared.
    pub email_key: String,
    /// Whether it is a decoy, for which no code is right.
    pub decoy: bool,
    /// What the last step needs, sealed.
    pub data: Option<String>,
    /// The current time.
    pub created_at: Millis,
    /// When its own time is over.
    pub expires_at: Millis,
    /// The entry for the user's activity.
    pub event: Option<Event>,
}

/// Whose challenge is meant.
#[derive(Clone, Copy, Debug)]
pub enum ChallengeOwner<'a> {
    /// One that this browser began.
    Browser(&'a str),
    /// One of this user.
    User(&'a str),
}

impl Store {
    /// Returns the challenge with this id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn challenge(&self, id: Uuid) -> Result<Option<ChallengeRow>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM challenges WHERE id = $1");
        Ok(self.rows(sqlx::query_as(sql).bind(id.to_string())).await?.pop())
    }

    /// Returns the newest challenge of this kind of a browser or user. Without a kind: for a browser, any but the
    /// later steps of a sign-in; for a user, only those about an address.
    ///
    /// # Errors
    /// The database failed.
    pub async fn newest_challenge(
        &self,
        whose: ChallengeOwner<'_>,
        kind: Option<ChallengeKind>,
    ) -> Result<Option<ChallengeRow>, StoreError> {
        let (sql, value) = match whose {
            ChallengeOwner::Browser(browser) => (
                concat!(
                    "SELECT ",
                    columns!(),
                    " FROM challenges WHERE browser = $1
                        AND (CASE WHEN CAST($2 AS TEXT) IS NULL THEN kind NOT IN ('keep', 'second_factor', 'enrol') ELSE kind = $2 END)
                      ORDER BY created_at DESC, id DESC LIMIT 1"
                ),
                browser,
            ),
            ChallengeOwner::User(user) => (
                concat!(
                    "SELECT ",
                    columns!(),
                    " FROM challenges WHERE user_id = $1 AND browser IS NULL
                        AND (CASE WHEN CAST($2 AS TEXT) IS NULL THEN kind IN ('prove', 'email') ELSE kind = $2 END)
                      ORDER BY created_at DESC, id DESC LIMIT 1"
                ),
                user,
            ),
        };
        let query = sqlx::query_as(sql).bind(value).bind(kind.map(ChallengeKind::text));
        Ok(self.rows(query).await?.pop())
    }

    /// Returns whether the challenge came after one of this kind.
    ///
    /// # Errors
    /// The database failed.
    pub async fn follows(&self, row: &ChallengeRow, kind: ChallengeKind) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM challenges WHERE email_key = $1 AND kind = $2 AND next_id = $3";
        let query = sqlx::query_as(sql).bind(&row.email_key).bind(kind.text()).bind(&row.id);
        let rows: Vec<(String,)> = self.rows(query).await?;
        Ok(!rows.is_empty())
    }

    /// Deletes some challenges that have been over since before `before`. Returns whether there may be more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_old_challenges(&self, before: Millis) -> Result<bool, StoreError> {
        self.transact(Box::new(move |connection| {
            Box::pin(async move {
                let sql =
                    "DELETE FROM challenges WHERE id IN (SELECT id FROM challenges WHERE expires_at < $1 LIMIT 200)";
                Ok(sqlx::query(sql).bind(before).execute(connection).await?.rows_affected() > 0)
            })
        }))
        .await
    }
}

/// Ends the other open challenges of an account or an address, because one of them was used.
pub(super) async fn replace_others(
    connection: &mut AnyConnection,
    but: Option<&str>,
    user: Option<&str>,
    email_key: &str,
) -> Result<(), sqlx::Error> {
    let sql = "UPDATE challenges SET over_reason = $1
               WHERE finished_at IS NULL AND over_reason IS NULL AND id <> $2 AND (user_id = $3 OR email_key = $4)";
    let query = sqlx::query(sql).bind(StepReason::Replaced.text()).bind(but.unwrap_or_default());
    query.bind(user.unwrap_or_default()).bind(email_key).execute(connection).await.map(drop)
}
