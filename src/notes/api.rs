//! The calls. `Bearer` means that only a signed-in user may call; the body begins with `caller()?`.

#![expect(missing_docs, reason = "the fields of the structs that the macro makes of the arguments")]

use super::rules::NoteItem;
use freshkey::app::{
    api::protocol::{Bearer, Get, Post},
    error::ApiError,
};
use leptos::prelude::*;

/// Returns the user's notes, newest first.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "notes", protocol = Get<Bearer>)]
pub async fn notes() -> Result<Vec<NoteItem>, ApiError> {
    super::server::list().await
}

/// Adds a note: 201. With an `id` of the client's choice, a repeated call still adds only one note.
///
/// # Errors
/// [`Code::Validation`](freshkey::app::error::Code) with a sentence for the text, or if the user has the maximum number
/// of notes.
#[server(prefix = "/api", endpoint = "notes", protocol = Post<Bearer>)]
pub async fn add_note(
    #[server(default)] id: Option<String>,
    #[server(default)] text: String,
) -> Result<NoteItem, ApiError> {
    super::server::add(id.as_deref(), &text).await
}

/// Changes the text of a note.
///
/// # Errors
/// `Validation` with a sentence for the text; `NotFound` for an id that is unknown, or another user's.
#[server(prefix = "/api", endpoint = "notes/edit", protocol = Post<Bearer>)]
pub async fn edit_note(#[server(default)] id: String, #[server(default)] text: String) -> Result<NoteItem, ApiError> {
    super::server::edit(&id, &text).await
}

/// Deletes a note. It can be restored for a day.
///
/// # Errors
/// `NotFound` for an id that is unknown, or another user's.
#[server(prefix = "/api", endpoint = "notes/delete", protocol = Post<Bearer>)]
pub async fn delete_note(#[server(default)] id: String) -> Result<(), ApiError> {
    super::server::delete(&id).await
}

/// Restores a note that was deleted less than a day ago.
///
/// # Errors
/// `NotFound` for an id that is unknown, or another user's; `Validation` if the user has the maximum number of notes.
#[server(prefix = "/api", endpoint = "notes/restore", protocol = Post<Bearer>)]
pub async fn restore_note(#[server(default)] id: String) -> Result<NoteItem, ApiError> {
    super::server::restore(&id).await
}
