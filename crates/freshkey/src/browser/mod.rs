//! The client in the browser: WebAssembly only. What it does when something happens, the rules in `client/` decide;
//! here is how.
//!
//! | file | what it does |
//! |---|---|
//! | [`client`] | the client's state, and the one place where its effects are carried out |
//! | [`call`] | a server function's way from the browser |
//! | [`fetch`] | one request, one answer |
//! | [`json`] | what an answer says |
//! | [`lock`] | the lock by which tabs take turns |
//! | [`channel`] | what tabs tell each other |
//! | [`presence`] | what the user and the device do |
//! | [`page`] | the focus, the title, the question before the page is left |
//! | [`parts`] | the code of a page that has a file of its own |
//! | [`lab`] | what the page `/lab` does, with throw-away tokens |
//! | [`script`] | the script that started the client, and takes it away again |

pub mod call;
mod channel;
pub mod client;
pub mod fetch;
pub mod json;
pub mod lab;
mod lock;
pub mod page;
pub mod parts;
mod presence;
pub mod script;

use crate::{
    app::{
        ids,
        session::{Network, Session},
        types::EndReason,
    },
    client::Event,
};
use leptos::{mount::hydrate_from_async, prelude::*, tachys::dom::body};
use script::StartScript;
use std::panic;
use wasm_bindgen_futures::spawn_local;

/// Takes over the page that the server rendered with `app`. `script` says when it has `data-hydrated`: that is
/// for tests and for style sheets; nothing depends on it. From here on a panic ends the client.
pub fn hydrate<V: IntoView + 'static>(script: script::Script, app: fn() -> V) {
    client::with_script(|kept| kept.attach(script));
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        client::with_script(StartScript::end);
    }));
    spawn_local(async move {
        hydrate_from_async(body(), app).await.forget();
        client::happened(Event::Live);
        client::with_script(StartScript::live);
    });
}

/// Lets the client set the page's session and network.
pub fn attach(session: Session, network: Network) {
    presence::watch();
    client::attach(session, network);
}

/// The user signed out: the tokens are forgotten, the page and the other tabs are told.
pub fn signed_out(reason: Option<EndReason>) {
    client::happened(Event::SignedOut(reason));
}

/// The user will not sign in again over this page. In other tabs they may: what was typed there is not lost.
pub fn leave(reason: Option<EndReason>) {
    client::happened(Event::Left(reason));
}

/// A new id for something of the user's. It has to be unique among theirs and is no secret, so that
/// any randomness will do.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255, and whole")]
pub fn fresh_id() -> String {
    ids::id_of(std::array::from_fn(|_| (js_sys::Math::random() * 256.0).floor() as u8))
}

#[cfg(test)]
mod tests;
