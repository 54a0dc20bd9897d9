//! Proves an address by a code: the account's own address, if it dates from before there was mail or the operator
//! created it, or the new one that the user wants.

use super::{
    super::{
        auth::{challenge::ChallengeKind, challenges::ChallengeStatus, email_kind::EmailKind},
        bearer::Principal,
        caller::{caller, own_account},
        device::caller_device,
        refusal::{refused, unavailable},
        state::AppState,
        store::{
            activity::Event,
            challenges::{ChallengeOwner, ChallengeRow, Finished, FinishedBy},
        },
    },
    Begin, check_code, count_email, email_change, over, too_many_emails, typed,
};
use crate::app::{
    error::ApiError,
    types::{AuditEvent, StepReason, StepView, UserView},
};
use leptos::prelude::expect_context;

/// See [`crate::app::api::steps::prove_email`].
pub(crate) async fn ask() -> Result<Option<StepView>, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    super::mail(&state)?;
    let user = own_account(&state, &caller).await?;
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
        by_admin: None,
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
    match standing(&state, challenge, &caller).await? {
        ChallengeStatus::Open(row, emails) => {
            check_code(&state, &row, &emails, &code).await?;
            let finished = match row.kind() {
                Some(ChallengeKind::Email) => email_change::finish(&state, &caller, &row).await?,
                _ => finish(&state, &caller, &row).await?,
            };
            match finished {
                Finished::Done(_) => {}
                // Two identical calls at the same time count as one.
                Finished::NotOpen => match standing(&state, Some(&row.id), &caller).await? {
                    ChallengeStatus::Repeat(..) => {}
                    ChallengeStatus::Open(..) => return Err(over(None)),
                    ChallengeStatus::Over(reason) => return Err(over(reason)),
                },
                Finished::Gone => return Err(over(Some(StepReason::Replaced))),
                Finished::Full => return Err(too_many_emails()),
            }
        }
        ChallengeStatus::Repeat(row, emails) if state.challenges.is_code(&row, &emails, &code) => {}
        ChallengeStatus::Repeat(..) => return Err(over(Some(StepReason::Used))),
        ChallengeStatus::Over(reason) => return Err(over(reason)),
    }
    let user = own_account(&state, &caller).await?;
    state.sessions.with_own_claims(user.into()).await.map_err(refused)
}

/// Returns the step that a code belongs to: the named one, or else the user's newest about an address.
async fn standing(state: &AppState, challenge: Option<&str>, caller: &Principal) -> Result<ChallengeStatus, ApiError> {
    let whose = Some(ChallengeOwner::User(&caller.user.id));
    let (challenge, unavailable) = (challenge.filter(|id| !id.is_empty()), |error| unavailable(&error));
    let row = state.challenges.find(challenge, whose, None).await.map_err(unavailable)?;
    let is_of_address = |row: &ChallengeRow| matches!(row.kind(), Some(ChallengeKind::Prove | ChallengeKind::Email));
    state.challenges.standing(row.filter(is_of_address), whose, state.clock.now()).await.map_err(unavailable)
}

async fn finish(state: &AppState, caller: &Principal, row: &ChallengeRow) -> Result<Finished, ApiError> {
    let now = state.clock.now();
    let by = FinishedBy { now, ..FinishedBy::default() };
    let event = Event::new(&caller.user.id, Some(caller.session), AuditEvent::EmailProven, &caller_device(), now);
    state.store.finish_proof(row, by, event).await.map_err(|error| unavailable(&error))
}
