//! Keyboard events.

use leptos::{ev::KeyboardEvent, wasm_bindgen::JsCast};

/// Returns the event if a key caused it. Password managers dispatch events named `keydown` that have no key; reading
/// the key of one throws.
pub fn of_a_key(event: &KeyboardEvent) -> Option<&KeyboardEvent> {
    event.dyn_ref::<KeyboardEvent>()
}

/// Whether the event is for the key with this name.
pub fn is_key(event: &KeyboardEvent, name: &str) -> bool {
    of_a_key(event).is_some_and(|event| event.key() == name)
}
