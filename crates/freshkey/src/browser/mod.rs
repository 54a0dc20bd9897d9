//! The browser's half: WebAssembly only. [`crate::client`] decides; this performs it.
//!
//! | file | what it does |
//! |---|---|
//! | [`driver`] | tells the client what happens, and does what it says; the shared refresh that all callers wait for |
//! | [`watch`] | what the user and the browser do |
//! | [`call`] | calls to server functions: attach the token, refresh once, send once more |
//! | [`step_up`] | confirming a sensitive action |
//! | [`fetch`] | one request, one answer |
//! | [`flight`] | single flight within a tab: a future that any number of callers join |
//! | [`refresh_lock`] | single flight among tabs: a lock that saves requests |
//! | [`tabs`] | the channel to the other tabs |
//! | [`waiting`] | calls that wait: for the user, or for the server |
//! | [`page`] | what the page shows, and when it may be shown |
//! | [`access`] | what the page shows of the access token |
//! | [`files`] | copying to the clipboard, saving a file |
//! | [`passkeys`] | calls to `navigator.credentials` |
//! | [`parts`] | loading the code of a page that has a file of its own |
//! | [`json`] | reading JSON |
//! | [`script`] | the script that starts the client, and stops it after a panic |
//! | [`theme`] | the theme that the user chose |
//! | [`clock`] | this machine's clocks |

pub mod access;
pub mod call;
pub mod clock;
pub mod driver;
pub mod fetch;
pub mod files;
pub mod flight;
pub mod json;
pub mod page;
pub mod parts;
pub mod passkeys;
pub mod refresh_lock;
pub mod script;
pub mod step_up;
pub mod tabs;
pub mod theme;
pub mod waiting;
pub mod watch;

use crate::{
    app::{
        brand::REFUSED,
        ids,
        session::{Network, Session},
        types::{EndReason, Millis},
    },
    client::{event::Event, state::Client},
};
use gloo_timers::future::TimeoutFuture;
use leptos::{mount::hydrate_from_async, prelude::*, tachys::dom::body};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

/// Takes over the page that the server rendered with `app`. Then `script` sets `data-hydrated`, for tests and style
/// sheets; nothing depends on it.
pub fn hydrate<V: IntoView + 'static>(script: script::Script, app: fn() -> V) {
    script::attach(script);
    spawn_local(async move {
        hydrate_from_async(body(), app).await.forget();
        page::live();
        page::set_network(driver::read(Client::network));
        script::live();
    });
}

/// Lets the client update the page's session and network state. The server rendered the page at `rendered_at`.
pub fn attach(session: Session, network: Network, rendered_at: Millis) {
    page::attach(session, network);
    watch::watch(rendered_at);
}

/// The time on the server's clock, or on this machine's until the server's is known.
#[expect(clippy::cast_possible_truncation, reason = "a moment after 1970")]
pub fn now() -> Millis {
    driver::read_now(Client::server_now).unwrap_or_else(|| Millis(clock::wall_ms() as i64))
}

/// Formats a time in this machine's time zone: `28 Nov 2026, 16:11`.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
pub fn local_time(at: Millis) -> String {
    let style = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        // Setting a property of a plain object can't fail.
        let _ = js_sys::Reflect::set(&style, &name.into(), &value.into());
    }
    js_sys::Date::new(&(at.0 as f64).into()).to_locale_string("en-GB", &style).into()
}

/// Waits for `ms` milliseconds.
pub async fn pause(ms: u32) {
    TimeoutFuture::new(ms).await;
}

/// The browser's `User-Agent`.
pub fn user_agent() -> Option<String> {
    window().navigator().user_agent().ok()
}

/// Signs the user out here: forgets the tokens, and tells the page and the other tabs.
pub fn signed_out(reason: Option<EndReason>) {
    driver::dispatch(Event::SignedOut(reason));
}

/// Signs out only this page, because the user will not sign in again over it. Other tabs stay, so that what was typed
/// there is not lost.
pub fn leave(reason: Option<EndReason>) {
    driver::dispatch(Event::Left(reason));
}

/// Sets the window's title for a newly opened page, and moves the focus to its beginning. During hydration the
/// server's title stays.
pub fn set_title(title: &str) {
    if page::is_live() {
        document().set_title(title);
        page::opened();
    }
}

/// Adds a prefix to the window's title if a form was refused, and removes it otherwise.
pub fn title_refused(refused: bool) {
    let title = document().title();
    let page = title.strip_prefix(REFUSED).unwrap_or(&title);
    let title = if refused { REFUSED.to_owned() + page } else { page.to_owned() };
    document().set_title(&title);
}

/// Removes the focus, so that a newly added element may take it.
pub fn blur() {
    if let Some(Ok(element)) = document().active_element().map(JsCast::dyn_into::<web_sys::HtmlElement>) {
        let _ = element.blur();
    }
}

/// Returns a new id for one of the user's items. It has to be unique among the user's own and is no secret, so any
/// randomness will do.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255, and whole")]
pub fn fresh_id() -> String {
    ids::id_of(std::array::from_fn(|_| (js_sys::Math::random() * 256.0).floor() as u8))
}

#[cfg(test)]
mod tests;
