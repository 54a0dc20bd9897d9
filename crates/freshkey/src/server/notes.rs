//! The bodies of the server functions in `app/api/notes.rs`, and the rules of what they are told.

use super::{
    account::{format, unavailable},
    body::Format,
    call::caller,
    state::AppState,
    store::notes::{Kept, NewNote, NoteRow},
    visible,
};
use crate::app::{
    error::{ApiError, Code},
    notes::{self, NoteItem},
};
use http::StatusCode;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

/// See [`crate::app::api::notes::notes`].
pub(crate) async fn list() -> Result<Vec<NoteItem>, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let rows = state.store.notes_of(&caller.user.id).await.map_err(|error| unavailable(&error))?;
    Ok(rows.into_iter().map(item).collect())
}

/// See [`crate::app::api::notes::add_note`].
pub(crate) async fn add(id: Option<&str>, typed: &str) -> Result<NoteItem, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let chosen = id.map(|id| chosen_id(id).ok_or_else(|| ApiError::field("id", "Use a UUID of version 4 or 7.")));
    let new = NewNote {
        id: chosen.transpose()?.unwrap_or_else(fresh_id),
        user_id: caller.user.id,
        text: text(typed)?,
        now: state.clock.now(),
    };
    let mut kept = state.store.add_note(new.clone()).await.map_err(|error| unavailable(&error))?;
    if matches!(&kept, Kept::Note(row) if is_another(format(), row, &new.text)) {
        let new = NewNote { id: fresh_id(), ..new };
        kept = state.store.add_note(new).await.map_err(|error| unavailable(&error))?;
    }
    let item = answer(kept)?;
    expect_context::<ResponseOptions>().set_status(StatusCode::CREATED);
    Ok(item)
}

/// See [`crate::app::api::notes::edit_note`].
pub(crate) async fn edit(id: &str, typed: &str) -> Result<NoteItem, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let (id, text) = (named(id)?, text(typed)?);
    let row = state.store.edit_note(&caller.user.id, &id, &text, state.clock.now()).await;
    Ok(item(row.map_err(|error| unavailable(&error))?.ok_or(Code::NotFound)?))
}

/// See [`crate::app::api::notes::delete_note`].
pub(crate) async fn delete(id: &str) -> Result<(), ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let id = named(id)?;
    let there = state.store.delete_note(&caller.user.id, &id, state.clock.now()).await;
    if there.map_err(|error| unavailable(&error))? { Ok(()) } else { Err(Code::NotFound.into()) }
}

/// See [`crate::app::api::notes::restore_note`].
pub(crate) async fn restore(id: &str) -> Result<NoteItem, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let id = named(id)?;
    answer(state.store.restore_note(&caller.user.id, &id).await.map_err(|error| unavailable(&error))?)
}

/// A new id, for what is rendered here.
pub fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}

/// The id, if a client may choose it: as RFC 9562 writes it, of a version that nobody has to give out.
fn chosen_id(id: &str) -> Option<String> {
    let uuid = Uuid::parse_str(id).ok().filter(|uuid| matches!(uuid.get_version_num(), 4 | 7))?;
    Some(uuid.hyphenated().to_string()).filter(|canonical| canonical == id)
}

/// The id of a note that is said to be there.
fn named(id: &str) -> Result<String, ApiError> {
    if id.is_empty() {
        return Err(ApiError::field("id", "Name the note."));
    }
    chosen_id(id).ok_or_else(|| Code::NotFound.into())
}

/// The text as it is kept: tidy, and in NFC, so that what looks the same is the same.
fn text(typed: &str) -> Result<String, ApiError> {
    let text: String = notes::tidy(typed).nfc().collect();
    // What shows nothing is as good as empty; which characters those are the browser does not know.
    let shown = if visible::shows(&text) { text.as_str() } else { "" };
    match notes::text_flaw(shown) {
        Some(sentence) => Err(ApiError::field("text", sentence)),
        None => Ok(text),
    }
}

/// Whether a form means another note than the one that has its id: somebody went back to a page of
/// before and wrote something else into it. A program that sends the id again means the same note.
fn is_another(format: Format, there: &NoteRow, text: &str) -> bool {
    format == Format::Form && there.text != text
}

fn answer(kept: Kept) -> Result<NoteItem, ApiError> {
    match kept {
        Kept::Note(row) => Ok(item(row)),
        Kept::Full => Err(ApiError::field("text", notes::full())),
        Kept::Nowhere => Err(Code::NotFound.into()),
    }
}

fn item(row: NoteRow) -> NoteItem {
    NoteItem { id: row.id, text: row.text, created_at: row.created_at, updated_at: row.updated_at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_is_a_uuid_as_it_is_written() {
        let seven = fresh_id();
        let four = notes::id_of([7; 16]);
        for good in [&seven, &four] {
            assert_eq!(chosen_id(good).as_ref(), Some(good));
        }
        let one = "c232ab00-9414-11ec-b3c8-9f6bdeced846";
        for bad in ["", "x", one, &seven.to_uppercase(), &seven.replace('-', ""), &format!("{{{seven}}}")] {
            assert_eq!(chosen_id(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_kept_text_keeps_the_rules(typed in r"(\PC|[\r\n\t \x00é]|e\u{301}){0,40}") {
            match text(&typed) {
                Ok(kept) => {
                    prop_assert_eq!(kept.trim(), &kept);
                    prop_assert!(!kept.chars().any(|c| c.is_control() && c != '\n'));
                    prop_assert!(visible::shows(&kept));
                    prop_assert!((1..=notes::TEXT_MAX).contains(&kept.chars().count()));
                    prop_assert_eq!(text(&kept).ok(), Some(kept), "kept once more, it stays");
                }
                Err(error) => prop_assert!(error.fields.contains_key("text")),
            }
        }

        #[test]
        fn what_looks_the_same_is_the_same(typed in r"[a-zé](\PC){0,20}") {
            let decomposed: String = typed.nfd().collect();
            prop_assert_eq!(text(&typed).ok(), text(&decomposed).ok());
        }

        #[test]
        fn any_random_bytes_make_an_id(random: [u8; 16]) {
            let id = notes::id_of(random);
            prop_assert_eq!(chosen_id(&id), Some(id.clone()));
        }
    }
}
