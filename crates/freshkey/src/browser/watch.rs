//! Tells the client what the user and the browser do.

use super::{driver::dispatch, tabs};
use crate::{app::types::Millis, client::event::Event};
use leptos::{ev, prelude::*};

/// Starts watching, for as long as the page lives. The server rendered it at `rendered_at`.
pub fn watch(rendered_at: Millis) {
    let listen = || tabs::open(|message| dispatch(Event::Heard(message)));
    listen();
    std::mem::forget([
        window_event_listener(ev::pointerdown, |_| dispatch(Event::Touched)),
        window_event_listener(ev::keydown, |_| dispatch(Event::Touched)),
        window_event_listener(ev::visibilitychange, |_| dispatch(Event::Visibility)),
        window_event_listener(ev::online, |_| dispatch(Event::Connection)),
        window_event_listener(ev::offline, |_| dispatch(Event::Connection)),
        window_event_listener(ev::pagehide, |_| tabs::close()),
        window_event_listener(ev::pageshow, move |event| {
            if event.persisted() {
                listen();
                dispatch(Event::Restored);
            }
        }),
    ]);
    dispatch(Event::Loaded(rendered_at));
}
