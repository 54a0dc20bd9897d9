//! The table `notes`. Every query names the user: to everybody else a note is not there.

use crate::notes::rules::NOTES_MAX;
use freshkey::server::store::{Store, StoreError};
use futures::future::BoxFuture;
use sqlx::{AnyConnection, FromRow};

/// How many of a user's deleted notes can be brought back; the ones before are gone at once, so that
/// adding and deleting does not fill the disk.
const DELETED_MAX: i64 = 100;
/// How long a deleted note can be brought back.
const DELETED_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// A note.
#[derive(Clone, Debug, FromRow)]
pub struct NoteRow {
    /// A UUID.
    pub id: String,
    /// What it says.
    pub text: String,
    /// When it was added.
    pub created_at: i64,
    /// When its text was changed last.
    pub updated_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// A note to be.
#[derive(Clone, Debug)]
pub struct NewNote {
    /// A UUID.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// What it says.
    pub text: String,
    /// Now.
    pub now: i64,
}

/// What became of a note that should be there.
#[derive(Clone, Debug)]
pub enum Kept {
    /// It is there.
    Note(NoteRow),
    /// The user has as many as there may be.
    Full,
    /// There is none of this id.
    Nowhere,
}

/// The user's notes, the newest first.
///
/// # Errors
/// The database.
pub async fn notes_of(store: &Store, user: &str) -> Result<Vec<NoteRow>, StoreError> {
    let sql = "SELECT id, text, created_at, updated_at, deleted_at FROM notes
               WHERE user_id = $1 AND deleted_at IS NULL ORDER BY created_at DESC, id DESC";
    store.rows(sqlx::query_as(sql).bind(user)).await
}

/// Adds a note. Where the user has one of this id it is left as it is, and brought back if it was
/// deleted.
///
/// # Errors
/// The database.
pub async fn add_note(store: &Store, new: NewNote) -> Result<Kept, StoreError> {
    store
        .write(new, |connection, new| {
            Box::pin(async move {
                take_turn(connection, &new.user_id).await?;
                match find(connection, &new.user_id, &new.id).await? {
                    Some(there) if there.deleted_at.is_none() => return Ok(Kept::Note(there)),
                    _ if is_full(connection, &new.user_id).await? => return Ok(Kept::Full),
                    _ => {}
                }
                let sql = "INSERT INTO notes (id, user_id, text, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
                       ON CONFLICT (user_id, id) DO UPDATE SET deleted_at = NULL
                       RETURNING id, text, created_at, updated_at, deleted_at";
                let query = sqlx::query_as(sql).bind(&new.id).bind(&new.user_id).bind(&new.text).bind(new.now);
                Ok(query.fetch_all(connection).await?.pop().map_or(Kept::Nowhere, Kept::Note))
            })
        })
        .await
}

/// Changes a note's text; none if the user has no note of this id.
///
/// # Errors
/// The database.
pub async fn edit_note(
    store: &Store,
    user: &str,
    id: &str,
    text: &str,
    now: i64,
) -> Result<Option<NoteRow>, StoreError> {
    let input = (user.to_owned(), id.to_owned(), text.to_owned(), now);
    store
        .write(input, |connection, (user, id, text, now)| {
            Box::pin(async move {
                let sql = "UPDATE notes SET text = $3, updated_at = CASE WHEN text = $3 THEN updated_at ELSE $4 END
                       WHERE user_id = $1 AND id = $2 AND deleted_at IS NULL
                       RETURNING id, text, created_at, updated_at, deleted_at";
                let query = sqlx::query_as(sql).bind(user).bind(id).bind(text).bind(now);
                Ok(query.fetch_all(connection).await?.pop())
            })
        })
        .await
}

/// Deletes a note, once; false if the user has none of this id.
///
/// # Errors
/// The database.
pub async fn delete_note(store: &Store, user: &str, id: &str, now: i64) -> Result<bool, StoreError> {
    let input = (user.to_owned(), id.to_owned(), now);
    store
        .write(input, |connection, (user, id, now)| {
            Box::pin(async move {
                let sql = "UPDATE notes SET deleted_at = COALESCE(deleted_at, $3) WHERE user_id = $1 AND id = $2";
                let query = sqlx::query(sql).bind(&user).bind(id).bind(now);
                let there = query.execute(&mut *connection).await?.rows_affected() > 0;
                let sql = "DELETE FROM notes WHERE user_id = $1 AND deleted_at IS NOT NULL AND id NOT IN (
                           SELECT id FROM notes WHERE user_id = $1 AND deleted_at IS NOT NULL
                           ORDER BY deleted_at DESC, id DESC LIMIT $2)";
                sqlx::query(sql).bind(&user).bind(DELETED_MAX).execute(connection).await?;
                Ok(there)
            })
        })
        .await
}

/// Brings a note back that was deleted; one that was not is left as it is.
///
/// # Errors
/// The database.
pub async fn restore_note(store: &Store, user: &str, id: &str) -> Result<Kept, StoreError> {
    let input = (user.to_owned(), id.to_owned());
    store
        .write(input, |connection, (user, id)| {
            Box::pin(async move {
                take_turn(connection, &user).await?;
                match find(connection, &user, &id).await? {
                    None => return Ok(Kept::Nowhere),
                    Some(there) if there.deleted_at.is_none() => return Ok(Kept::Note(there)),
                    Some(_) if is_full(connection, &user).await? => return Ok(Kept::Full),
                    Some(_) => {}
                }
                let sql = "UPDATE notes SET deleted_at = NULL WHERE user_id = $1 AND id = $2
                       RETURNING id, text, created_at, updated_at, deleted_at";
                let back = sqlx::query_as(sql).bind(user).bind(id).fetch_all(connection).await?.pop();
                Ok(back.map_or(Kept::Nowhere, Kept::Note))
            })
        })
        .await
}

/// Deletes for good some of the notes that were deleted more than a day before `now`; whether there may be more.
pub fn clean_up(store: Store, now: i64) -> BoxFuture<'static, Result<bool, StoreError>> {
    Box::pin(async move {
        store
            .write(now - DELETED_KEPT_MS, |connection, before| {
                Box::pin(async move {
                    let sql = "DELETE FROM notes WHERE (user_id, id) IN
                       (SELECT user_id, id FROM notes WHERE deleted_at < $1 LIMIT 200)";
                    Ok(sqlx::query(sql).bind(before).execute(connection).await?.rows_affected() > 0)
                })
            })
            .await
    })
}

/// One at a time for each user, until the transaction ends: two that count at once would both find
/// room for one more. An UPDATE locks the row in Postgres; SQLite has one writer anyhow.
async fn take_turn(connection: &mut AnyConnection, user: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET name = name WHERE id = $1").bind(user).execute(connection).await.map(drop)
}

async fn find(connection: &mut AnyConnection, user: &str, id: &str) -> Result<Option<NoteRow>, sqlx::Error> {
    let sql = "SELECT id, text, created_at, updated_at, deleted_at FROM notes WHERE user_id = $1 AND id = $2";
    Ok(sqlx::query_as(sql).bind(user).bind(id).fetch_all(connection).await?.pop())
}

async fn is_full(connection: &mut AnyConnection, user: &str) -> Result<bool, sqlx::Error> {
    let sql = "SELECT COUNT(*) FROM notes WHERE user_id = $1 AND deleted_at IS NULL";
    let (count,): (i64,) = sqlx::query_as(sql).bind(user).fetch_one(connection).await?;
    Ok(usize::try_from(count).is_ok_and(|count| count >= NOTES_MAX))
}
