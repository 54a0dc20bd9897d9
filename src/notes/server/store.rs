//! The table `notes`. Every query names the user, so nobody finds another user's note.

use crate::notes::rules::NOTES_MAX;
use freshkey::{
    app::types::Millis,
    server::store::{Store, StoreError},
};
use futures::future::BoxFuture;
use sqlx::{AnyConnection, FromRow};

/// How many deleted notes of a user can be restored. Older ones are removed at once, so that adding and deleting
/// can't fill the disk.
const DELETED_MAX: i64 = 100;
/// How long a deleted note can be restored.
const DELETED_KEPT: Millis = Millis::from_days(1);

/// A note.
#[derive(Clone, Debug, FromRow)]
pub struct NoteRow {
    /// A UUID.
    pub id: String,
    /// The text.
    pub text: String,
    /// When it was added.
    pub created_at: Millis,
    /// When its text was last changed.
    pub updated_at: Millis,
    /// When it was deleted.
    pub deleted_at: Option<Millis>,
}

/// A note to add.
#[derive(Clone, Debug)]
pub struct NewNote {
    /// A UUID.
    pub id: String,
    /// The owner's id.
    pub user_id: String,
    /// The text.
    pub text: String,
    /// The current time.
    pub now: Millis,
}

/// The result of adding or restoring a note.
#[derive(Clone, Debug)]
pub enum NoteOutcome {
    /// The note is there.
    Note(NoteRow),
    /// The user has reached [`NOTES_MAX`].
    LimitReached,
    /// The user has no note with this id.
    NotFound,
}

/// Returns the user's notes, newest first.
///
/// # Errors
/// The database failed.
pub async fn notes_of(store: &Store, user: &str) -> Result<Vec<NoteRow>, StoreError> {
    let sql = "SELECT id, text, created_at, updated_at, deleted_at FROM notes
               WHERE user_id = $1 AND deleted_at IS NULL ORDER BY created_at DESC, id DESC";
    store.rows(sqlx::query_as(sql).bind(user)).await
}

/// Adds a note. If the user already has one with this id, its text stays, and it is restored if it was deleted.
///
/// # Errors
/// The database failed.
pub async fn add_note(store: &Store, new: NewNote) -> Result<NoteOutcome, StoreError> {
    store
        .write(new, |connection, new| {
            Box::pin(async move {
                take_turn(connection, &new.user_id).await?;
                match find(connection, &new.user_id, &new.id).await? {
                    Some(there) if there.deleted_at.is_none() => return Ok(NoteOutcome::Note(there)),
                    _ if is_full(connection, &new.user_id).await? => return Ok(NoteOutcome::LimitReached),
                    _ => {}
                }
                let sql = "INSERT INTO notes (id, user_id, text, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
                       ON CONFLICT (user_id, id) DO UPDATE SET deleted_at = NULL
                       RETURNING id, text, created_at, updated_at, deleted_at";
                let query = sqlx::query_as(sql).bind(&new.id).bind(&new.user_id).bind(&new.text).bind(new.now);
                Ok(query.fetch_all(connection).await?.pop().map_or(NoteOutcome::NotFound, NoteOutcome::Note))
            })
        })
        .await
}

/// Changes a note's text. Returns `None` if the user has no note with this id.
///
/// # Errors
/// The database failed.
pub async fn edit_note(
    store: &Store,
    user: &str,
    id: &str,
    text: &str,
    now: Millis,
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

/// Deletes a note. Returns false if the user has none with this id. Deleting it again changes nothing.
///
/// # Errors
/// The database failed.
pub async fn delete_note(store: &Store, user: &str, id: &str, now: Millis) -> Result<bool, StoreError> {
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

/// Restores a deleted note. A note that is not deleted stays as it is.
///
/// # Errors
/// The database failed.
pub async fn restore_note(store: &Store, user: &str, id: &str) -> Result<NoteOutcome, StoreError> {
    let input = (user.to_owned(), id.to_owned());
    store
        .write(input, |connection, (user, id)| {
            Box::pin(async move {
                take_turn(connection, &user).await?;
                match find(connection, &user, &id).await? {
                    None => return Ok(NoteOutcome::NotFound),
                    Some(there) if there.deleted_at.is_none() => return Ok(NoteOutcome::Note(there)),
                    Some(_) if is_full(connection, &user).await? => return Ok(NoteOutcome::LimitReached),
                    Some(_) => {}
                }
                let sql = "UPDATE notes SET deleted_at = NULL WHERE user_id = $1 AND id = $2
                       RETURNING id, text, created_at, updated_at, deleted_at";
                let back = sqlx::query_as(sql).bind(user).bind(id).fetch_all(connection).await?.pop();
                Ok(back.map_or(NoteOutcome::NotFound, NoteOutcome::Note))
            })
        })
        .await
}

/// Removes for good a batch of the notes that were deleted more than a day before `now`. Returns whether there may be
/// more.
pub fn clean_up(store: Store, now: Millis) -> BoxFuture<'static, Result<bool, StoreError>> {
    Box::pin(async move {
        store
            .write(now - DELETED_KEPT, |connection, before| {
                Box::pin(async move {
                    let sql = "DELETE FROM notes WHERE (user_id, id) IN
                       (SELECT user_id, id FROM notes WHERE deleted_at < $1 LIMIT 200)";
                    Ok(sqlx::query(sql).bind(before).execute(connection).await?.rows_affected() > 0)
                })
            })
            .await
    })
}

/// Serialises a user's changes until the transaction ends. Otherwise two that count at the same time could both find
/// room for one more. The UPDATE locks the row in Postgres; SQLite has one writer anyway.
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
