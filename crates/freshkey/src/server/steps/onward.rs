//! Decides what follows after the user has proven something: the next step of a sign-in, or its session. Every way of
//! signing in comes through here; the rule is [`auth::sign_in`](super::super::auth::sign_in).

use super::{
    super::{
        auth::{
            challenge::ChallengeKind,
            sign_in::{self, NextStep, SignInPolicy, SignInProgress},
        },
        known_device::{known_device, shown_trust},
        refusal::unavailable,
        state::AppState,
        store::{
            challenges::{AfterPassword, ChallengeRow, NewChallenge},
            factors::FactorRow,
            users::UserRow,
        },
    },
    broken, enter, over,
    passkey::{self, PasskeyOwner},
    session, tell_of_new_device, too_many_emails,
};
use crate::app::{
    error::{ApiError, Code},
    types::{SecondStepWay, SignInAnswer, StepReason, StepStatus, StepView},
};
use http::StatusCode;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use uuid::Uuid;

/// What comes next.
pub(crate) enum Onward {
    /// The session, with this id.
    Session(Uuid),
    /// A step.
    Step(Box<(NewChallenge, StepView)>),
}

impl Onward {
    /// Returns the session's id.
    pub(crate) fn session(&self) -> Option<Uuid> {
        match self {
            Self::Session(id) => Some(*id),
            Self::Step(_) => None,
        }
    }

    /// Returns the step's challenge.
    pub(crate) fn challenge(&self) -> Option<Box<NewChallenge>> {
        match self {
            Self::Session(_) => None,
            Self::Step(step) => Some(Box::new(step.0.clone())),
        }
    }
}

/// Returns what comes next for a user who has proven `so_far`, and what counts as proven by then.
pub(crate) async fn plan(
    state: &AppState,
    user: &UserRow,
    so_far: SignInProgress,
) -> Result<(SignInProgress, Onward), ApiError> {
    let demands = SignInPolicy {
        two_step: user.two_step(),
        setting: state.settings.account.require_mfa,
        is_admin: user.is_admin(),
        trusts_device: trusts(state, user).await?,
        is_leaving: user.delete_at.is_some(),
    };
    let (next, so_far) = sign_in::next(so_far, demands);
    let kind = match next {
        NextStep::Session => return Ok((so_far, Onward::Session(Uuid::now_v7()))),
        NextStep::SecondFactor => ChallengeKind::SecondFactor,
        NextStep::Keep => ChallengeKind::Keep,
        NextStep::Enrol => ChallengeKind::Enrol,
    };
    let (id, now) = (Uuid::now_v7(), state.clock.now());
    let new = NewChallenge {
        id,
        kind,
        browser: Some(enter(state)?.digest()),
        user: Some(user.id.clone()),
        email: user.email.clone(),
        email_key: user.email_key.clone(),
        decoy: false,
        data: Some(state.challenges.seal(id, &so_far).ok_or(Code::Internal)?),
        created_at: now,
        expires_at: now + state.challenges.lifetimes.of(kind),
        event: None,
    };
    let view = view(state, kind, id.to_string(), user).await?;
    Ok((so_far, Onward::Step(Box::new((new, view)))))
}

/// Carries out the plan; the challenge of a step has begun already.
pub(crate) async fn go(
    state: &AppState,
    user: &UserRow,
    so_far: SignInProgress,
    onward: Onward,
) -> Result<SignInAnswer, ApiError> {
    match onward {
        Onward::Session(id) => {
            tell_of_new_device(state, user, id, state.clock.now()).await;
            session::begin(state, user, id, so_far).await.map(SignInAnswer::from)
        }
        Onward::Step(step) => Ok(accepted(step.1)),
    }
}

/// Begins the first step of a sign-in.
pub(crate) async fn begin(state: &AppState, challenge: NewChallenge, view: StepView) -> Result<SignInAnswer, ApiError> {
    if state.challenges.begin(challenge, None).await.map_err(|error| unavailable(&error))? {
        Ok(accepted(view))
    } else {
        Err(too_many_emails())
    }
}

