//! The page as its user meets it: the focus, and the question before it is left.

use super::client;
use crate::client::State;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

/// Names the window after the page that is opened, and goes to its beginning.
pub fn set_title(title: &str) {
    document().set_title(title);
    opened();
}

/// Another page was opened in this one. Whoever works with the keyboard, or listens, goes on at its
/// heading, as after the load of a document: not at the end of the page, where the link was that is gone.
fn opened() {
    if client::with_state(State::is_live) {
        // When it is there.
        request_animation_frame(|| {
            let main = |what: &str| document().query_selector(what).ok().flatten();
            if main("main :focus, dialog :focus, .toaster :focus").is_some() {
                return; // somebody was quicker
            }
            if let Some(heading) =
                main("main h1").or_else(|| main("main")).and_then(|heading| heading.dyn_into::<HtmlElement>().ok())
            {
                heading.set_tab_index(-1);
                let options = FocusOptions::new();
                options.set_prevent_scroll(true);
                // A heading that is gone can't be focused; nothing to do about it.
                let _ = heading.focus_with_options(&options);
            }
        });
    }
}

/// Whoever closes the page, or leads it to another site, is asked first while something is `unsaved`. Not where the
/// client loads it anew: what is not saved there is of nobody who is here.
pub fn ask_before_leaving(unsaved: impl Fn() -> bool + 'static) {
    std::mem::forget(window_event_listener(ev::beforeunload, move |event| {
        if !client::is_reloading() && unsaved() {
            event.prevent_default();
        }
    }));
}
