//! The operations of the notes.

use super::{Operation, call};
use crate::app::{api::notes, error::Code};

/// All of them.
pub(super) fn all() -> [Operation; 5] {
    [
        call::<notes::Notes>("notes", "The user's notes, the newest first."),
        Operation {
            status: 201,
            own: &[Code::Validation],
            ..call::<notes::AddNote>("addNote", "Adds a note: one, however often it is sent with the same id.")
        },
        Operation {
            own: &[Code::Validation, Code::NotFound],
            ..call::<notes::EditNote>("editNote", "Changes the text of a note.")
        },
        Operation {
            own: &[Code::Validation, Code::NotFound],
            ..call::<notes::DeleteNote>("deleteNote", "Deletes a note.")
        },
        Operation {
            own: &[Code::Validation, Code::NotFound],
            ..call::<notes::RestoreNote>("restoreNote", "Brings back a note deleted within a day.")
        },
    ]
}
