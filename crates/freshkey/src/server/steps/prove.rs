//! Proving one's address: for accounts from before there was mail, and those that the operator made.

use super::{
    super::{
        account::{refused, unavailable},
        auth::{challenge::ChallengeKind, challenges::Standing, email_kind::EmailKind},
        call::caller,
        pages::caller_device,
        state::AppState,
        store::{
            activity::Event,
            challenges::{Finished, FinishedBy},
            users::UserRow,
        },
    },
    Begin, check_code, count_email, over, standing, too_many_emails, typed,
};
use crate::app::{
    error::{ApiError, Code},
    types::{Happened, StepReason, StepView, UserView},
};
use leptos::prelude::expect_context;

/// See [`crate::app::api::steps::prove_email`].
pub(crate) async fn ask() -> Result<Option<StepView>, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    super::mail(&state)?;
    let user = own(&state, &caller.user.id).await?;
    if user.email_verified_at.is_some() {
        return Ok(None);
    }
    count_email(&state, &user.email_key, Some(&user)).await?;
    let begin = Begin {
        kind: ChallengeKind::Prove,
        email_kind: EmailKind::EmailProve,
        to: &user.email,
        key: &user.email_key,
        user: Some(&user),
        decoy: false,
        silent: false,
        signed_in: true,
        registrant: None,
        event: None,
    };
    super::begin(&state, begin).await.map(Some)
}

/// See [`crate::app::api::steps::confirm_email`].
pub(crate) async fn confirm(challenge: Option<&str>, code: &str) -> Result<UserView, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    super::mail(&state)?;
    let code = typed(code)?;
    match standing(&state, challenge, ChallengeKind::Prove, Some(&caller.user.id)).await? {
        Standing::Open(row, emails) => {
            check_code(&state, &row, &emails, &code).await?;
            let now = state.clock.now();
            let by = FinishedBy { browser: None, session: None, now };
            let (user, device) = (&caller.user.id, caller_device());
            let event = Event::new(user, Some(caller.session), Happened::EmailProven, &device, now);
            match state.store.finish_proof(&row, by, event).await.map_err(|error| unavailable(&error))? {
                Finished::Done(_) => tracing::info!(event = "email_proven", %user),
                Finished::NotOpen => {
                    let id = Some(row.id.as_str());
                    // The same call twice at once is one.
                    match standing(&state, id, ChallengeKind::Prove, Some(&caller.user.id)).await? {
                        Standing::Repeat(..) => {}
                        Standing::Open(..) => return Err(over(None)),
                        Standing::Over(reason) => return Err(over(reason)),
                    }
                }
                Finished::Gone => return Err(over(Some(StepReason::Replaced))),
                Finished::Full => return Err(too_many_emails()),
            }
        }
        Standing::Repeat(row, emails) if state.challenges.is_code(&row, &emails, &code) => {}
        Standing::Repeat(..) => return Err(over(Some(StepReason::Used))),
        Standing::Over(reason) => return Err(over(reason)),
    }
    let user = own(&state, &caller.user.id).await?;
    state.sessions.claiming(user.into()).await.map_err(refused)
}

async fn own(state: &AppState, id: &str) -> Result<UserRow, ApiError> {
    let user = state.store.user_by_id(id).await.map_err(|error| unavailable(&error))?;
    Ok(user.ok_or(Code::SessionEnded)?)
}