/// Begins the step that follows a password; none if the password was changed while it was verified.
pub(crate) async fn follow(
    state: &AppState,
    verified: &UserRow,
    step: (NewChallenge, StepView),
) -> Result<Option<StepView>, ApiError> {
    let (challenge, view) = step;
    let begun = state.challenges.begin_after_password(challenge, &verified.password_hash).await;
    match begun.map_err(|error| unavailable(&error))? {
        AfterPassword::Begun => Ok(Some(view)),
        AfterPassword::Changed => Ok(None),
        AfterPassword::Full => Err(too_many_emails()),
    }
}

/// Returns the answer of a finished step, for a browser that repeats the call.
pub(crate) async fn again(state: &AppState, row: &ChallengeRow) -> Result<SignInAnswer, ApiError> {
    let Some(next) = row.next_id.as_deref() else { return session::again(state, row).await.map(SignInAnswer::from) };
    let gone = || over(Some(StepReason::Used));
    let next = state.challenges.find(Some(next), None, None).await.map_err(|error| unavailable(&error))?;
    let next = next.ok_or_else(gone)?;
    let user = state.store.user_by_id(next.user_id.as_deref().unwrap_or_default()).await;
    let user = user.map_err(|error| unavailable(&error))?.ok_or_else(gone)?;
    Ok(accepted(view(state, next.kind().ok_or_else(gone)?, next.id, &user).await?))
}

/// Returns what was proven before a step.
pub(crate) fn so_far(state: &AppState, row: &ChallengeRow) -> Result<SignInProgress, ApiError> {
    state.challenges.open(row).ok_or_else(|| broken("a step can't be opened"))
}

/// Returns what a step's page and a program need to know about it.
async fn view(state: &AppState, kind: ChallengeKind, challenge: String, user: &UserRow) -> Result<StepView, ApiError> {
    let expires_in = state.challenges.lifetimes.of(kind).whole_seconds();
    Ok(match kind {
        ChallengeKind::SecondFactor => {
            let (methods, passkey_options) = second_steps(state, user, PasskeyOwner::InStep(user)).await?;
            StepView { methods, passkey_options, ..StepView::new(StepStatus::SecondFactor, challenge, expires_in) }
        }
        ChallengeKind::Keep => {
            let view = StepView::new(StepStatus::DeletionPending, challenge, expires_in);
            StepView { delete_at: user.delete_at, ..view }
        }
        ChallengeKind::Enrol => StepView::new(StepStatus::Enrol, challenge, expires_in),
        _ => StepView::new(StepStatus::CheckMail, challenge, expires_in),
    })
}

/// Returns the ways in which the user can take the second step.
pub(crate) async fn second_steps(
    state: &AppState,
    user: &UserRow,
    owner: PasskeyOwner<'_>,
) -> Result<(Vec<SecondStepWay>, Option<crate::app::types::PasskeyOptions>), ApiError> {
    let unavailable = |error| unavailable(&error);
    let has_app = state.store.factors_of(&user.id).await.map_err(unavailable)?.iter().any(FactorRow::is_totp);
    let has_code = has_app || state.store.recovery_codes_left(&user.id).await.map_err(unavailable)?.left > 0;
    let options = passkey::options_for(state, owner).await?;
    let by = [has_code.then_some(SecondStepWay::Code), options.is_some().then_some(SecondStepWay::Passkey)];
    Ok((by.into_iter().flatten().collect(), options))
}

/// Answers 202: a step comes next.
pub(crate) fn accepted(view: StepView) -> SignInAnswer {
    expect_context::<ResponseOptions>().set_status(StatusCode::ACCEPTED);
    SignInAnswer::Step(view)
}

/// Whether the account trusts the device.
async fn trusts(state: &AppState, user: &UserRow) -> Result<bool, ApiError> {
    if state.settings.account.trust_device.is_none() || !user.two_step().on {
        return Ok(false);
    }
    if known_device(state, user).is_none() {
        return Ok(false);
    }
    for trust in shown_trust(state, user) {
        let trusted = state.store.trusts(&user.id, &trust.digest(), state.clock.now()).await;
        if trusted.map_err(|error| unavailable(&error))? {
            return Ok(true);
        }
    }
    Ok(false)
}
