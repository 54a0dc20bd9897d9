//! Many calls at once whose token has run out: with THE refresh's own [`Flight`], and without it.

use super::{call, now, pause};
use crate::{
    app::{
        api::lab::{Begin, Protected, Refresh},
        error::{ApiError, Code},
        types::{
            Secret,
            lab::{LabAnswer, Lane, Run, Span},
        },
    },
    browser::flight::Flight,
};
use futures::future::join_all;
use http::Method;
use std::{cell::RefCell, rc::Rc};

/// The shortest life that a token may have, and a margin: `exp` is a whole second.
const RUN_OUT_MS: u32 = 1100;

struct Bench {
    begun_at: f64,
    /// The token that has run out.
    spent: Secret,
    refresh_token: Secret,
    /// None: every call refreshes for itself.
    flight: Option<Flight<Result<Secret, ApiError>>>,
    /// What came of a refresh.
    newer: RefCell<Option<Secret>>,
    refreshes: RefCell<Vec<Span>>,
}

/// Begins a throw-away session, lets its access token run out, and makes `count` calls with it;
/// `shared` is whether one refresh serves them all.
///
/// # Errors
/// There was no session.
pub async fn run(count: usize, shared: bool) -> Result<Run, ApiError> {
    let begun: LabAnswer = call(&Method::POST, &Begin { life: Some(1.into()) }, None, None).await?;
    pause(RUN_OUT_MS).await;
    let bench = Rc::new(Bench {
        begun_at: now(),
        spent: begun.access_token,
        refresh_token: begun.refresh_token.unwrap_or_default(),
        flight: shared.then(Flight::new),
        newer: RefCell::default(),
        refreshes: RefCell::default(),
    });
    let lanes = join_all((0..count).map(|_| lane(&bench))).await;
    let refreshes = bench.refreshes.take();
    Ok(Run { lanes, refreshes })
}

/// What `browser::call` does for a protected call: send, wait for a newer token, send once more.
async fn lane(bench: &Rc<Bench>) -> Lane {
    let sent = bench.ms();
    let refused = protected(&bench.spent).await.err().map_or(Code::Internal, |refused| refused.code);
    let answered = bench.ms();
    let newer = instead_of_spent(bench).await;
    let renewed = bench.ms();
    let failed = match newer {
        Ok(token) => protected(&token).await.err(),
        Err(error) => Some(error),
    };
    Lane {
        first: Span { from: sent, to: answered },
        refused,
        wait: Span { from: answered, to: renewed },
        again: Span { from: renewed, to: bench.ms() },
        failed: failed.map(|error| error.code),
    }
}

async fn instead_of_spent(bench: &Rc<Bench>) -> Result<Secret, ApiError> {
    let Some(flight) = &bench.flight else { return refresh(Rc::clone(bench)).await };
    let newer = bench.newer.borrow().clone();
    match newer {
        Some(newer) => Ok(newer),
        None => flight.join(|| refresh(Rc::clone(bench))).await,
    }
}

async fn refresh(bench: Rc<Bench>) -> Result<Secret, ApiError> {
    let from = bench.ms();
    let input = Refresh { refresh_token: bench.refresh_token.clone() };
    // The token that has run out says for which session this counts.
    let answer = call(&Method::POST, &input, Some(bench.spent.reveal()), None).await;
    bench.refreshes.borrow_mut().push(Span { from, to: bench.ms() });
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
