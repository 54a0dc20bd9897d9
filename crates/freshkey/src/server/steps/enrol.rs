//! Sets up a second step in the middle of a sign-in that requires one: the session begins only when that is done.

use super::{
    super::{
        auth::{
            challenge::ChallengeKind, challenges::ChallengeStatus, sessions::SecondFactor, sign_in::SignInProgress,
        },
        bearer::Principal,
        caller::own_account,
        refusal::{internal, unavailable},
        state::AppState,
        store::{
            challenges::{ChallengeRow, FinishedBy},
            users::UserRow,
        },
    },
    enter, onward, over, session, standing,
};
use crate::app::{
    error::{ApiError, Code},
    types::{Enrolled, Secret, StepReason},
};
use leptos::prelude::use_context;
use uuid::Uuid;

/// Who sets up a second step, from the context.
#[derive(Clone, Debug)]
pub(crate) enum Enroller {
    /// A signed-in user who has confirmed their identity.
    SignedIn(Principal),
    /// A user in the middle of a sign-in, by their step, which may just have been finished.
    Pending(Box<ChallengeRow>),
}

impl Enroller {
    /// Returns the enroller of the current call.
    ///
    /// # Errors
    /// [`Code::TokenNotFound`]: nobody is signed in.
    pub(crate) fn of_call() -> Result<Self, ApiError> {
        use_context().ok_or_else(|| Code::TokenNotFound.into())
    }

    /// Returns the step of the sign-in; none if the user is signed in.
    pub(crate) fn step(&self) -> Option<&ChallengeRow> {
        match self {
            Self::SignedIn(_) => None,
            Self::Pending(row) => Some(row),
        }
    }

    /// Returns the id of the session or the step in which the second step is set up.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::SignedIn(principal) => principal.session.to_string(),
            Self::Pending(row) => row.id.clone(),
        }
    }

    /// Returns the session in which it is set up.
    pub(crate) fn session(&self) -> Option<Uuid> {
        match self {
            Self::SignedIn(principal) => Some(principal.session),
            Self::Pending(_) => None,
        }
    }

    /// Returns the account.
    pub(crate) async fn user(&self, state: &AppState) -> Result<UserRow, ApiError> {
        match self {
            Self::SignedIn(principal) => own_account(state, principal).await,
            Self::Pending(row) => {
                let user = state.store.user_by_id(row.user_id.as_deref().unwrap_or_default()).await;
                let user = user.map_err(|error| unavailable(&error))?;
                let user = user.filter(|user| user.disabled_at.is_none() && user.delete_at.is_none());
                user.ok_or_else(|| over(Some(StepReason::Replaced)))
            }
        }
    }
}

/// Returns the step of a sign-in that this browser is at, if any: the named one, or the newest.
///
/// # Errors
/// [`Code::ChallengeOver`].
pub(crate) async fn pending(state: &AppState, challenge: Option<&str>) -> Result<Option<Enroller>, ApiError> {
    match standing(state, challenge, ChallengeKind::Enrol, None).await? {
        ChallengeStatus::Open(row, _) | ChallengeStatus::Repeat(row, _) => Ok(Some(Enroller::Pending(Box::new(row)))),
        ChallengeStatus::Over(None) if challenge.is_none() => Ok(None),
        ChallengeStatus::Over(reason) => Err(over(reason)),
    }
}

/// How setting up a second step ends the sign-in's step: the session that begins, and what is recorded.
pub(crate) struct Ending {
    pub(crate) session: Uuid,
    pub(crate) so_far: SignInProgress,
    pub(crate) by: FinishedBy,
    step: ChallengeRow,
}

/// Ends a step with this second factor; `answer` is the digest of the answer.
pub(crate) fn ending(
    state: &AppState,
    row: &ChallengeRow,
    second: SecondFactor,
    answer: String,
) -> Result<Ending, ApiError> {
    let so_far = onward::so_far(state, row)?;
    let so_far = SignInProgress { method: so_far.method.and(second), ..so_far };
    let (session, now) = (Uuid::now_v7(), state.clock.now());
    let by = FinishedBy {
        browser: Some(enter(state)?.digest()),
        session: Some(session),
        answer: Some(answer),
        data: state.challenges.seal(row.uuid(), &so_far),
        next: None,
        now,
    };
    Ok(Ending { session, so_far, by, step: row.clone() })
}

/// Begins the session after the step has ended.
pub(crate) async fn begin(
    state: &AppState,
    user: &str,
    ending: Ending,
    recovery_codes: Vec<Secret>,
) -> Result<Enrolled, ApiError> {
    let user = state.store.user_by_id(user).await.map_err(|error| unavailable(&error))?;
    let user = user.ok_or_else(|| internal(&std::io::Error::other("a user is gone")))?;
    // A user who registers has no other device.
    let registers = state.store.follows(&ending.step, ChallengeKind::Register).await;
    if !registers.map_err(|error| unavailable(&error))? {
        super::tell_of_new_device(state, &user, ending.session, state.clock.now()).await;
    }
    let session = session::begin(state, &user, ending.session, ending.so_far).await?;
    Ok(Enrolled { session, recovery_codes })
}

/// Returns the session that a step has begun a moment ago, for a browser that repeats the call.
pub(crate) async fn again(
    state: &AppState,
    row: &ChallengeRow,
    answer: &str,
    recovery_codes: Vec<Secret>,
) -> Result<Enrolled, ApiError> {
    if row.answer.as_deref() != Some(answer) {
        return Err(over(Some(StepReason::Used)));
    }
    Ok(Enrolled { session: session::again(state, row).await?, recovery_codes })
}
