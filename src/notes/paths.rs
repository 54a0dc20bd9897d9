//! Where the calls and the pages of the notes are.

use freshkey::app::paths::{APP, encode};

/// The list, and adding to it.
pub const NOTES: &str = "/api/notes";
/// Where a note is changed.
pub const EDIT: &str = "/api/notes/edit";
/// Where a note is deleted.
pub const DELETE: &str = "/api/notes/delete";
/// Where a deleted note is brought back.
pub const RESTORE: &str = "/api/notes/restore";

/// The dashboard, with this note open for editing.
pub fn edit(id: &str) -> String {
    format!("{APP}?edit={}", encode(id))
}

/// The dashboard, offering to bring this note back.
pub fn deleted(id: &str) -> String {
    format!("{APP}?deleted={}", encode(id))
}
