//! Where the focus goes when an item is removed from a list.

use leptos::{html, prelude::*, wasm_bindgen::JsCast};
use std::ops::Deref;

/// Moves the focus on before `item` is removed from its list: into the next item, else the one before, else to the
/// list's `heading`, which needs `tabindex="-1"`. With the button that had it, the browser would lose the focus, and a
/// user of the keyboard would be at the top of the page again. A focus that is elsewhere by now stays there.
pub fn focus_past_item(item: NodeRef<html::Li>, heading: NodeRef<html::H2>) {
    let (item, heading) = (item.try_get_untracked().flatten(), heading.try_get_untracked().flatten());
    let (Some(item), Some(heading)) = (item, heading) else { return };
    if document().active_element().is_some_and(|it| it.tag_name() != "BODY" && !item.contains(Some(&it))) {
        return;
    }
    let neighbour = item.next_element_sibling().or_else(|| item.previous_element_sibling());
    let control = neighbour.and_then(|it| it.query_selector("a[href], button").ok()?);
    // Any element can have the focus, so not as a heading.
    let mut to = heading.deref().clone();
    if let Some(control) = control.and_then(|it| it.dyn_into().ok()) {
        to = control;
    }
    // Focusing fails if it is gone, which is fine.
    let _ = to.focus();
}
