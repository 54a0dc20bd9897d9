//! The operations of the notes.

use super::{Answer, Caller, Operation, get, post};
use crate::app::{error::Code, paths};

/// All of them.
pub(super) fn all() -> [Operation; 5] {
    let note = Answer::One("NoteItem");
    [
        Operation {
            caller: Caller::Bearer,
            ..get(paths::API_NOTES, "notes", "The user's notes, the newest first.", Answer::Many("NoteItem"))
        },
        Operation {
            caller: Caller::BearerAndCsrf,
            status: 201,
            body: &[("id", "string", false), ("text", "string", true)],
            own: &[Code::Validation],
            ..post(paths::API_NOTES, "addNote", "Adds a note: one, however often it is sent with the same id.", note)
        },
        Operation {
            caller: Caller::BearerAndCsrf,
            body: &[("id", "string", true), ("text", "string", true)],
            own: &[Code::Validation, Code::NotFound],
            ..post(paths::API_EDIT_NOTE, "editNote", "Changes the text of a note.", note)
        },
        Operation {
            caller: Caller::BearerAndCsrf,
            status: 204,
            body: &[("id", "string", true)],
            own: &[Code::Validation, Code::NotFound],
            ..post(paths::API_DELETE_NOTE, "deleteNote", "Deletes a note.", Answer::Nothing)
        },
        Operation {
            caller: Caller::BearerAndCsrf,
            body: &[("id", "string", true)],
            own: &[Code::Validation, Code::NotFound],
            ..post(paths::API_RESTORE_NOTE, "restoreNote", "Brings back a note deleted within a day.", note)
        },
    ]
}
