//! Drives the client: tells [`Client::step`] what happens, and performs its effects. It also sends the requests that
//! the client itself makes, because their answers are events.

use super::{
    clock,
    fetch::{self, Outgoing},
    flight::Flight,
    json, page,
    refresh_lock::RefreshLock,
    tabs, waiting,
};
use crate::{
    app::{
        api::me::Me,
        error::{ApiError, Code},
        paths,
        types::Integer,
    },
    client::{
        answer::Answer,
        event::{Effect, Event, Outcome, Pause, Reach, Timer, Waiting},
        moment::Moment,
        state::Client,
        token::Token,
    },
};
use futures::{
    FutureExt,
    channel::oneshot,
    future::{Either, select},
};
use gloo_timers::{callback::Timeout, future::TimeoutFuture};
use http::Method;
use leptos::{prelude::*, server_fn::ServerFn};
use serde::Serialize;
use std::{
    cell::{Cell, RefCell},
    pin::pin,
    rc::Rc,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, AbortSignal, VisibilityState};

thread_local! {
    static CLIENT: RefCell<Client> = const { RefCell::new(Client::new()) };
    static TIMERS: RefCell<[Option<Timeout>; 3]> = const { RefCell::new([const { None }; 3]) };
    static LOCK: Cell<Option<RefreshLock>> = const { Cell::new(None) };
    /// The one shared future of the refresh under way: all callers wait for it.
    static REFRESH: Flight<Outcome> = Flight::new();
    /// Ends it.
    static LAND: Cell<Option<oneshot::Sender<Outcome>>> = const { Cell::new(None) };
}

/// Tells the client what happened, and does what it says.
pub fn dispatch(event: Event) {
    let now = moment();
    let effects = CLIENT.with_borrow_mut(|client| client.step(event, now));
    effects.into_iter().for_each(perform);
}

/// Reads the client's state.
pub fn read<T>(read: impl FnOnce(&Client) -> T) -> T {
    CLIENT.with_borrow(read)
}

/// Reads the client's state at this moment.
pub fn read_now<T>(read: impl FnOnce(&Client, &Moment) -> T) -> T {
    let now = moment();
    CLIENT.with_borrow(|client| read(client, &now))
}

fn moment() -> Moment {
    Moment {
        monotonic_ms: clock::monotonic_ms(),
        wall_ms: clock::wall_ms(),
        page: page::session(),
        is_protected: paths::is_protected(&page::path()),
        is_visible: document().visibility_state() == VisibilityState::Visible,
        is_online: window().navigator().on_line(),
        has_channel: tabs::are_open(),
    }
}

fn perform(effect: Effect) {
    match effect {
        Effect::Show(session) => page::set(session),
        Effect::ShowNetwork(network) => page::set_network(network),
        Effect::Reload => page::reload(),
        Effect::Say(message) => tabs::say(&message),
        Effect::Wait(timer, pause) => {
            let wait = match pause {
                Pause::Exactly(ms) => ms,
                Pause::Jittered(ms, at_least) => clock::jittered(ms).max(at_least),
            };
            set(timer, Some(Timeout::new(wait, move || dispatch(Event::Due(timer)))));
        }
        Effect::Stop(timer) => set(timer, None),
        Effect::TakeLock(patience_ms) => spawn_local(async move {
            LOCK.set(RefreshLock::take(patience_ms).await);
            dispatch(Event::LockSettled);
        }),
        Effect::FreeLock => drop(LOCK.take()),
        Effect::SendRefresh(sent_at) => spawn_local(async move {
            let answered = post(paths::API_REFRESH, &RefreshInput { sent_at: sent_at.map(Integer::from) }, None).await;
            dispatch(Event::Refreshed(answered));
        }),
        Effect::Land(outcome) => {
            if let Some(land) = LAND.take() {
                // The callers may be gone with the page.
                let _ = land.send(outcome);
            }
        }
        Effect::Resume(what) => {
            close_dialog(what);
            waiting::resume(what);
        }
        Effect::GiveUp(what) => {
            close_dialog(what);
            waiting::give_up(what);
        }
        // Nobody waits for it: a call whose session is over waits for a sign-in.
        Effect::CheckSession => spawn_local(async { drop(check_session().await) }),
        Effect::CheckNetwork => spawn_local(async {
            reaches_server().await;
        }),
    }
}

