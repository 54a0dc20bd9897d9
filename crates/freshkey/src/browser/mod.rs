//! The client: WebAssembly only.
//!
//! | file | what it does |
//! |---|---|
//! | [`page`] | what the page knows of its session, and when it may show it |
//! | [`access`] | the access token, in memory and nowhere else |
//! | [`answer`] | an answer with a token, and how it is handed on |
//! | [`refresh`] | THE refresh, shared by all who wait for it |
//! | [`flight`] | what makes it one in a tab: a future that any number of callers join |
//! | [`sign_out`] | the way out, which no refresh crosses |
//! | [`turn`] | what makes it one among tabs: a lock that saves requests |
//! | [`tabs`] | what one tab learns, all know |
//! | [`call`] | a server function's way from the browser: attach, refresh once, send once more |
//! | [`waiting`] | calls that wait until the person has signed in again, or confirmed that it is them |
//! | [`step_up`] | confirming that it is you |
//! | [`fetch`] | one request, one answer |
//! | [`files`] | what the person takes along: the clipboard, a file |
//! | [`passkeys`] | what `navigator.credentials` is asked, and told |
//! | [`parts`] | the code of a page that has a file of its own |
//! | [`json`] | what an answer says |
//! | [`lab`] | what the page `/lab` does, with throw-away tokens |
//! | [`script`] | the script that started the client, and takes it away again |
//! | [`theme`] | the theme that the person chose |
//! | [`presence`] | whether somebody is there, and what is looked after then |
//! | [`network`] | whether the server can be reached, for the page to say |
//! | [`server_clock`] | the server's time, as far as it is known here |

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

/// Takes over the page that the server rendered with `app`. `script` says when it has `data-hydrated`: that is
/// for tests and for style sheets; nothing depends on it.
pub fn hydrate<V: IntoView + 'static>(script: script::Script, app: fn() -> V) {
    script::attach(script);
    spawn_local(async move {
        hydrate_from_async(body(), app).await.forget();
        page::live();
        network::show();
        script::live();
    });
}

/// Lets the client set the page's session and network.
pub fn attach(session: Session, network: Network) {
    page::attach(session);
    network::attach(network);
    tabs::open();
    presence::watch();
    // The server could not say. By now it may; the page changes when the answer comes.
    if page::with(|state| *state == SessionState::Unknown) == Some(true) {
        spawn_local(async { drop(refresh::instead_of(None).await) });
    }
}

/// Milliseconds since 1970 on the server's clock; on this machine's while the server's is not known.
#[expect(clippy::cast_possible_truncation, reason = "a moment after 1970")]
pub fn now() -> i64 {
    let server = server_clock::now().and_then(|now| i64::try_from(now).ok());
    server.unwrap_or_else(|| js_sys::Date::now() as i64)
}

/// The moment in the zone of this machine: `28 Nov 2026, 16:11`.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
pub fn local_time(ms: i64) -> String {
    let style = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        // A plain object takes what it is given.
        let _ = js_sys::Reflect::set(&style, &name.into(), &value.into());
    }
    js_sys::Date::new(&(ms as f64).into()).to_locale_string("en-GB", &style).into()
}

/// What the browser calls itself.
pub fn user_agent() -> Option<String> {
    window().navigator().user_agent().ok()
}

/// The user that the page was made for, while it shows what is his.
fn page_user() -> Option<String> {
    page::with(|state| state.view().map(|view| view.user.id.clone())).flatten()
}

/// Whether the page waits for its user to sign in again.
fn is_interrupted() -> bool {
    page::with(|state| matches!(state, SessionState::Interrupted(..))) == Some(true)
}

/// This user is signed in here. False if the page was made for another one: then it starts afresh,
/// and nothing that it had begun is sent in the name of the new one.
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

/// The person signed out: the tokens are forgotten, the page and the other tabs are told.
pub fn signed_out(reason: Option<EndReason>) {
    tabs::say(&Said::SignedOut);
    signed_out_here(reason);
}

/// The person will not sign in again over this page. Others may: what was typed there is not lost.
pub fn leave(reason: Option<EndReason>) {
    signed_out_here(reason);
}

fn signed_out_here(reason: Option<EndReason>) {
    access::forget();
    waiting::give_up(&waiting::SIGN_IN);
    step_up::not_confirmed();
    page::set(SessionState::SignedOut(reason));
}

/// The server said that the session is over: the tokens are forgotten, the page and the other tabs
/// are told.
fn over(reason: Option<EndReason>) {
    tabs::say(&Said::Over(reason));
    over_here(reason);
}

/// A page that shows what is the user's stays as it is, with all that was typed, and asks to sign in
/// again. The first word on why stands: the cookie goes with it, and who asks once more, for a call that
/// came back late, is told of no reason.
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

/// Names the window after the page that is opened, and goes to its beginning. While a page is taken over, it has the
/// title that the server gave it.
pub fn set_title(title: &str) {
    if page::is_live() {
        document().set_title(title);
        page::opened();
    }
}

/// Says in the window's title whether a form was refused.
pub fn title_refused(refused: bool) {
    let title = document().title();
    let page = title.strip_prefix(REFUSED).unwrap_or(&title);
    let title = if refused { REFUSED.to_owned() + page } else { page.to_owned() };
    document().set_title(&title);
}

/// Nothing has the focus any more: what comes into the page may take it.
pub fn blur() {
    if let Some(Ok(element)) = document().active_element().map(JsCast::dyn_into::<web_sys::HtmlElement>) {
        let _ = element.blur();
    }
}

/// A new id for something of the user's. It has to be unique among theirs and is no secret, so that
/// any randomness will do.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255, and whole")]
pub fn fresh_id() -> String {
    ids::id_of(std::array::from_fn(|_| (js_sys::Math::random() * 256.0).floor() as u8))
}

#[cfg(test)]
mod tests;
