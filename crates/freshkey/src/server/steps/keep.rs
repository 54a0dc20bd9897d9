//! Keeps an account that is going to be deleted: a user who signs in is asked whether to keep it.

use super::{
    super::{
        auth::{challenge::ChallengeKind, challenges::ChallengeStatus},
        device::caller_device,
        refusal::unavailable,
        state::AppState,
        store::{
            activity::Event,
            challenges::{Finished, FinishedBy},
        },
    },
    enter, onward, over, standing, too_many_emails,
};
use crate::app::{
    error::ApiError,
    types::{AuditEvent, SignInAnswer, StepReason},
};
use leptos::prelude::expect_context;

/// See [`crate::app::api::steps::keep_account`].
pub(crate) async fn keep(challenge: Option<&str>) -> Result<SignInAnswer, ApiError> {
    let state: AppState = expect_context();
    let row = match standing(&state, challenge, ChallengeKind::Keep, None).await? {
        ChallengeStatus::Open(row, _) => row,
        ChallengeStatus::Repeat(row, _) => return onward::again(&state, &row).await,
        ChallengeStatus::Over(reason) => return Err(over(reason)),
    };
    let so_far = onward::so_far(&state, &row)?;
    let user = state.store.user_by_id(row.user_id.as_deref().unwrap_or_default()).await;
    let user = user.map_err(|error| unavailable(&error))?.filter(|user| user.disabled_at.is_none());
    let mut user = user.ok_or_else(|| over(Some(StepReason::Replaced)))?;
    // By then the account is kept.
    user.delete_at = None;
    let (so_far, onward) = onward::plan(&state, &user, so_far).await?;
    let (browser, now) = (enter(&state)?, state.clock.now());
    let event = Event::new(&user.id, onward.session(), AuditEvent::DeletionUndone, &caller_device(), now);
    let by = FinishedBy {
        browser: Some(browser.digest()),
        session: onward.session(),
        data: state.challenges.seal(row.uuid(), &so_far),
        next: onward.challenge(),
        now,
        ..FinishedBy::default()
    };
    let finished = state.store.finish_keeping(&row, by, event).await.map_err(|error| unavailable(&error))?;
    match finished {
        Finished::Done(_) => onward::go(&state, &user, so_far, onward).await,
        Finished::NotOpen => match standing(&state, Some(&row.id), ChallengeKind::Keep, None).await? {
            ChallengeStatus::Repeat(row, _) => onward::again(&state, &row).await,
            ChallengeStatus::Open(..) => Err(over(None)),
            ChallengeStatus::Over(reason) => Err(over(reason)),
        },
        // The time of the deletion has come.
        Finished::Gone => Err(over(Some(StepReason::Expired))),
        Finished::Full => Err(too_many_emails()),
    }
}
