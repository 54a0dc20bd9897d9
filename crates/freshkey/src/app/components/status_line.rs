//! One quiet line while the server can't be reached.

use super::LiveText;
use crate::app::session::{Network, NetworkState};
use leptos::prelude::*;

/// The line. It is there from the beginning, empty: so it is announced when it says something.
#[component]
pub fn StatusLine() -> impl IntoView {
    let Network(network) = expect_context();
    let sentence = Signal::derive(move || {
        match network.get() {
            NetworkState::Fine => "",
            NetworkState::Offline => "You are offline. It goes on by itself when the network is back.",
            NetworkState::Unreachable => "The server can't be reached. We keep trying.",
            NetworkState::Busy => "The server is busy. We try again in a moment.",
        }
        .to_owned()
    });
    let says = move || network.get() != NetworkState::Fine;
    view! { <p class="status-line" class:status-line-said=says role="status"><LiveText text=sentence /></p> }
}
