//! What the page of a step shows, to the browser that the step belongs to.

use super::{
    auth::{
        browser_token::Browser,
        challenge::{ChallengeKind, RESEND_AFTER},
        challenges::ChallengeStatus,
        mailed_secret::LinkPurpose,
    },
    factors::totp,
    refusal::unavailable,
    state::AppState,
    steps::{browser, link, mail, onward::second_steps, passkey::PasskeyOwner},
    store::challenges::{ChallengeOwner, ChallengeRow},
};
use crate::app::{
    error::{ApiError, Code},
    paths,
    types::{Millis, Seconds, StepPage, StepView},
};
use http::request::Parts;
use leptos::prelude::{expect_context, with_context};

/// Returns the page that continues a step.
pub(crate) async fn of(state: &AppState, step: &StepView) -> Option<&'static str> {
    if let Some(page) = step.status.page() {
        return Some(page);
    }
    let found = state.challenges.find(Some(&step.challenge), None, None).await;
    let row = found.map_err(|error| unavailable(&error)).ok()??;
    // A reset that an administrator began is a step of another user.
    let own = row.browser.is_some() || row.kind() != Some(ChallengeKind::Reset);
    row.kind().filter(|_| own).and_then(of_kind)
}

/// Returns the page of all steps of a kind; none if they are taken on the page that began them.
const fn of_kind(kind: ChallengeKind) -> Option<&'static str> {
    match kind {
        ChallengeKind::Register => Some(paths::REGISTER_CONFIRM),
        ChallengeKind::Reset => Some(paths::RESET),
        ChallengeKind::SignIn => Some(paths::LOGIN_CODE),
        ChallengeKind::Prove | ChallengeKind::Email => Some(paths::PROFILE),
        ChallengeKind::SecondFactor => Some(paths::LOGIN_SECOND_FACTOR),
        ChallengeKind::Keep => Some(paths::LOGIN_KEEP),
        ChallengeKind::Enrol => Some(paths::LOGIN_ENROL),
        ChallengeKind::Totp | ChallengeKind::RecoveryCodes => None,
    }
}

/// See [`crate::app::api::steps::step`].
pub(crate) async fn step(kind: &str) -> Result<Option<StepPage>, ApiError> {
    let state: AppState = expect_context();
    let kind = ChallengeKind::parse(kind).ok_or(Code::NotFound)?;
    let browser = browser(&state).map(Browser::digest);
    let whose = browser.as_deref().map(ChallengeOwner::Browser);
    let (unavailable, now) = (|error| unavailable(&error), state.clock.now());
    let row = state.challenges.find(None, whose, Some(kind)).await.map_err(unavailable)?;
    let Some(row) = row else { return Ok(None) };
    let standing = state.challenges.standing(Some(row.clone()), whose, now).await.map_err(unavailable)?;
    let user = match (kind, row.user_id.as_deref()) {
        (ChallengeKind::Keep | ChallengeKind::SecondFactor | ChallengeKind::Enrol, Some(user)) => {
            state.store.user_by_id(user).await.map_err(unavailable)?
        }
        _ => None,
    };
    let page = shown(row, None, true, &standing, now);
    match (kind, user) {
        (ChallengeKind::Keep, Some(user)) => Ok(Some(StepPage { delete_at: user.delete_at, ..page })),
        (ChallengeKind::SecondFactor, Some(user)) if page.over.is_none() => {
            let (methods, options) = second_steps(&state, &user, PasskeyOwner::InStep(&user)).await?;
            let passkey_options = options.and_then(|options| serde_json::to_string(&options).ok());
            let days = |life: Millis| u32::try_from(life.div_ceil(Millis::from_days(1))).unwrap_or(u32::MAX);
            let trust_days = state.settings.account.trust_device.map(days);
            Ok(Some(StepPage { methods, passkey_options, trust_days, ..page }))
        }
        (ChallengeKind::Enrol, Some(user)) if page.over.is_none() => {
            let totp = totp::waiting(&state, &user, &page.challenge).await?;
            Ok(Some(StepPage { totp, ..page }))
        }
        _ => Ok(Some(page)),
    }
}

/// See [`crate::app::api::steps::link`].
pub(crate) async fn link(kind: &str) -> Result<Option<StepPage>, ApiError> {
    let state: AppState = expect_context();
    mail(&state)?;
    let purpose = match ChallengeKind::parse(kind) {
        Some(ChallengeKind::Register) => LinkPurpose::Register,
        Some(ChallengeKind::Reset) => LinkPurpose::Reset,
        _ => return Err(Code::NotFound.into()),
    };
    let token = with_context(|parts: &Parts| link::opened(&state, &parts.headers).map(str::to_owned)).flatten();
    let Some(challenge) = token.and_then(|token| link::read(&state, purpose, &token)) else { return Ok(None) };
    let unavailable = |error| unavailable(&error);
    let row = state.challenges.find(Some(&challenge.to_string()), None, None).await.map_err(unavailable)?;
    // The link is genuine, so the challenge existed once.
    let Some(row) = row else { return Ok(None) };
    let digest = browser(&state).map(Browser::digest);
    let own = row.browser.is_some() && row.browser == digest;
    let now = state.clock.now();
    let standing = state.challenges.standing_of_link(challenge, None, now).await.map_err(unavailable)?;
    Ok(Some(shown(row, Some(challenge.to_string()), own, &standing, now)))
}

fn shown(row: ChallengeRow, link: Option<String>, own: bool, standing: &ChallengeStatus, now: Millis) -> StepPage {
    let over = match standing {
        ChallengeStatus::Open(..) | ChallengeStatus::Repeat(..) => None,
        ChallengeStatus::Over(reason) => *reason,
    };
    let wait = (row.asked_at + RESEND_AFTER - now).max(Millis::ZERO);
    StepPage {
        challenge: row.id,
        email: row.email,
        link,
        own,
        delete_at: None,
        methods: Vec::new(),
        passkey_options: None,
        trust_days: None,
        totp: None,
        resend_in: Seconds(wait.div_ceil(Millis::from_secs(1))),
        over,
    }
}
