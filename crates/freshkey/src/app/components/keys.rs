//! Keys.

use leptos::{ev::KeyboardEvent, wasm_bindgen::JsCast};

/// The event, if a key caused it. Password managers send events that are called `keydown` and name no key;
/// to ask them for one is an exception.
pub fn of_a_key(event: &KeyboardEvent) -> Option<&KeyboardEvent> {
    event.dyn_ref::<KeyboardEvent>()
}

/// Whether the event is about the key of this name.
pub fn is_key(event: &KeyboardEvent, name: &str) -> bool {
    of_a_key(event).is_some_and(|event| event.key() == name)
}
