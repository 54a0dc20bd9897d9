//! Whether the user is there. While they are, the token is renewed shortly before it expires; while they are not, the
//! client asks nothing of the server. When they come back, from another window, from sleep, or from no network, the
//! client checks the network and the session.

use super::{
    access::{self, Access},
    fetch::{self, Outgoing},
    network, page_user, refresh, tabs,
};
use crate::app::{api::me::Me, error::ApiError};
use gloo_timers::callback::Timeout;
use http::Method;
use leptos::{ev, prelude::*, server_fn::ServerFn};
use std::cell::{Cell, RefCell};
use wasm_bindgen_futures::spawn_local;
use web_sys::VisibilityState;

/// How long before its expiry a token is renewed, in milliseconds. A token that hardly lives longer is not renewed
/// ahead of time.
const AHEAD_MS: f64 = 30_000.0;
/// The user counts as away after this many milliseconds without input.
const IDLE_MS: f64 = 5.0 * 60_000.0;
/// After the page was hidden for this many milliseconds, the client checks the session.
const AWAY_MS: f64 = 60_000.0;

thread_local! {
    static TOUCHED_AT: Cell<f64> = const { Cell::new(f64::NEG_INFINITY) };
    static HIDDEN_AT: Cell<Option<f64>> = const { Cell::new(None) };
    static TIMER: RefCell<Option<Timeout>> = const { RefCell::new(None) };
}

/// Starts watching, for as long as the page lives.
pub(super) fn watch() {
    TOUCHED_AT.set(js_sys::Date::now());
    std::mem::forget([
        window_event_listener(ev::pointerdown, |_| touched()),
        window_event_listener(ev::keydown, |_| touched()),
        window_event_listener(ev::visibilitychange, |_| seen_or_hidden()),
        window_event_listener(ev::online, |_| spawn_local(check())),
        window_event_listener(ev::offline, |_| network::lost()),
        window_event_listener(ev::pagehide, |_| tabs::close()),
        window_event_listener(ev::pageshow, |event| {
            if event.persisted() {
                tabs::open();
                spawn_local(look_again());
            }
        }),
    ]);
}

/// Schedules the renewal of a new token.
pub(super) fn plan() {
    let Some(access) = access::current().filter(|access| lives_long(access)) else { return };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a token's life")]
    let wait = (access.remaining_ms() - AHEAD_MS).max(0.0) as u32;
    TIMER.set(Some(Timeout::new(wait, renew_if_due)));
}

/// Whether the page is visible.
pub(super) fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

/// Checks the network, and the session if there is one.
pub(super) async fn check() {
    if page_user().is_some() {
        // The call itself updates the page's state.
        drop(ask().await);
    } else {
        fetch::is_there().await;
    }
}

/// Checks again after the page came from the back/forward cache: somebody may have signed in or out since.
async fn look_again() {
    if page_user().is_some() {
        check().await;
    } else {
        drop(refresh::instead_of(None).await);
    }
}

/// Asks who is signed in. It does not use the server function, which would wait for the network: this request is what
/// finds it.
async fn ask() -> Result<(), ApiError> {
    let access = match access::current() {
        Some(access) => access,
        None => refresh::instead_of(access::latest().as_ref()).await?,
    };
    let request = Outgoing::new(&Method::GET, Me::PATH, &Me {})?;
    match request.send(Some(&access), None).await {
        Err(refused) if refused.code.wants_refresh() => refresh::instead_of(Some(&access)).await.map(drop),
        answered => answered.map(drop),
    }
}

fn lives_long(access: &Access) -> bool {
    access.life_ms() > 2.0 * AHEAD_MS
}

fn touched() {
    TOUCHED_AT.set(js_sys::Date::now());
    renew_if_due();
}

fn seen_or_hidden() {
    if !is_visible() {
        HIDDEN_AT.set(Some(js_sys::Date::now()));
        return;
    }
    TOUCHED_AT.set(js_sys::Date::now());
    match HIDDEN_AT.take() {
        Some(at) if since(at) > AWAY_MS => spawn_local(check()),
        _ => renew_if_due(),
    }
}

/// Milliseconds since then, by the wall clock, which goes on while the machine sleeps. If the clock was set back, the
/// difference counts as time away.
fn since(at: f64) -> f64 {
    (js_sys::Date::now() - at).abs()
}

fn renew_if_due() {
    let somebody = is_visible() && since(TOUCHED_AT.get()) < IDLE_MS;
    let due = access::latest().filter(|access| lives_long(access) && access.remaining_ms() <= AHEAD_MS);
    if let Some(access) = due.filter(|_| somebody && page_user().is_some()) {
        spawn_local(async move { drop(refresh::instead_of(Some(&access)).await) });
    }
}
