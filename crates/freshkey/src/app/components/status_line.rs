//! One quiet line, shown while the server can't be reached.

use super::{LiveText, fixed};
use crate::app::session::{Network, NetworkState};
use leptos::prelude::*;

/// The line. It is in the page from the start, empty, so that screen readers announce its text when it changes.
#[component]
pub fn StatusLine() -> impl IntoView {
    let Network(network) = expect_context();
    let sentence = Signal::derive(move || {
        match network.get() {
            NetworkState::Fine => "",
            NetworkState::Offline => "You're offline. We'll send your changes when you're back.",
            NetworkState::Unreachable => "Can't reach the server. Retrying…",
            NetworkState::Busy => "The server is busy. Retrying in a moment…",
        }
        .to_owned()
    });
    let says = move || network.get() != NetworkState::Fine;
    view! {
        <p class="status-line" class:status-line-said={says} {..fixed([("role", "status")])}><LiveText text=sentence /></p>
    }
}
