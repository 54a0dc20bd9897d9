//! A used refresh token comes back and the session ends: the chain of its generations.

use super::parts::{Answer, Begin, Code, Controls, Part, Standard, Work, fixed, status};
use crate::app::{
    api::{self, Protected, Refresh},
    seam,
    types::{LabAnswer, LabTerms},
};
use freshkey::app::{components::LiveText, error::ApiError, seam::pause, types::Secret};
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
/// The margin after the grace period, in milliseconds.
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

/// A step of the story.
#[derive(Clone, Copy)]
struct Step {
    who: Who,
    /// The generation that they hold; `None` once the session is over.
    generation: Option<&'static str>,
    text: &'static str,
    /// The expected answer; empty if the step makes no request.
    answer: &'static str,
}

const STEPS: usize = 6;

/// Returns the story in which `first` refreshes first.
fn story(first: Who) -> [Step; STEPS] {
    let step = |who, generation, text, answer| Step { who, generation, text, answer };
    [
        step(Who::Owner, Some("0"), "signs in and holds generation 0.", ""),
        step(Who::Thief, Some("0"), "copies it. Nothing looks wrong yet.", ""),
        step(first, Some("1"), "refreshes with generation 0 and gets generation 1.", "200 OK"),
        step(first, Some("1"), "makes a call: generation 1 is in use.", "200 OK"),
        step(
            first.other(),
            None,
            "presents generation 0 again. It was already used, so there is a copy somewhere: the session ends.",
            "403 INVALID_REFRESH_TOKEN",
        ),
        step(first, None, "makes another call. The access token ended with the session.", "401 SESSION_ENDED"),
    ]
}

#[derive(Clone, Copy)]
struct Play {
    first: RwSignal<Who>,
    /// The server's answers in the steps so far.
    answers: RwSignal<Vec<String>>,
}

/// This part of the page.
#[component]
pub(super) fn Theft(terms: Option<LabTerms>) -> impl IntoView {
    let play = Play { first: RwSignal::new(Who::Owner), answers: RwSignal::new(Vec::new()) };
    let forgiven = terms.map(|terms| {
        format!(
            "Tabs race and answers get lost, so a second use within a moment is no theft. In the lab that moment is {} s; \
             by default it is 20 s.",
            terms.grace_ms / 1000
        )
    });
    view! {
        <Part id="theft" title="Rotation and theft" code=CODE standards=STANDARDS>
            {fixed(include_str!("text/theft.html"))}
            <div class="stage">
                {terms.map(|terms| view! { <Buttons play wait=terms.grace_ms + MARGIN_MS /> })}
                <ol class="chain" aria-label="What happens">
                    {(0..STEPS).map(|at| view! { <Link play at /> }).collect_view()}
                </ol>
                {forgiven.map(|forgiven| view! { <p class="lab-aside">{forgiven}</p> })}
            </div>
        </Part>
    }
}

#[component]
fn Buttons(play: Play, wait: u32) -> impl IntoView {
    let (work, Play { first, answers }) = (Work::new(), play);
    let begin = move |who: Who| {
        first.set(who);
        answers.set(Vec::new());
        let tell = move |answer| {
            answers.try_update(|answers| answers.push(answer));
        };
        work.begin(Box::pin(perform(wait, tell)));
    };
    let say = Signal::derive(move || {
        match (work.busy.get(), answers.with(Vec::len)) {
            (true, _) => "Under way …",
            (false, STEPS) => "The session is over, for both.",
            (false, _) => "This is what to expect.",
        }
        .to_owned()
    });
    let buttons: Vec<(_, Begin)> = vec![
        ("Play: owner refreshes first", Box::new(move || begin(Who::Owner))),
        ("Play: thief refreshes first", Box::new(move || begin(Who::Thief))),
    ];
    view! { <Controls work say buttons /> }
}

/// Plays the story and calls `tell` with the answer of each step.
async fn perform(wait: u32, tell: impl Fn(String)) -> Result<(), ApiError> {
    let begun: LabAnswer = seam::call(&Method::POST, &api::Begin { life: None }, None, None).await?;
    let stolen = Refresh { refresh_token: begun.refresh_token.unwrap_or_default() };
    let refresh = || seam::call(&Method::POST, &stolen, Some(begun.access_token.reveal()), None);
    tell(String::new());
    tell(String::new());
    pause(wait).await;

    let fresh = refresh().await?;
    tell(status(&Ok(())));
    tell(status(&protected(&fresh.access_token).await));
    pause(wait).await;

    tell(status(&refresh().await.map(drop)));
    tell(status(&protected(&fresh.access_token).await));
    Ok(())
}

async fn protected(token: &Secret) -> Result<(), ApiError> {
    seam::call(&Method::GET, &Protected {}, Some(token.reveal()), None).await.map(drop)
}

/// A step with its link of the chain: round on the left for the owner, square on the right for the thief, a cross
/// where the session ends.
#[component]
fn Link(play: Play, at: usize) -> impl IntoView {
    let step = move || story(play.first.get())[at];
    let given = Signal::derive(move || play.answers.with(|answers| answers.len() > at));
    let answer = Signal::derive(move || {
        let answered = play.answers.with(|answers| answers.get(at).cloned());
        answered.unwrap_or_else(|| step().answer.to_owned())
    });
    let is_asked = !story(Who::Owner)[at].answer.is_empty();
    let is_over = story(Who::Owner)[at].generation.is_none();
    let text = Signal::derive(move || format!(" {}", step().text));
    let theirs = Signal::derive(move || step().who == Who::Thief);
    view! {
        <li
            class="chain-link"
            class:chain-over=Signal::stored(is_over)
            class:chain-given=given
            class:chain-theirs=theirs
        >
            <svg class="chain-drawing" width="88" height="100%" aria-hidden="true">
                <line class="chain-line" x1="22" x2="22" y1="0" y2="100%" />
                <line class="chain-line chain-line-thief" x1="66" x2="66" y1="0" y2="100%" />
                <svg x="22" y="50%" overflow="visible" class="chain-mark">
                    <rect x="-13" y="-13" width="26" height="26" />
                    <text dy="0.36em" text-anchor="middle">{story(Who::Owner)[at].generation.unwrap_or("✕")}</text>
                </svg>
            </svg>
            <p>
                <strong><LiveText text=Signal::derive(move || step().who.name().to_owned()) /></strong>
                <LiveText text />
                {is_asked.then(|| view! { " " <Answer text=answer given /> })}
            </p>
        </li>
    }
}
