//! The client: WebAssembly only.
//!
//! | file | what it does |
//! |---|---|
//! | [`page`] | the page's session state, and when it may be shown |
//! | [`access`] | the access token, in memory and nowhere else |
//! | [`answer`] | an answer with a token, and its form for other tabs |
//! | [`refresh`] | the single-flight refresh, shared by all callers |
//! | [`flight`] | single flight within a tab: a future that any number of callers join |
//! | [`sign_out`] | signing out, without a refresh getting in between |
//! | [`turn`] | single flight among tabs: a lock that saves requests |
//! | [`tabs`] | messages between tabs |
//! | [`call`] | calls to server functions: attach the token, refresh once, send once more |
//! | [`waiting`] | calls that wait until the user has signed in again, or confirmed that it is them |
//! | [`step_up`] | confirming a sensitive action |
//! | [`fetch`] | one request, one answer |
//! | [`files`] | copying to the clipboard, saving a file |
//! | [`passkeys`] | calls to `navigator.credentials` |
//! | [`parts`] | loading the code of a page that has a file of its own |
//! | [`json`] | reading JSON |
//! | [`lab`] | the page `/lab`, with throw-away tokens |
//! | [`script`] | the script that starts the client, and stops it after a panic |
//! | [`theme`] | the theme that the user chose |
//! | [`presence`] | whether the user is there; renews the token while they are |
//! | [`network`] | whether the server can be reached |
//! | [`server_clock`] | the server's time, as far as the client knows it |

pub mod access;
pub mod answer;
pub mod call;
pub mod fetch;
pub mod files;
pub mod flight;
pub mod json;
pub mod lab;
pub mod network;
pub mod page;
pub mod parts;
pub mod passkeys;
pub mod presence;
pub mod refresh;
pub mod script;
pub mod server_clock;
pub mod sign_out;
pub mod step_up;
pub mod tabs;
pub mod theme;
pub mod turn;
pub mod waiting;

use crate::app::{
    brand::REFUSED,
    ids, paths,
    session::{Network, Session, SessionState, SessionView},
    types::{EndReason, TokenAnswer},
};
use leptos::{mount::hydrate_from_async, prelude::*, tachys::dom::body};
use tabs::Said;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

/// Takes over the page that the server rendered with `app`. Then `script` sets `data-hydrated`, for tests and style
/// sheets; nothing depends on it.
pub fn hydrate<V: IntoView + 'static>(script: script::Script, app: fn() -> V) {
    script::attach(script);
    spawn_local(async move {
        hydrate_from_async(body(), app).await.forget();
        page::live();
        network::show();
        script::live();
    });
}

/// Lets the client update the page's session and network state.
pub fn attach(session: Session, network: Network) {
    page::attach(session);
    network::attach(network);
    tabs::open();
    presence::watch();
    // The server did not know while it rendered the page. It may by now; the page changes when the answer arrives.
    if page::with(|state| *state == SessionState::Unknown) == Some(true) {
        spawn_local(async { drop(refresh::instead_of(None).await) });
    }
}

/// Milliseconds since 1970 on the server's clock, or on this machine's until the server's is known.
#[expect(clippy::cast_possible_truncation, reason = "a moment after 1970")]
pub fn now() -> i64 {
    let server = server_clock::now().and_then(|now| i64::try_from(now).ok());
    server.unwrap_or_else(|| js_sys::Date::now() as i64)
}

/// Formats a time in this machine's time zone: `28 Nov 2026, 16:11`.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
pub fn local_time(ms: i64) -> String {
    let style = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        // Setting a property of a plain object can't fail.
        let _ = js_sys::Reflect::set(&style, &name.into(), &value.into());
    }
    js_sys::Date::new(&(ms as f64).into()).to_locale_string("en-GB", &style).into()
}

/// The browser's `User-Agent`.
pub fn user_agent() -> Option<String> {
    window().navigator().user_agent().ok()
}

/// Returns the id of the user whose data the page shows, if any.
fn page_user() -> Option<String> {
    page::with(|state| state.view().map(|view| view.user.id.clone())).flatten()
}

/// Whether the page waits for its user to sign in again.
fn is_interrupted() -> bool {
    page::with(|state| matches!(state, SessionState::Interrupted(..))) == Some(true)
}

/// Records that this user is signed in here. If the page belongs to another user, it is reloaded and this returns
/// false; nothing that it had begun is sent as the new user.
fn signed_in_here(answer: &TokenAnswer) -> bool {
    if page_user().is_some_and(|user| user != answer.user.id) {
        access::forget();
        page::reload();
        return false;
    }
    let now = SessionView { user: answer.user.clone(), csrf_token: answer.csrf_token.reveal().to_owned() };
    let anew = is_interrupted();
    page::set(SessionState::SignedIn(now));
    waiting::resume(&waiting::SIGN_IN);
    if anew {
        step_up::resume();
    }
    true
}

/// Signs the user out here: forgets the tokens, and tells the page and the other tabs.
pub fn signed_out(reason: Option<EndReason>) {
    tabs::say(&Said::SignedOut);
    signed_out_here(reason);
}

/// Signs out only this page, because the user will not sign in again over it. Other tabs stay, so that what was typed
/// there is not lost.
pub fn leave(reason: Option<EndReason>) {
    signed_out_here(reason);
}

fn signed_out_here(reason: Option<EndReason>) {
    access::forget();
    waiting::give_up(&waiting::SIGN_IN);
    step_up::not_confirmed();
    page::set(SessionState::SignedOut(reason));
}

/// Handles the server's word that the session is over: forgets the tokens, and tells the page and the other tabs.
fn over(reason: Option<EndReason>) {
    tabs::say(&Said::Over(reason));
    over_here(reason);
}

/// Ends the session in this tab. A page that shows the user's data stays as it is, with everything typed, and asks
/// the user to sign in again. The first reason wins: the cookie goes with that answer, so a late call that asks again
/// is told no reason.
fn over_here(reason: Option<EndReason>) {
    let known = page::with(|state| (state.view().cloned(), state.reason()));
    let Some((view, known)) = known else { return access::forget() };
    let reason = known.or(reason);
    match view {
        Some(view) if paths::is_protected(&here()) => {
            access::forget();
            page::set(SessionState::Interrupted(view, reason));
        }
        _ => signed_out_here(reason),
    }
}

fn here() -> String {
    window().location().pathname().unwrap_or_default()
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
