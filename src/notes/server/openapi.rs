//! The notes' entries in the OpenAPI description.

use crate::notes::{api, rules::TEXT_MAX};
use freshkey::{
    app::error::Code,
    server::openapi::{Operation, call},
};

/// Returns the entries of all notes calls.
pub fn operations() -> Vec<Operation> {
    vec![
        call::<api::Notes>("notes", "The user's notes, the newest first."),
        call::<api::AddNote>("addNote", "Adds a note: one, however often it is sent with the same id.")
            .answers(201)
            .refuses(&[Code::Validation])
            .at_most("text", TEXT_MAX),
        call::<api::EditNote>("editNote", "Changes the text of a note.")
            .refuses(&[Code::Validation, Code::NotFound])
            .at_most("text", TEXT_MAX),
        call::<api::DeleteNote>("deleteNote", "Deletes a note.").refuses(&[Code::Validation, Code::NotFound]),
        call::<api::RestoreNote>("restoreNote", "Brings back a note deleted within a day.")
            .refuses(&[Code::Validation, Code::NotFound]),
    ]
}
