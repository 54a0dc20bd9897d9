//! The theme that the person chose: kept in this browser's storage, as a name and nothing else.

use super::script;
use gloo_storage::{LocalStorage, Storage};
use leptos::prelude::window;

/// Where it is kept; `server/start.js` reads it.
const KEY: &str = "theme";

/// Keeps the choice, `light` or `dark`, or without one the system's; and applies it. A browser that keeps nothing
/// for this site has it until the page is left.
pub fn choose(theme: &str) {
    // `raw` panics where there is no storage.
    if window().local_storage().is_ok_and(|storage| storage.is_some()) {
        // The crate's `set` would write it as JSON. A storage that is full keeps the choice of before.
        let _ = LocalStorage::raw().set_item(KEY, theme);
    }
    script::theme(theme);
}

/// Applies what is kept, also to inputs that were not there when it was applied.
pub fn show() {
    script::show_theme();
}
