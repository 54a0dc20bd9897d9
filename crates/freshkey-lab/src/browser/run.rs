//! Makes many calls at once with an expired token: once with the single-flight refresh's own [`Flight`], once without
//! it.

use super::{call, now};
use crate::app::{
    api::{Begin, Protected, Refresh},
    types::{LabAnswer, Lane, Run, Span},
};
use freshkey::{
    app::{
        error::{ApiError, Code},
        seam::pause,
        types::Secret,
    },
    browser::flight::Flight,
};
use futures::future::join_all;
use http::Method;
use std::{cell::RefCell, rc::Rc};

/// The shortest possible token lifetime plus a margin, because `exp` is in whole seconds.
const RUN_OUT_MS: u32 = 1100;

/// The order of the runs: each way runs twice, alternating, so that neither profits from warm caches.
const RUNS: [bool; 4] = [true, false, true, false];
/// The number of calls that warm up the connections; their results are dropped.
const WARM_UP: usize = 2;

struct Bench {
    begun_at: f64,
    /// The expired token.
    spent: Secret,
    refresh_token: Secret,
    /// `None` if every call refreshes for itself.
    flight: Option<Flight<Result<Secret, ApiError>>>,
    /// The token that a refresh returned.
    newer: RefCell<Option<Secret>>,
    /// The refreshes, each with the index of the call that sent it.
    refreshes: RefCell<Vec<(usize, Span)>>,
}

/// Makes `count` calls with an expired access token: with one refresh for all of them, and with one refresh per call.
/// Returns the quicker run of each way.
///
/// # Errors
/// No session could be started.
pub async fn compare(count: usize) -> Result<[Run; 2], ApiError> {
    let begun = join_all((0..=RUNS.len()).map(|_| begin())).await;
    pause(RUN_OUT_MS).await;
    let mut begun = begun.into_iter();
    let mut next = || begun.next().unwrap_or(Err(Code::Internal.into()));
    run(next()?, WARM_UP, true).await;
    let mut best: [Option<Run>; 2] = [None, None];
    for shared in RUNS {
        let run = run(next()?, count, shared).await;
        let best = &mut best[usize::from(!shared)];
        if best.as_ref().is_none_or(|best| run.end() < best.end()) {
            *best = Some(run);
        }
    }
    Ok(best.map(Option::unwrap_or_default))
}

/// Starts a throw-away session whose access token lives for one second.
async fn begin() -> Result<LabAnswer, ApiError> {
    call(&Method::POST, &Begin { life: Some(1.into()) }, None, None).await
}

async fn run(begun: LabAnswer, count: usize, shared: bool) -> Run {
    let bench = Rc::new(Bench {
        begun_at: now(),
        spent: begun.access_token,
        refresh_token: begun.refresh_token.unwrap_or_default(),
        flight: shared.then(Flight::new),
        newer: RefCell::default(),
        refreshes: RefCell::default(),
    });
    let mut lanes = join_all((0..count).map(|at| lane(&bench, at))).await;
    for (at, span) in bench.refreshes.take() {
        if let Some(lane) = lanes.get_mut(at) {
            lane.refresh = Some(span);
        }
    }
    Run { lanes }
}

/// Does what `browser::call` does for a protected call: sends it, waits for a newer token, sends it once more.
async fn lane(bench: &Rc<Bench>, at: usize) -> Lane {
    let sent = bench.ms();
    let refused = protected(&bench.spent).await.err().map_or(Code::Internal, |refused| refused.code);
    let answered = bench.ms();
    let newer = instead_of_spent(bench, at).await;
    let renewed = bench.ms();
    let failed = match newer {
        Ok(token) => protected(&token).await.err(),
        Err(error) => Some(error),
    };
    Lane {
        first: Span { from: sent, to: answered },
        refused,
        wait: Span { from: answered, to: renewed },
        refresh: None,
        again: Span { from: renewed, to: bench.ms() },
        failed: failed.map(|error| error.code),
    }
}

async fn instead_of_spent(bench: &Rc<Bench>, at: usize) -> Result<Secret, ApiError> {
    let Some(flight) = &bench.flight else { return refresh(Rc::clone(bench), at).await };
    let newer = bench.newer.borrow().clone();
    match newer {
        Some(newer) => Ok(newer),
        None => flight.join(|| refresh(Rc::clone(bench), at)).await,
    }
}

async fn refresh(bench: Rc<Bench>, at: usize) -> Result<Secret, ApiError> {
    let from = bench.ms();
    let input = Refresh { refresh_token: bench.refresh_token.clone() };
    // The expired token tells the rate limit which session this request belongs to.
    let answer = call(&Method::POST, &input, Some(bench.spent.reveal()), None).await;
    bench.refreshes.borrow_mut().push((at, Span { from, to: bench.ms() }));
    let token = answer?.access_token;
    bench.newer.replace(Some(token.clone()));
    Ok(token)
}

async fn protected(token: &Secret) -> Result<(), ApiError> {
    call(&Method::GET, &Protected {}, Some(token.reveal()), None).await.map(drop)
}

impl Bench {
    fn ms(&self) -> f64 {
        now() - self.begun_at
    }
}
