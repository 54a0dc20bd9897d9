//! A burst fills the bucket of a rate limit; then the visitor has to wait.

use super::parts::{Begin, Code, Controls, Part, Standard, Work, fixed, whole};
use crate::app::{
    api::{self, Knock},
    seam,
    types::{Bucket, LabAnswer, LabTerms},
};
use freshkey::app::{
    components::{LiveText, every},
    error::{ApiError, Code as Refusal},
    types::Secret,
};
use http::Method;
use leptos::prelude::*;
use std::time::Duration;

pub(super) const CODE: Code = Code {
    file: "crates/freshkey-core/src/gcra.rs",
    text: r"fn decide(self, whole_at: Micros, now: Micros) -> Result<Micros, Micros> {
    let then = self.at_most(whole_at, now).max(now) + self.interval();
    let over = then - now - self.period();
    if over > Micros::ZERO { Err(over) } else { Ok(then) }
}",
};
const STANDARDS: &[Standard] = &[
    ("RFC 6585, 429", "https://www.rfc-editor.org/rfc/rfc6585#section-4"),
    ("RFC 9110, Retry-After", "https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3"),
    ("RateLimit headers", "https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/"),
];
/// The values shown while the lab is off: the bucket's size, and the seconds to wait when it is full.
const CAPACITY: u32 = 6;
const WAIT: u32 = 3;
const BURST: usize = 9;
const TICK: Duration = Duration::from_millis(250);

/// An answer: its number, and for a refusal the seconds to wait.
type Knocked = (usize, Option<u32>);

#[derive(Clone, Copy)]
struct Play {
    bucket: RwSignal<Bucket>,
    level: RwSignal<f64>,
    answers: RwSignal<Vec<Knocked>>,
    token: RwSignal<Option<Secret>>,
    /// The milliseconds in which the bucket leaks one request.
    interval: f64,
}

/// This part of the page.
#[component]
pub(super) fn RateLimit(terms: Option<LabTerms>) -> impl IntoView {
    let capacity = terms.map_or(CAPACITY, |terms| terms.bucket);
    let play = Play {
        bucket: RwSignal::new(Bucket::default()),
        level: RwSignal::new(0.0),
        answers: RwSignal::new(Vec::new()),
        token: RwSignal::new(None),
        interval: terms.map_or(0.0, |terms| f64::from(terms.bucket_ms) / f64::from(terms.bucket.max(1))),
    };
    view! {
        <Part id="refusals" title="401, 403, 429, and the rate limit" code=CODE standards=STANDARDS>
            {fixed(include_str!("text/refusals.html"))}
            <div class="stage limit">
                <Drawing level=play.level capacity />
                <div>
                    {terms.is_some().then(|| view! { <Buttons play capacity /> })}
                    <Answers answers=play.answers capacity />
                </div>
            </div>
        </Part>
    }
}

/// The latest answers in the bucket's order, or before a run the expected ones.
#[component]
fn Answers(answers: RwSignal<Vec<Knocked>>, capacity: u32) -> impl IntoView {
    let slot = |at: usize| {
        let answer = Signal::derive(move || {
            answers.with(|answers| match answers.get(at) {
                None if answers.is_empty() => Some((at + 1, (at >= capacity as usize).then_some(WAIT))),
                answer => answer.copied(),
            })
        });
        let text = Signal::derive(move || match answer.get() {
            None => "…".to_owned(),
            Some((number, None)) => format!("{number} · 204"),
            Some((number, Some(wait))) => format!("{number} · 429 · wait {wait} s"),
        });
        let refused = Signal::derive(move || matches!(answer.get(), Some((_, Some(_)))));
        view! { <li class="answer-one" class:answer-one-refused=refused><LiveText text /></li> }
    };
    let given = Signal::derive(move || answers.with(|answers| !answers.is_empty()));
    view! {
        <ol class="answers" class:answers-given=given aria-label="Answers">{(0..BURST).map(slot).collect_view()}</ol>
    }
}

