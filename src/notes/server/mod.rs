//! The bodies of the calls, and the checks of their input.

pub mod openapi;
pub mod store;

use super::rules::{self, NoteItem};
use freshkey::{
    app::error::{ApiError, Code},
    server::{
        ids::{chosen_id, fresh_id},
        request::{caller, is_form, now, set_status, store},
        visible,
    },
};
use http::StatusCode;
use store::{NewNote, NoteOutcome, NoteRow};
use unicode_normalization::UnicodeNormalization;

/// See [`super::api::notes`].
pub(crate) async fn list() -> Result<Vec<NoteItem>, ApiError> {
    let caller = caller()?;
    let rows = store::notes_of(&store(), &caller.user.id).await?;
    Ok(rows.into_iter().map(item).collect())
}

/// See [`super::api::add_note`].
pub(crate) async fn add(id: Option<&str>, typed: &str) -> Result<NoteItem, ApiError> {
    let caller = caller()?;
    let chosen = id.map(|id| chosen_id(id).ok_or_else(|| ApiError::field("id", "Use a UUID of version 4 or 7.")));
    let new = NewNote {
        id: chosen.transpose()?.unwrap_or_else(fresh_id),
        user_id: caller.user.id,
        text: text(typed)?,
        now: now(),
    };
    let mut kept = store::add_note(&store(), new.clone()).await?;
    // With a form, the user went back to an old page and wrote another text: that is a new note. A program that sends
    // the id again means the same note.
    if matches!(&kept, NoteOutcome::Note(row) if is_form() && row.text != new.text) {
        let new = NewNote { id: fresh_id(), ..new };
        kept = store::add_note(&store(), new).await?;
    }
    let item = answer(kept)?;
    set_status(StatusCode::CREATED);
    Ok(item)
}

/// See [`super::api::edit_note`].
pub(crate) async fn edit(id: &str, typed: &str) -> Result<NoteItem, ApiError> {
    let caller = caller()?;
    let (id, text) = (named(id)?, text(typed)?);
    let row = store::edit_note(&store(), &caller.user.id, &id, &text, now()).await?;
    Ok(item(row.ok_or(Code::NotFound)?))
}

/// See [`super::api::delete_note`].
pub(crate) async fn delete(id: &str) -> Result<(), ApiError> {
    let caller = caller()?;
    let id = named(id)?;
    if store::delete_note(&store(), &caller.user.id, &id, now()).await? { Ok(()) } else { Err(Code::NotFound.into()) }
}

/// See [`super::api::restore_note`].
pub(crate) async fn restore(id: &str) -> Result<NoteItem, ApiError> {
    let caller = caller()?;
    let id = named(id)?;
    answer(store::restore_note(&store(), &caller.user.id, &id).await?)
}

/// Parses the id of an existing note.
fn named(id: &str) -> Result<String, ApiError> {
    if id.is_empty() {
        return Err(ApiError::field("id", "Name the note."));
    }
    chosen_id(id).ok_or_else(|| Code::NotFound.into())
}

/// Normalises a text for storage: tidy and in NFC, so that texts that look the same are the same.
fn text(typed: &str) -> Result<String, ApiError> {
    let text: String = rules::tidy(typed).nfc().collect();
    // A text of invisible characters counts as empty. Only the server knows which characters those are.
    let shown = if visible::shows(&text) { text.as_str() } else { "" };
    match rules::text_flaw(shown) {
        Some(sentence) => Err(ApiError::field("text", sentence)),
        None => Ok(text),
    }
}

fn answer(kept: NoteOutcome) -> Result<NoteItem, ApiError> {
    match kept {
        NoteOutcome::Note(row) => Ok(item(row)),
        NoteOutcome::LimitReached => Err(ApiError::field("text", rules::full())),
        NoteOutcome::NotFound => Err(Code::NotFound.into()),
    }
}

fn item(row: NoteRow) -> NoteItem {
    NoteItem { id: row.id, text: row.text, created_at: row.created_at, updated_at: row.updated_at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_kept_text_keeps_the_rules(typed in r"(\PC|[\r\n\t \x00é]|e\u{301}){0,40}") {
            match text(&typed) {
                Ok(kept) => {
                    prop_assert_eq!(kept.trim(), &kept);
                    prop_assert!(!kept.chars().any(|c| c.is_control() && c != '\n'));
                    prop_assert!(visible::shows(&kept));
                    prop_assert!((1..=rules::TEXT_MAX).contains(&kept.chars().count()));
                    prop_assert_eq!(text(&kept).ok(), Some(kept), "kept once more, it stays");
                }
                Err(error) => prop_assert!(error.fields.get("text").is_some()),
            }
        }

        #[test]
        fn what_looks_the_same_is_the_same(typed in r"[a-zé](\PC){0,20}") {
            let decomposed: String = typed.nfd().collect();
            prop_assert_eq!(text(&typed).ok(), text(&decomposed).ok());
        }
    }
}
