//! The single-flight refresh: one at a time, and all callers get its result.

use super::{
    access::{self, Access},
    answer::Answer,
    fetch::Outgoing,
    flight::Flight,
    network, over, page_user, server_clock, sign_out, signed_in_here,
    tabs::{self, Said},
    turn,
};
use crate::app::{
    error::{ApiError, Code},
    paths,
};
use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use http::Method;
use serde::Serialize;
use std::{cell::Cell, pin::pin, rc::Rc};
use web_sys::AbortController;

/// How often it is sent before the callers are told that the server can't be reached.
const ATTEMPTS: u32 = 3;
/// Milliseconds before the second attempt; twice that before the third.
const PAUSE_MS: u32 = 400;
/// If the server asks to wait for more seconds than this, the client gives up at once.
const LONGEST_WAIT_S: u32 = 5;
/// The timeout in milliseconds until the server says otherwise: half of the default grace period.
const PATIENCE_MS: u32 = 10_000;

type Outcome = Result<Rc<Access>, ApiError>;

thread_local! {
    static FLIGHT: Flight<Outcome> = Flight::new();
    static PATIENCE: Cell<u32> = const { Cell::new(PATIENCE_MS) };
    static SENT: Cell<u32> = const { Cell::new(0) };
}

/// Returns an access token newer than `spent`: one that arrived meanwhile, or that of the shared refresh.
///
/// # Errors
/// The session is over, or its state could not be found out; then the session and the page stay.
pub async fn instead_of(spent: Option<&Rc<Access>>) -> Outcome {
    match access::newer_than(spent) {
        Some(newer) => Ok(newer),
        None => FLIGHT.with(|flight| flight.join(run)).await,
    }
}

/// Returns how many refreshes this page has sent so far.
pub fn sent() -> u32 {
    SENT.get()
}

/// Waits for the running refresh, if any.
pub async fn landed() {
    if let Some(flight) = FLIGHT.with(Flight::under_way) {
        drop(flight.await);
    }
}

async fn run() -> Outcome {
    let (spent, mut epoch) = (access::latest(), access::epoch());
    select(pin!(sign_out::over()), TimeoutFuture::new(patience_ms())).await;
    if spent.is_none() {
        tabs::ask().await;
    }
    let mut last = ApiError::from(Code::Unreachable);
    for attempt in 0..ATTEMPTS {
        let turn = turn::take(patience_ms() / 2).await;
        // While this tab waited, another one got a token.
        if let Some(newer) = access::newer_than(spent.as_ref()) {
            return Ok(newer);
        }
        if access::epoch() != epoch && page_user().is_none() {
            return Err(Code::TokenNotFound.into());
        }
        SENT.set(SENT.get() + 1);
        let answer = send(paths::API_REFRESH, &Input { sent_at: server_clock::now() }, None).await;
        drop(turn);
        if access::epoch() != epoch {
            // Somebody signed in or out meanwhile, so this answer is about an earlier session.
            match access::current() {
                Some(current) => return Ok(current),
                None if page_user().is_none() => return Err(Code::TokenNotFound.into()),
                // The same user signed in in another tab: the next attempt is for the new session.
                None => epoch = access::epoch(),
            }
            continue;
        }
        match answer {
            Ok(answer) => return refreshed(answer),
            Err(refused) if refused.code.ends_session() => {
                over(refused.end_reason());
                return Err(refused);
            }
            // The request was late, or this machine's clock was changed; the offset is corrected by now.
            Err(refused) if refused.code == Code::StaleRequest => last = refused,
            Err(refused) => {
                let wait = refused.retry_after.unwrap_or(0);
                let hopeless = wait > LONGEST_WAIT_S || attempt + 1 == ATTEMPTS;
                last = refused;
                if hopeless {
                    break;
                }
                TimeoutFuture::new((wait * 1000).max(jittered(PAUSE_MS << attempt))).await;
            }
        }
    }
    Err(last)
}

/// Takes over the timeout that the server asks for.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
pub fn learn(answer: &Answer) {
    PATIENCE.set((answer.refresh_timeout * 1000.0) as u32);
}

fn refreshed(answer: Answer) -> Outcome {
    tabs::say(&Said::Refreshed(answer.as_it_is()));
    take_over(answer)
}

/// Keeps the token of an answer to a refresh or to a step-up, which is also a refresh.
///
/// # Errors
/// The answer is for another user than the page's.
pub(super) fn take_over(answer: Answer) -> Outcome {
    learn(&answer);
    if signed_in_here(&answer) { Ok(access::keep(answer)) } else { Err(Code::SessionEnded.into()) }
}

/// Returns the timeout of a refresh, in milliseconds.
pub fn patience_ms() -> u32 {
    PATIENCE.get()
}

#[derive(Serialize)]
struct Input {
    sent_at: Option<u64>,
}

/// Sends the request once and aborts it after the timeout, so that a late answer's cookie does not replace a newer
/// one.
///
/// # Errors
/// The server's refusal, or [`Code::Unreachable`].
pub(super) async fn send(path: &str, input: &impl Serialize, access: Option<&Access>) -> Result<Answer, ApiError> {
    let request = Outgoing::new(&Method::POST, path, input)?;
    let abort = AbortController::new().ok();
    let signal = abort.as_ref().map(AbortController::signal);
    let sent = pin!(request.send(access, signal.as_ref()));
    let body = match select(sent, TimeoutFuture::new(PATIENCE.get())).await {
        Either::Left((answered, _)) => answered?,
        Either::Right(_) => {
            if let Some(abort) = abort {
                abort.abort();
            }
            network::lost();
            return Err(Code::Unreachable.into());
        }
    };
    Answer::of(body).map_err(|_| Code::Unreachable.into())
}

/// Returns `ms` to twice `ms`, at random, so that pages that lost the server together don't come back together.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred milliseconds")]
pub(super) fn jittered(ms: u32) -> u32 {
    ms + (js_sys::Math::random() * f64::from(ms)) as u32
}