/// Replaces a timer; the one before is stopped.
fn set(timer: Timer, timeout: Option<Timeout>) {
    TIMERS.with_borrow_mut(|timers| timers[timer as usize] = timeout);
}

fn close_dialog(what: Waiting) {
    if what == Waiting::StepUp {
        page::ask_to_confirm(false);
    }
}

/// Returns an access token newer than `spent`: one that arrived meanwhile, or that of the shared refresh.
///
/// # Errors
/// The session is over, or its state could not be found out; then the session and the page stay.
pub async fn token_after(spent: Option<&Rc<Token>>) -> Outcome {
    match read_now(|client, now| client.newer_than(spent, now).cloned()) {
        Some(newer) => Ok(newer),
        None => REFRESH.with(|refresh| refresh.join(refresh_under_way)).await,
    }
}

/// Waits for the running refresh, if any.
pub async fn refresh_landed() {
    if read(Client::is_refreshing) {
        drop(REFRESH.with(|refresh| refresh.join(refresh_under_way)).await);
    }
}

fn refresh_under_way() -> impl Future<Output = Outcome> {
    let (land, landed) = oneshot::channel();
    LAND.set(Some(land));
    dispatch(Event::TokenWanted);
    landed.map(|landed| landed.unwrap_or_else(|_| Err(Code::Unreachable.into())))
}

/// Sends a request and returns the body of a success. What its answer says about the network and the server's clock,
/// the client learns.
///
/// # Errors
/// The server's refusal, or [`Code::Unreachable`] if no answer came.
pub async fn send(
    request: &Outgoing<'_>,
    token: Option<&Token>,
    abort: Option<&AbortSignal>,
) -> Result<String, ApiError> {
    let answered = fetch::answer(request.build(token, abort)?).await;
    dispatch(Event::Reached(match answered.as_ref().map_err(|refusal| refusal.error.code) {
        Err(Code::Unreachable) => Reach::Lost,
        Err(Code::Overloaded) => Reach::Busy,
        _ => Reach::Answered,
    }));
    answered.map_err(|refusal| {
        if refusal.error.code == Code::StaleRequest {
            dispatch(Event::Dated(refusal.date_ms));
        }
        refusal.error
    })
}

#[derive(Serialize)]
struct RefreshInput {
    sent_at: Option<Integer>,
}

/// Sends a request that is answered with a token. It is aborted after the refresh's timeout, so that a late answer's
/// cookie does not replace a newer one.
///
/// # Errors
/// The server's refusal, or [`Code::Unreachable`].
pub async fn post(path: &str, input: &impl Serialize, token: Option<&Token>) -> Result<Answer, ApiError> {
    let request = Outgoing::new(&Method::POST, path, input)?;
    let abort = AbortController::new().ok();
    let signal = abort.as_ref().map(AbortController::signal);
    let patience_ms = read(Client::patience_ms);
    let body = match select(pin!(send(&request, token, signal.as_ref())), TimeoutFuture::new(patience_ms)).await {
        Either::Left((answered, _)) => answered?,
        Either::Right(_) => {
            if let Some(abort) = abort {
                abort.abort();
            }
            dispatch(Event::Reached(Reach::Lost));
            return Err(Code::Unreachable.into());
        }
    };
    json::answer(body).map_err(|_| Code::Unreachable.into())
}

/// Checks whether the server answers; the page shows it.
pub async fn reaches_server() -> bool {
    let reaches = fetch::is_there().await;
    dispatch(Event::Reached(if reaches { Reach::Answered } else { Reach::Lost }));
    reaches
}

/// Asks who is signed in. It does not use the server function, which would wait for the network: this request is what
/// finds it.
async fn check_session() -> Result<(), ApiError> {
    let token = match read_now(|client, now| client.current(now).cloned()) {
        Some(token) => token,
        None => token_after(read(|client| client.latest().cloned()).as_ref()).await?,
    };
    let request = Outgoing::new(&Method::GET, Me::PATH, &Me {})?;
    match send(&request, Some(&token), None).await {
        Err(refused) if refused.code.wants_refresh() => token_after(Some(&token)).await.map(drop),
        answered => answered.map(drop),
    }
}
