//! The session at the end of a flow.

use super::{
    super::{
        attempts::reset_failures,
        auth::{
            challenge::ChallengeKind,
            email,
            sessions::{IssuedTokens, SessionError, SignIn, SignInMethod},
            sign_in::SignInProgress,
        },
        device::caller_device,
        known_device::remember_device,
        refresh::{answer, cookie_session},
        refusal::{refused, unavailable},
        state::AppState,
        store::{challenges::ChallengeRow, users::UserRow},
    },
    over, tell_of_new_device,
};
use crate::app::{
    error::ApiError,
    types::{EndReason, StepReason, TokenAnswer},
};
use freshkey_core::request_span::record_user;
use std::time::Duration;
use tokio::time::sleep;
use uuid::Uuid;

/// How often, and how far apart, a repeated call looks for the session that the first call is beginning.
const LOOKS: u32 = 20;
const APART: Duration = Duration::from_millis(50);

/// Begins the session with this id.
pub(crate) async fn begin(
    state: &AppState,
    user: &UserRow,
    id: Uuid,
    so_far: SignInProgress,
) -> Result<TokenAnswer, ApiError> {
    let SignInProgress { method, remember } = so_far;
    let (device, now) = (caller_device(), state.clock.now());
    let new = SignIn {
        id,
        user: user.clone().into(),
        method,
        password_hash: user.password_hash.clone(),
        remember,
        replaces: cookie_session(state),
    };
    let granted = state.sessions.begin(new, &device, now).await.map_err(refused)?;
    record_user(&user.id);
    tracing::info!(event = "signed_in", user = %user.id);
    state.sessions.activity.note_sign_in(&user.id, id, method, &device, now);
    reset_failures(state, user).await;
    remember_device(state, user);
    Ok(answer(state, granted))
}

/// Returns the session that a finished challenge has begun, for a browser that repeats the call: with the identical
/// cookie.
pub(crate) async fn again(state: &AppState, row: &ChallengeRow) -> Result<TokenAnswer, ApiError> {
    let id = row.session_id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
    let id = id.ok_or_else(|| over(Some(StepReason::Used)))?;
    if let Some(granted) = find(state, id).await? {
        record_user(&granted.session.user.id);
        if let Ok(Some(user)) = state.store.user_by_id(&granted.session.user.id).await {
            remember_device(state, &user);
        }
        return Ok(answer(state, granted));
    }
    // The client did not wait for the first answer: the challenge was finished, but its session never begun.
    let user = match row.user_id.as_deref() {
        Some(user) => state.store.user_by_id(user).await,
        None => state.store.user_by_email(&email::keys(&row.email)).await,
    };
    let user = user.map_err(|error| unavailable(&error))?.ok_or_else(|| over(Some(StepReason::Used)))?;
    // A change that ends all sessions ends this one as well.
    if row.finished_at.is_some_and(|finished_at| user.password_changed_at > finished_at) {
        return Err(over(Some(StepReason::Replaced)));
    }
    // For a step that did not record it: the weakest method.
    let least = SignInProgress { method: SignInMethod::MAIL_CODE, remember: true };
    let so_far = state.challenges.open(row).unwrap_or(least);
    if row.kind() != Some(ChallengeKind::Register) {
        tell_of_new_device(state, &user, id, state.clock.now()).await;
    }
    begin(state, &user, id, so_far).await
}

/// Finds the session, which another call may be beginning at this moment.
async fn find(state: &AppState, id: Uuid) -> Result<Option<IssuedTokens>, ApiError> {
    for _ in 0..LOOKS {
        match state.sessions.reissue(id, state.clock.now()).await {
            Err(SessionError::Over(EndReason::Expired)) => sleep(APART).await,
            Err(SessionError::Over(_)) => return Err(over(Some(StepReason::Used))),
            found => return found.map(Some).map_err(refused),
        }
    }
    Ok(None)
}
