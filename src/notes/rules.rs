//! What a note is, and what its text may be. The page checks it at once; the server checks with the same functions
//! and decides.

use freshkey::app::types::Millis;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The maximum length of a text, in characters.
pub const TEXT_MAX: usize = 2000;
/// The maximum number of notes per user.
pub const NOTES_MAX: usize = 500;

/// One of the user's notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoteItem {
    /// A UUID, unique among the user's notes.
    pub id: String,
    /// Its text.
    pub text: String,
    /// When it was added, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub created_at: Millis,
    /// When its text was last changed, in milliseconds since 1970.
    #[schema(value_type = i64)]
    pub updated_at: Millis,
}

/// Normalises a text for storage: line breaks become `\n`, tabs become spaces, and the ends are trimmed.
pub fn tidy(typed: &str) -> String {
    typed.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ").trim().to_owned()
}

/// Returns what is wrong with a tidy text, in one sentence.
pub fn text_flaw(text: &str) -> Option<String> {
    let length = text.chars().count();
    if length == 0 {
        return Some("Write something first.".to_owned());
    }
    if length > TEXT_MAX {
        return Some(format!("Use at most {TEXT_MAX} characters. This has {length}."));
    }
    let flawed = text.chars().any(|c| c.is_control() && c != '\n');
    flawed.then(|| "Remove the control characters. A note is text and line breaks.".to_owned())
}

/// The message for a user who has reached [`NOTES_MAX`].
pub fn full() -> String {
    format!("You have {NOTES_MAX} notes, the most there can be. Delete one first.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_tidied_and_judged() {
        assert_eq!(tidy(" \r\n a\r\nb\rc\td \n"), "a\nb\nc d");
        assert_eq!(text_flaw("a\nb"), None);
        assert_eq!(text_flaw(&"ä".repeat(TEXT_MAX)), None);
        for (bad, word) in [("", "Write"), ("a\0b", "control"), (&"ä".repeat(TEXT_MAX + 1), "2001")] {
            assert!(text_flaw(bad).is_some_and(|sentence| sentence.contains(word)), "{word}");
        }
    }
}
