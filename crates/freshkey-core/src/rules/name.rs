//! The rules for a name: nearly anything with visible characters, and nothing that changes how the rest of the page
//! is shown.

use crate::rules::visible;

/// The longest name, in characters.
const MAX_CHARS: usize = 100;

/// Returns a sentence for the user about what is wrong with a name.
pub fn flaw(name: &str) -> Option<String> {
    if name.chars().count() > MAX_CHARS || name.chars().any(char::is_control) {
        return Some(format!("Use at most {MAX_CHARS} characters, on one line."));
    }
    if name.chars().any(visible::steers) {
        return Some("Remove the invisible characters that change the direction of writing or the line.".to_owned());
    }
    (!visible::shows(name)).then(|| "Use at least one character that can be seen.".to_owned())
}
