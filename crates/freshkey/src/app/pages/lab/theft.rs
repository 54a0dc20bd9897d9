//! A rotated token comes back, and the session ends: the chain of its generations.

use super::parts::{Code, Part, Run, Standard, status, told};
use crate::app::{
    api::lab::{Begin, Protected, Refresh},
    components::{FormAlert, LiveText},
    error::{ApiError, Code as Refusal},
    seam::lab,
    types::{
        EndReason, Secret,
        lab::{LabAnswer, LabTerms},
    },
};
use http::Method;
use leptos::prelude::*;

pub(super) const CODE: Code = Code {
    file: "crates/freshkey-core/src/rules/rotation.rs",
    text: r"match chain.generation - presented {
    0 if young && !set_back => Decision::Current,
    0 => Decision::Rotate { to: presented + 1 },
    1 if young => Decision::Successor,
    1 if tolerant && policy.lost_answer_recovery && chain.confirmed < chain.generation => {
        chain.recovery.one_more(chain.generation, now).map_or(Decision::Replay, Decision::Recover)
    }
    behind if behind > 0 => Decision::Replay,",
};
const STANDARDS: &[Standard] = &[
    ("RFC 9700, refresh token protection", "https://www.rfc-editor.org/rfc/rfc9700#section-4.14"),
    ("OWASP, session management", "https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html"),
];
/// Beyond the grace, in milliseconds.
const MARGIN_MS: u32 = 100;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Owner,
    Thief,
}

impl Who {
    const fn name(self) -> &'static str {
        match self {
            Self::Owner => "The owner",
            Self::Thief => "The thief",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Owner => Self::Thief,
            Self::Thief => Self::Owner,
        }
    }
}

/// A step of the story, as it happened.
#[derive(Clone)]
struct Step {
    who: Who,
    /// The generation in their hands; none when the session is over.
    generation: Option<u32>,
    text: String,
    /// What the server answered.
    answer: Option<String>,
}

/// The part.
#[component]
pub(super) fn Theft(terms: Option<LabTerms>) -> impl IntoView {
    view! {
        <Part id="theft" title="A stolen token" code=CODE standards=STANDARDS>
            <p>
                "The refresh token, which brings new access tokens, changes at each use: generation 0, 1, 2 … A thief who \
                 copies it has a copy of one generation. Sooner or later the owner and the thief both come, and one of them \
                 with a generation that is spent. The server can't tell who is who, so it ends the session for both; the \
                 owner signs in again, the thief can't. A real refresh token is in a cookie that no script can read."
            </p>
            {terms.map(|terms| view! { <Live terms /> })}
        </Part>
    }
}

