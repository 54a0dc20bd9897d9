//! The theme that the user chose, kept in the browser's storage as a name and nothing else.

use super::script;
use gloo_storage::{LocalStorage, Storage};
use leptos::prelude::window;

/// The storage key; `server/start.js` reads it too.
const KEY: &str = "theme";

/// Stores and applies the choice: `light`, `dark`, or empty for the system's theme. Without storage it lasts until
/// the user leaves the page.
pub fn choose(theme: &str) {
    // `raw` panics if there is no storage.
    if window().local_storage().is_ok_and(|storage| storage.is_some()) {
        // The crate's `set` would write JSON. If the storage is full, the previous choice stays in it.
        let _ = LocalStorage::raw().set_item(KEY, theme);
    }
    script::theme(theme);
}

/// Applies the stored theme, also to inputs that were added since.
pub fn show() {
    script::show_theme();
}
