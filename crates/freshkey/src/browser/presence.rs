//! Whether somebody is there. While somebody is, the token is renewed shortly before it runs out;
//! while nobody is, nothing is asked of the server. Whoever comes back, from another window, from
//! sleep, from no network, finds what still stands.

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

/// Renewed so many milliseconds before it runs out. A token that hardly lives longer is not renewed
/// ahead of time.
const AHEAD_MS: f64 = 30_000.0;
/// Nobody is there who has not touched anything for so many milliseconds.
const IDLE_MS: f64 = 5.0 * 60_000.0;
/// Whoever was away for so many milliseconds finds what still stands.
const AWAY_MS: f64 = 60_000.0;

thread_local! {
    static TOUCHED_AT: Cell<f64> = const { Cell::new(f64::NEG_INFINITY) };
    static HIDDEN_AT: Cell<Option<f64>> = const { Cell::new(None) };
    static TIMER: RefCell<Option<Timeout>> = const { RefCell::new(None) };
}

/// Begins to watch, for as long as the page lives.
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

/// There is a new token.
pub(super) fn plan() {
    let Some(access) = access::current().filter(|access| lives_long(access)) else { return };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a token's life")]
    let wait = (access.remaining_ms() - AHEAD_MS).max(0.0) as u32;
    TIMER.set(Some(Timeout::new(wait, renew_if_due)));
}

/// Whether the page can be seen.
pub(super) fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

/// Finds out what still stands: the network, and the session.
pub(super) async fn check() {
    if page_user().is_some() {
        // Whatever comes of it is set where it is found out.
        drop(ask().await);
    } else {
        fetch::is_there().await;
    }
}

/// The page comes out of a cache of the browser, as it was: somebody may have signed in since, or out.
async fn look_again() {
    if page_user().is_some() {
        check().await;
    } else {
        drop(refresh::instead_of(None).await);
    }
}

/// Asks who is signed in. Not by the server function, which waits for the network: this is what finds it.
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

/// Milliseconds since then. On the wall clock, which goes on while the machine sleeps; where it was put
/// back, it is as if nobody had been there.
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
