//! The paths of the notes' calls and pages.

use freshkey::app::paths::{APP, encode};

/// Lists notes (GET) and adds one (POST).
pub const NOTES: &str = "/api/notes";
/// Changes a note's text.
pub const EDIT: &str = "/api/notes/edit";
/// Deletes a note.
pub const DELETE: &str = "/api/notes/delete";
/// Restores a deleted note.
pub const RESTORE: &str = "/api/notes/restore";

/// The dashboard with this note open for editing.
pub fn edit(id: &str) -> String {
    format!("{APP}?edit={}", encode(id))
}

/// The dashboard with an offer to restore this note.
pub fn deleted(id: &str) -> String {
    format!("{APP}?deleted={}", encode(id))
}
