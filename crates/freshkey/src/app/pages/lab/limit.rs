//! A burst fills the bucket, and then one has to wait.

use super::parts::{Code, Part, Run, Standard, told};
use crate::app::{
    api::lab::{Begin, Knock},
    components::{FormAlert, LiveText},
    error::{ApiError, Code as Refusal},
    seam::lab,
    types::{
        Secret,
        lab::{Bucket, LabAnswer, LabTerms},
    },
};
use futures::future::join_all;
use http::Method;
use leptos::prelude::*;
use std::time::Duration;

pub(super) const CODE: Code = Code {
    file: "crates/freshkey-core/src/gcra.rs",
    text: r"fn decide(self, whole_at: i64, now: i64) -> Result<i64, i64> {
    let then = self.at_most(whole_at, now).max(now) + self.interval();
    let over = then - now - self.period();
    if over > 0 { Err(over) } else { Ok(then) }
}",
};
const STANDARDS: &[Standard] = &[
    ("RFC 6585, 429", "https://www.rfc-editor.org/rfc/rfc6585#section-4"),
    ("RFC 9110, Retry-After", "https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3"),
    ("RateLimit headers", "https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/"),
];
const BURST: usize = 9;
const TICK: Duration = Duration::from_millis(250);
/// Answers that are shown at the most.
const SHOWN: usize = 24;

/// The part.
#[component]
pub(super) fn RateLimit(terms: Option<LabTerms>) -> impl IntoView {
    view! {
        <Part id="rate-limit" title="A limit that refills" code=CODE standards=STANDARDS>
            <p>
                "Guessing takes many tries, so tries are counted. Think of a bucket with a small leak: each request pours one \
                 cup in. A burst is welcome until the bucket is full; then the answer is 429 and the seconds to wait, and \
                 there is room for one more as soon as one has leaked out. The server keeps a single number for it: when the \
                 bucket will be empty."
            </p>
            {terms.map(|terms| view! { <Live terms /> })}
        </Part>
    }
}

#[component]
fn Live(terms: LabTerms) -> impl IntoView {
    let interval = f64::from(terms.bucket_ms) / f64::from(terms.bucket.max(1));
    let (bucket, level) = (RwSignal::new(Bucket::default()), RwSignal::new(0.0));
    let answers = RwSignal::new(Vec::<(usize, Option<u32>)>::new());
    let (failed, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let token = RwSignal::new(None::<Secret>);
    Effect::new(move |_| {
        let timer =
            set_interval_with_handle(move || level.set(bucket.get_untracked().level(interval, lab::now())), TICK);
        on_cleanup(move || {
            if let Ok(timer) = timer {
                timer.clear();
            }
        });
    });
    let note = move |answer: Result<(), ApiError>| -> Result<(), ApiError> {
        let wait = match answer {
            Ok(()) => {
                bucket.try_update(|bucket| *bucket = bucket.filled(interval, lab::now()));
                None
            }
            Err(refused) if refused.code == Refusal::RateLimited => Some(refused.retry_after.unwrap_or(1)),
            Err(error) => return Err(error),
        };
        level.try_set(bucket.try_get_untracked().unwrap_or_default().level(interval, lab::now()));
        answers.try_update(|answers| {
            let number = answers.last().map_or(0, |(number, _)| *number) + 1;
            answers.push((number, wait));
            let surplus = answers.len().saturating_sub(SHOWN);
            answers.drain(..surplus);
        });
        Ok(())
    };
    let knock = move |times: usize| {
        busy.set(true);
        leptos::task::spawn_local(async move {
            let done = async {
                let secret = session(token).await?;
                let knock = || async { note(lab::call(&Method::POST, &Knock {}, Some(secret.reveal()), None).await) };
                join_all((0..times).map(|_| knock())).await.into_iter().collect()
            };
            let done: Result<(), ApiError> = done.await;
            if matches!(&done, Err(error) if error.code == Refusal::TokenNotFound) {
                // Its session is over: the next knock begins another, with an empty bucket.
                token.try_set(None);
                bucket.try_set(Bucket::default());
            }
            failed.try_set(done.err().as_ref().map(told));
            busy.try_set(false);
        });
    };
    let say = Signal::derive(move || match answers.with(|answers| answers.last().copied()) {
        None => String::new(),
        Some((_, None)) => "The last one went through.".to_owned(),
        Some((_, Some(wait))) => format!("429: the bucket is full. Wait {wait} s."),
    });
    let inside = Signal::derive(move || {
        let (inside, leak) = (level.get().ceil(), interval / 1000.0);
        format!("{inside:.0} of {} in the bucket. One leaks out each {leak:.0} s.", terms.bucket)
    });
    view! {
        <FormAlert message=failed />
        <div class="limit">
            <Drawing level capacity=terms.bucket />
            <div>
                <p class="lab-actions">
                    <Run label=format!("Send {BURST} at once") busy run=move || knock(BURST) />
                    <Run label="Send one" busy quiet=true run=move || knock(1) />
                </p>
                <p role="status"><LiveText text=say /></p>
                <p><LiveText text=inside /></p>
                <ol class="answers" aria-label="Answers">
                    <For each=move || answers.get() key=|(number, _)| *number let((_, wait))>
                        <li class="answer-one" class:answer-refused=wait.is_some()>
                            {wait.map_or_else(|| "204".to_owned(), |wait| format!("429 · wait {wait} s"))}
                        </li>
                    </For>
                </ol>
            </div>
        </div>
    }
}

/// The session whose bucket it is, begun when it is first needed.
async fn session(token: RwSignal<Option<Secret>>) -> Result<Secret, ApiError> {
    if let Some(secret) = token.try_get_untracked().flatten() {
        return Ok(secret);
    }
    let begun: LabAnswer = lab::call(&Method::POST, &Begin { life: None }, None, None).await?;
    token.try_set(Some(begun.access_token.clone()));
    Ok(begun.access_token)
}

/// The bucket; what is in it stands beside it in words.
#[component]
fn Drawing(level: RwSignal<f64>, capacity: u32) -> impl IntoView {
    const HEIGHT: f64 = 120.0;
    let one = HEIGHT / f64::from(capacity.max(1));
    let height = move || level.get().min(f64::from(capacity)) * one;
    let marks = (1..capacity).map(|at| {
        let y = format!("{:.1}", 8.0 + HEIGHT - f64::from(at) * one);
        view! { <line class="bucket-mark" x1="10" x2="18" y1=y.clone() y2=y /> }
    });
    view! {
        <svg class="bucket" viewBox="0 0 100 150" aria-hidden="true">
            <rect class="bucket-water" x="10" width="80" y=move || format!("{:.1}", 8.0 + HEIGHT - height()) height=move || format!("{:.1}", height()) />
            <path class="bucket-wall" d="M10 4V128H46M54 128H90V4" />
            {marks.collect_view()}
            <path class="bucket-leak" d="M50 132v12" />
        </svg>
    }
}
