//! Keeping an account that is going to be deleted: whoever signs in is asked whether they want that.

use super::{
    super::{
        account::unavailable,
        auth::{
            challenge::ChallengeKind,
            challenges::{Keeping, Standing},
            sessions::SignInMethod,
        },
        pages::caller_device,
        state::AppState,
        store::{
            activity::Event,
            challenges::{Finished, FinishedBy, NewChallenge},
            users::UserRow,
        },
    },
    broken, enter, over, session, standing, tell_of_new_device, too_many_emails,
};
use crate::app::{
    error::{ApiError, Code},
    types::{Happened, StepReason, StepStatus, StepView, TokenAnswer},
};
use http::StatusCode;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use uuid::Uuid;

/// 202: whoever signs in is asked whether the account is to be kept.
pub(crate) async fn begin(state: &AppState, user: &UserRow, keeping: Keeping) -> Result<StepView, ApiError> {
    let (id, now, kind) = (Uuid::now_v7(), state.clock.now(), ChallengeKind::Keep);
    let life = state.challenges.lifetimes.of(kind);
    let new = NewChallenge {
        id,
        kind,
        browser: Some(enter(state)?.digest()),
        user: Some(user.id.clone()),
        email: user.email.clone(),
        email_key: user.email_key.clone(),
        decoy: false,
        data: Some(state.challenges.seal(id, &keeping).ok_or(Code::Internal)?),
        created_at: now,
        expires_at: now + life,
        event: None,
    };
    if !state.challenges.begin(new, None).await.map_err(|error| unavailable(&error))? {
        return Err(too_many_emails());
    }
    expect_context::<ResponseOptions>().set_status(StatusCode::ACCEPTED);
    let (status, expires_in) = (StepStatus::DeletionPending, life.unsigned_abs() / 1000);
    Ok(StepView { status, challenge: id.to_string(), expires_in, delete_at: user.delete_at })
}

/// See [`crate::app::api::steps::keep_account`].
pub(crate) async fn keep(challenge: Option<&str>) -> Result<TokenAnswer, ApiError> {
    let state: AppState = expect_context();
    let row = match standing(&state, challenge, ChallengeKind::Keep, None).await? {
        Standing::Open(row, _) => row,
        Standing::Repeat(row, _) => return session::again(&state, &row).await,
        Standing::Over(reason) => return Err(over(reason)),
    };
    let keeping: Keeping = state.challenges.open(&row).ok_or_else(|| broken("a step can't be opened"))?;
    let user = row.user_id.as_deref().unwrap_or_default();
    let (browser, session_id, now) = (enter(&state)?, Uuid::now_v7(), state.clock.now());
    let event = Event::new(user, Some(session_id), Happened::DeletionUndone, &caller_device(), now);
    let by = FinishedBy { browser: Some(browser.digest()), session: Some(session_id), now };
    let finished = state.store.finish_keeping(&row, by, event).await.map_err(|error| unavailable(&error))?;
    match finished {
        Finished::Done(_) => {
            tracing::info!(event = "deletion_undone", user);
            let user = state.store.user_by_id(user).await.map_err(|error| unavailable(&error))?;
            let user = user.ok_or_else(|| over(Some(StepReason::Replaced)))?;
            tell_of_new_device(&state, &user, now);
            let method = if keeping.by_code { SignInMethod::MailCode } else { SignInMethod::Password };
            session::begin(&state, &user, session_id, method, keeping.remember).await
        }
        Finished::NotOpen => match standing(&state, Some(&row.id), ChallengeKind::Keep, None).await? {
            Standing::Repeat(row, _) => session::again(&state, &row).await,
            Standing::Open(..) => Err(over(None)),
            Standing::Over(reason) => Err(over(reason)),
        },
        Finished::Gone => Err(over(Some(StepReason::Replaced))),
        Finished::Full => Err(too_many_emails()),
    }
}
