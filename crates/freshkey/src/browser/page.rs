//! The session of the page, as the client knows it by now. A page that is live shows it at once. One that
//! is still being taken over, perhaps waiting for its code, has to stay what the server rendered: what is
//! news by then is shown afterwards.

use crate::app::session::{Session, SessionState};
use leptos::{ev, prelude::*};
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

thread_local! {
    static SHOWN: Cell<Option<Session>> = const { Cell::new(None) };
    static LIVE: Cell<bool> = const { Cell::new(false) };
    static LATER: RefCell<Option<SessionState>> = const { RefCell::new(None) };
    /// Whether it is being loaded anew.
    static LEFT: Cell<bool> = const { Cell::new(false) };
}

/// Where the page shows it.
pub(super) fn attach(session: Session) {
    SHOWN.set(Some(session));
}

/// The page has been taken over.
pub(super) fn live() {
    LIVE.set(true);
    if let Some(state) = LATER.take() {
        set(state);
    }
}

/// Whether the page has been taken over.
pub(super) fn is_live() -> bool {
    LIVE.get()
}

/// What is known. None: there is no page.
pub(super) fn with<T>(look: impl FnOnce(&SessionState) -> T) -> Option<T> {
    let Session(shown) = SHOWN.get()?;
    LATER.with_borrow(|later| match later {
        Some(later) => Some(look(later)),
        None => shown.try_with_untracked(look),
    })
}

/// It is this from now on.
pub(super) fn set(state: SessionState) {
    let Some(Session(shown)) = SHOWN.get() else { return };
    if with(|before| *before == state) == Some(true) {
        return;
    }
    if is_live() {
        return shown.set(state);
    }
    let nobodys = state.view().is_none() && with(|before| before.view().is_some()) == Some(true);
    LATER.set(Some(state));
    if nobodys {
        // It may wait for long, and the server has another one.
        reload();
    }
}

/// Another page was opened in this one. Whoever works with the keyboard, or listens, goes on at its
/// heading, as after the load of a document: not at the end of the page, where the link was that is gone.
pub(super) fn opened() {
    // When it is there.
    request_animation_frame(|| {
        let main = |what: &str| document().query_selector(what).ok().flatten();
        // Apart from the rest: not every browser knows the latter.
        if ["main :focus, dialog :focus, .toaster :focus", ":popover-open"].into_iter().any(|it| main(it).is_some()) {
            return; // somebody was quicker
        }
        if let Some(heading) = main("main [autofocus]")
            .or_else(|| main("main h1"))
            .or_else(|| main("main"))
            .and_then(|heading| heading.dyn_into::<HtmlElement>().ok())
        {
            if !heading.has_attribute("autofocus") {
                heading.set_tab_index(-1);
            }
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            // A heading that is gone can't be focused; nothing to do about it.
            let _ = heading.focus_with_options(&options);
        }
    });
}

/// Whoever closes the page, or leads it to another site, is asked first while something is `unsaved`.
pub fn ask_before_leaving(unsaved: impl Fn() -> bool + 'static) {
    std::mem::forget(window_event_listener(ev::beforeunload, move |event| {
        if !LEFT.get() && unsaved() {
            event.prevent_default();
        }
    }));
}

/// Has the server render it anew. What is not saved is of nobody who is here: there is no question.
pub(super) fn reload() {
    LEFT.set(true);
    // A page that can't be loaded again stays as it is.
    let _ = window().location().reload();
}
