//! What the page of a step shows of it, to the browser that it belongs to.

use super::{
    super::{
        account::unavailable,
        auth::{browser_token::Browser, challenge::ChallengeKind, challenges::Standing, mailed_secret::LinkPurpose},
        state::AppState,
        store::challenges::{ChallengeRow, Whose},
    },
    browser, link,
};
use crate::app::{
    error::{ApiError, Code},
    types::StepPage,
};
use http::request::Parts;
use leptos::prelude::{expect_context, with_context};

/// See [`crate::app::api::steps::step`].
pub(crate) async fn step(kind: &str) -> Result<Option<StepPage>, ApiError> {
    let state: AppState = expect_context();
    let kind = ChallengeKind::parse(kind).ok_or(Code::NotFound)?;
    let browser = browser(&state).map(Browser::digest);
    let whose = browser.as_deref().map(Whose::Browser);
    let (unavailable, now) = (|error| unavailable(&error), state.clock.now());
    let row = state.challenges.find(None, whose, Some(kind)).await.map_err(unavailable)?;
    let Some(row) = row else { return Ok(None) };
    let standing = state.challenges.standing(Some(row.clone()), whose, now).await.map_err(unavailable)?;
    let user = match (kind, row.user_id.as_deref()) {
        (ChallengeKind::Keep, Some(user)) => state.store.user_by_id(user).await.map_err(unavailable)?,
        _ => None,
    };
    Ok(Some(StepPage { delete_at: user.and_then(|user| user.delete_at), ..shown(row, None, true, &standing) }))
}

/// See [`crate::app::api::steps::link`].
pub(crate) async fn link(kind: &str) -> Result<Option<StepPage>, ApiError> {
    let state: AppState = expect_context();
    super::mail(&state)?;
    let purpose = match ChallengeKind::parse(kind) {
        Some(ChallengeKind::Register) => LinkPurpose::Register,
        Some(ChallengeKind::Reset) => LinkPurpose::Reset,
        _ => return Err(Code::NotFound.into()),
    };
    let token = with_context(|parts: &Parts| link::opened(&state, &parts.headers).map(str::to_owned)).flatten();
    let Some(challenge) = token.and_then(|token| link::read(&state, purpose, &token)) else { return Ok(None) };
    let unavailable = |error| unavailable(&error);
    let row = state.challenges.find(Some(&challenge.to_string()), None, None).await.map_err(unavailable)?;
    // Genuine, and so it was there once.
    let Some(row) = row else { return Ok(None) };
    let digest = browser(&state).map(Browser::digest);
    let own = row.browser.is_some() && row.browser == digest;
    let standing = state.challenges.standing_of_link(challenge, None, state.clock.now()).await.map_err(unavailable)?;
    Ok(Some(shown(row, Some(challenge.to_string()), own, &standing)))
}

fn shown(row: ChallengeRow, link: Option<String>, own: bool, standing: &Standing) -> StepPage {
    let over = match standing {
        Standing::Open(..) | Standing::Repeat(..) => None,
        Standing::Over(reason) => *reason,
    };
    StepPage { challenge: row.id, email: row.email, link, own, delete_at: None, over }
}
