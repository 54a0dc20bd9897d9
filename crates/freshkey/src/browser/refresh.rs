//! THE refresh: one at a time, whoever asks, and all who asked get its result.

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

/// Sent at most this often before those who wait are told that the server can't be reached.
const ATTEMPTS: u32 = 3;
/// Milliseconds before the second attempt; twice that before the third.
const PAUSE_MS: u32 = 400;
/// A server that asks for more seconds than this is believed at once.
const LONGEST_WAIT_S: u32 = 5;
/// Until the server says otherwise: half of its default grace.
const PATIENCE_MS: u32 = 10_000;

type Outcome = Result<Rc<Access>, ApiError>;

thread_local! {
    static FLIGHT: Flight<Outcome> = Flight::new();
    static PATIENCE: Cell<u32> = const { Cell::new(PATIENCE_MS) };
    static SENT: Cell<u32> = const { Cell::new(0) };
}

/// An access token that is newer than `spent`: the one that somebody else has fetched meanwhile,
/// or that of THE refresh.
///
/// # Errors
/// The session is over, or nobody knows: then it goes on, and so does the page.
pub async fn instead_of(spent: Option<&Rc<Access>>) -> Outcome {
    match access::newer_than(spent) {
        Some(newer) => Ok(newer),
        None => FLIGHT.with(|flight| flight.join(run)).await,
    }
}

/// How many this page has sent so far.
pub fn sent() -> u32 {
    SENT.get()
}

/// Waits for THE refresh, if it is under way.
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
        // While this tab waited, another one has got it.
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
            // Somebody signed in or out meanwhile: this answer is about a session of before.
            match access::current() {
                Some(current) => return Ok(current),
                None if page_user().is_none() => return Err(Code::TokenNotFound.into()),
                // In another tab, and it is the same user: the next attempt is about the new session.
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
            // It was late, or this machine's clock was moved, which is corrected by now.
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

/// Takes over the server's word on how long its answer is worth waiting for.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
pub fn learn(answer: &Answer) {
    PATIENCE.set((answer.refresh_timeout * 1000.0) as u32);
}

fn refreshed(answer: Answer) -> Outcome {
    tabs::say(&Said::Refreshed(answer.as_it_is()));
    take_over(answer)
}

/// Keeps the token of an answer to a refresh, or to a step-up, which is one as well.
///
/// # Errors
/// It is for somebody else than the page.
pub(super) fn take_over(answer: Answer) -> Outcome {
    learn(&answer);
    if signed_in_here(&answer) { Ok(access::keep(answer)) } else { Err(Code::SessionEnded.into()) }
}

/// How long an answer to a refresh is waited for, in milliseconds.
pub fn patience_ms() -> u32 {
    PATIENCE.get()
}

#[derive(Serialize)]
struct Input {
    sent_at: Option<u64>,
}

/// Sends it once, and gives it up after a while: then it is aborted, so that a late cookie is not
/// taken for a new one.
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

/// So long, or up to twice that: pages that lost the server together don't come back together.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred milliseconds")]
pub(super) fn jittered(ms: u32) -> u32 {
    ms + (js_sys::Math::random() * f64::from(ms)) as u32
}
