//! The page's session, as the client knows it. A live page shows it at once. A page that is still hydrating, perhaps
//! waiting for its code, has to stay as the server rendered it; it shows changes afterwards.

use crate::app::session::{Network, NetworkState, Session, SessionState};
use leptos::{ev, prelude::*};
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

thread_local! {
    static SHOWN: Cell<Option<Session>> = const { Cell::new(None) };
    static LIVE: Cell<bool> = const { Cell::new(false) };
    static NETWORK: Cell<Option<Network>> = const { Cell::new(None) };
    /// The signal that opens and closes the dialog "Confirm it's you".
    static CONFIRM: Cell<Option<RwSignal<bool>>> = const { Cell::new(None) };
    static LATER: RefCell<Option<SessionState>> = const { RefCell::new(None) };
    /// Whether the page is being reloaded.
    static LEFT: Cell<bool> = const { Cell::new(false) };
}

/// Sets the signals that the page shows.
pub(super) fn attach(session: Session, network: Network) {
    SHOWN.set(Some(session));
    NETWORK.set(Some(network));
}

/// Records that the page is hydrated, and shows what changed meanwhile.
pub(super) fn live() {
    LIVE.set(true);
    if let Some(state) = LATER.take() {
        set(state);
    }
}

/// Whether the page is hydrated.
pub(super) fn is_live() -> bool {
    LIVE.get()
}

/// The session's state; unknown if there is no page.
pub(super) fn session() -> SessionState {
    let shown = || SHOWN.get().and_then(|Session(shown)| shown.try_get_untracked());
    LATER.with_borrow(Clone::clone).or_else(shown).unwrap_or_default()
}

/// The path of the page's address.
pub(super) fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// Sets the state.
pub(super) fn set(state: SessionState) {
    let Some(Session(shown)) = SHOWN.get() else { return };
    let before = session();
    if before == state {
        return;
    }
    if is_live() {
        return shown.set(state);
    }
    let nobodys = state.view().is_none() && before.view().is_some();
    LATER.set(Some(state));
    if nobodys {
        // Hydration may take long, and the server would render another page by now.
        reload();
    }
}

/// Shows the network's state. A page that is not live yet shows it afterwards.
pub(super) fn set_network(state: NetworkState) {
    if let Some(Network(shown)) = NETWORK.get().filter(|_| is_live())
        && shown.try_get_untracked().is_some_and(|shown| shown != state)
    {
        shown.set(state);
    }
}

/// Sets the signal that opens and closes the page's dialog "Confirm it's you".
pub fn asks_by(confirm: RwSignal<bool>) {
    CONFIRM.set(Some(confirm));
}

/// Opens or closes that dialog; returns false if the page has none.
pub(super) fn ask_to_confirm(open: bool) -> bool {
    CONFIRM.get().is_some_and(|confirm| confirm.try_set(open).is_none())
}

/// Focuses the heading of a newly opened page. Users of a keyboard or a screen reader go on there, as after a
/// document load, and not at the end of the page because the link they followed is gone.
pub(super) fn opened() {
    // Wait until the page is rendered.
    request_animation_frame(|| {
        let main = |what: &str| document().query_selector(what).ok().flatten();
        // Two queries, because not every browser knows the second selector.
        if ["main :focus, dialog :focus, .toaster :focus", ":popover-open"].into_iter().any(|it| main(it).is_some()) {
            return; // something else has the focus already
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
            // Focusing fails if the heading is gone, which is fine.
            let _ = heading.focus_with_options(&options);
        }
    });
}

/// Asks the user before they close the page or leave the site while something is `unsaved`.
pub fn ask_before_leaving(unsaved: impl Fn() -> bool + 'static) {
    std::mem::forget(window_event_listener(ev::beforeunload, move |event| {
        if !LEFT.get() && unsaved() {
            event.prevent_default();
        }
    }));
}

/// Reloads the page from the server. It does not ask about unsaved changes: they belong to a user who is no longer
/// signed in.
pub(super) fn reload() {
    LEFT.set(true);
    // If the reload fails, the page stays as it is.
    let _ = window().location().reload();
}