#[component]
fn Live(terms: LabTerms) -> impl IntoView {
    let steps = RwSignal::new(Vec::<Step>::new());
    let (failed, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let wait = terms.grace_ms + MARGIN_MS;
    let play = move |first: Who| {
        busy.set(true);
        steps.set(Vec::new());
        leptos::task::spawn_local(async move {
            let tell = move |step| {
                steps.try_update(|steps| steps.push(step));
            };
            let played = story(first, wait, tell).await;
            failed.try_set(played.err().as_ref().map(told));
            busy.try_set(false);
        });
    };
    let say = Signal::derive(move || {
        let over = steps.with(|steps| steps.iter().any(|step| step.generation.is_none()));
        match (busy.get(), over) {
            (true, _) => "Under way …",
            (false, true) => "The session is over, for both.",
            (false, false) => "",
        }
        .to_owned()
    });
    view! {
        <FormAlert message=failed />
        <p class="lab-actions">
            <Run label="Play it: the owner comes first" busy run=move || play(Who::Owner) />
            <Run label="Play it: the thief comes first" busy quiet=true run=move || play(Who::Thief) />
            <span class="panel-summary" role="status"><LiveText text=say /></span>
        </p>
        <ol class="chain" aria-label="What happened">
            <For each=move || steps.get().into_iter().enumerate() key=|(at, _)| *at let((_, step))>
                <Link step />
            </For>
        </ol>
        <p class="lab-aside">
            {format!("Two requests within a moment are no theft: tabs race, answers get lost. In the lab that moment is {} s, \
                so that you need not wait; by default it is 20 s.", terms.grace_ms / 1000)}
        </p>
    }
}

/// Plays it, and tells each step when it has happened.
async fn story(first: Who, wait: u32, tell: impl Fn(Step)) -> Result<(), ApiError> {
    let second = first.other();
    let begun: LabAnswer = lab::call(&Method::POST, &Begin { life: None }, None, None).await?;
    let stolen = begun.refresh_token.unwrap_or_default();
    tell(step(Who::Owner, Some(0), "signs in, and holds generation 0."));
    tell(step(Who::Thief, Some(0), "has copied it. Nobody can know yet."));
    lab::pause(wait).await;

    let fresh = refresh(&stolen, &begun.access_token).await?;
    let text = format!("refreshes with generation 0, and gets generation {}.", fresh.generation);
    tell(Step { answer: Some(status(&Ok(()))), ..step(first, Some(fresh.generation), &text) });
    let called = protected(&fresh.access_token).await;
    let text = format!("makes a call: generation {} is in use.", fresh.generation);
    tell(Step { answer: Some(status(&called)), ..step(first, Some(fresh.generation), &text) });
    called?;
    lab::pause(wait).await;

    let replayed = refresh(&stolen, &begun.access_token).await;
    let ended = replayed.as_ref().err().and_then(ApiError::end_reason);
    let text = match ended {
        Some(EndReason::Replay) => "comes with generation 0, which is spent: a copy is about. The session ends.",
        _ => "comes with generation 0.",
    };
    let answer = Some(status(&replayed.map(drop)));
    tell(Step { answer, ..step(second, ended.is_none().then_some(0), text) });

    let refused = protected(&fresh.access_token).await;
    let over = matches!(&refused, Err(refused) if refused.code == Refusal::SessionEnded);
    let text =
        if over { "makes another call: the access token ended with the session." } else { "makes another call." };
    tell(Step { answer: Some(status(&refused)), ..step(first, (!over).then_some(fresh.generation), text) });
    Ok(())
}

fn step(who: Who, generation: Option<u32>, text: &str) -> Step {
    Step { who, generation, text: text.to_owned(), answer: None }
}

async fn refresh(token: &Secret, counted: &Secret) -> Result<LabAnswer, ApiError> {
    let input = Refresh { refresh_token: token.clone() };
    lab::call(&Method::POST, &input, Some(counted.reveal()), None).await
}

async fn protected(token: &Secret) -> Result<(), ApiError> {
    lab::call(&Method::GET, &Protected {}, Some(token.reveal()), None).await.map(drop)
}

/// A step, with its link of the chain: the owner's on the left, round; the thief's on the right,
/// square; a cross where it ends.
#[component]
fn Link(step: Step) -> impl IntoView {
    let x = match step.who {
        Who::Owner => "22",
        Who::Thief => "66",
    };
    let mark = match (step.generation, step.who) {
        (None, _) => view! { <text class="chain-end" x=x y="50%" dy="0.36em" text-anchor="middle">"✕"</text> }.into_any(),
        (Some(_), Who::Owner) => view! { <circle class="chain-owner" cx=x cy="50%" r="13" /> }.into_any(),
        (Some(_), Who::Thief) => view! { <svg x="53" y="50%" overflow="visible"><rect class="chain-thief" y="-13" width="26" height="26" /></svg> }.into_any(),
    };
    let generation = step.generation.map(|generation| {
        view! { <text class="chain-number" x=x y="50%" dy="0.36em" text-anchor="middle">{generation}</text> }
    });
    view! {
        <li class="chain-link" class:chain-over=step.generation.is_none()>
            <svg class="chain-drawing" width="88" height="100%" aria-hidden="true">
                <line class="chain-line" x1="22" x2="22" y1="0" y2="100%" />
                <line class="chain-line chain-line-thief" x1="66" x2="66" y1="0" y2="100%" />
                {mark} {generation}
            </svg>
            <p>
                <strong>{step.who.name()}</strong> " " {step.text}
                {step.answer.map(|answer| view! { " " <code class="answer">{answer}</code> })}
            </p>
        </li>
    }
}
