//! What the user and the device do, as the browser says it.

use super::client::{close_channel, happened, open_channel};
use crate::client::Event;
use leptos::{ev, prelude::*};

/// Begins to watch, for as long as the page lives.
pub(super) fn watch() {
    std::mem::forget([
        window_event_listener(ev::pointerdown, |_| happened(Event::Touched)),
        window_event_listener(ev::keydown, |_| happened(Event::Touched)),
        window_event_listener(ev::visibilitychange, |_| happened(Event::VisibilityChanged)),
        window_event_listener(ev::online, |_| happened(Event::Online)),
        window_event_listener(ev::offline, |_| happened(Event::Offline)),
        window_event_listener(ev::pagehide, |_| close_channel()),
        window_event_listener(ev::pageshow, |event| {
            if event.persisted() {
                open_channel();
                happened(Event::Returned);
            }
        }),
    ]);
}