impl Play {
    /// Sends `times` requests one after the other, so that the answers are in the bucket's order.
    async fn knock(self, times: usize) -> Result<(), ApiError> {
        let secret = session(self.token).await?;
        for _ in 0..times {
            match seam::call(&Method::POST, &Knock {}, Some(secret.reveal()), None).await {
                Ok(()) => {
                    self.bucket.try_update(|bucket| *bucket = bucket.filled(self.interval, seam::now()));
                    self.note(None);
                }
                Err(refused) if refused.code == Refusal::RateLimited => {
                    self.note(Some(u32::try_from(refused.retry_after.0.max(1)).unwrap_or(u32::MAX)));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn note(self, wait: Option<u32>) {
        self.look();
        self.answers.try_update(|answers| {
            let number = answers.last().map_or(0, |(number, _)| *number) + 1;
            answers.push((number, wait));
            let surplus = answers.len().saturating_sub(BURST);
            answers.drain(..surplus);
        });
    }

    fn look(self) {
        if let Some(bucket) = self.bucket.try_get_untracked() {
            self.level.try_set(bucket.level(self.interval, seam::now()));
        }
    }
}

#[component]
fn Buttons(play: Play, capacity: u32) -> impl IntoView {
    let work = Work::new();
    every(TICK, move || play.look());
    let knock = move |times: usize| {
        work.begin(Box::pin(async move {
            let done = play.knock(times).await;
            if matches!(&done, Err(error) if error.code == Refusal::TokenNotFound) {
                // The session is over. The next request begins another one, with an empty bucket.
                play.token.try_set(None);
                play.bucket.try_set(Bucket::default());
            }
            done
        }));
    };
    let say = Signal::derive(move || match play.answers.with(|answers| answers.last().copied()) {
        None => "This is what to expect.".to_owned(),
        Some((_, None)) => "The last one went through.".to_owned(),
        Some((_, Some(wait))) => format!("429: the bucket is full. Wait {wait} s."),
    });
    let inside = Signal::derive(move || {
        let (inside, leak) = (whole(play.level.get().ceil()), whole(play.interval / 1000.0));
        format!("{inside} of {capacity} in the bucket. One leaks out every {leak} s.")
    });
    let buttons: Vec<(_, Begin)> =
        vec![("Send 9 in a row", Box::new(move || knock(BURST))), ("Send one", Box::new(move || knock(1)))];
    view! {
        <Controls work say buttons />
        <p><LiveText text=inside /></p>
    }
}

/// Returns the session's access token; begins a session if there is none yet.
async fn session(token: RwSignal<Option<Secret>>) -> Result<Secret, ApiError> {
    if let Some(secret) = token.try_get_untracked().flatten() {
        return Ok(secret);
    }
    let begun: LabAnswer = seam::call(&Method::POST, &api::Begin { life: None }, None, None).await?;
    token.try_set(Some(begun.access_token.clone()));
    Ok(begun.access_token)
}

/// The drawing of the bucket; its level is also given in words beside it.
#[component]
fn Drawing(level: RwSignal<f64>, capacity: u32) -> impl IntoView {
    const HEIGHT: f64 = 120.0;
    let one = HEIGHT / f64::from(capacity.max(1));
    let height = move || whole(level.get().min(f64::from(capacity)) * one);
    let bottom = 8 + whole(HEIGHT);
    let marks: Vec<_> = (1..capacity).map(|at| format!("M10 {}h8", bottom - whole(f64::from(at) * one))).collect();
    view! {
        <svg class="bucket" viewBox="0 0 100 150" aria-hidden="true">
            <rect class="bucket-water" x="10" width="80" y=move || bottom - height() height=height />
            <path class="bucket-wall" d="M10 4V128H46M54 128H90V4" />
            <path class="bucket-mark" d=marks.concat() />
            <path class="bucket-leak" d="M50 132v12" />
        </svg>
    }
}
