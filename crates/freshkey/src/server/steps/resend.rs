//! Sends another email of a step, with another code and the same link. The previous code stays valid for its own time,
//! so that an email that arrives late is still useful.

use super::{
    super::{
        auth::{
            browser_token::Browser,
            challenge::{ChallengeKind, RESEND_AFTER},
            challenges::{ChallengeStatus, ResendError},
            email_kind::EmailKind,
        },
        bearer::Principal,
        caller::{Head, check_csrf, principal},
        gcra::{Limit, Limiter},
        limits::limited,
        refusal::unavailable,
        state::AppState,
        store::{
            challenges::{ChallengeOwner, ChallengeRow},
            outbox::NewEmail,
        },
    },
    OfChallenge, browser, count_email, email, mail, next_step, over,
    register::was_said,
    too_many_emails,
};
use crate::app::{
    error::{ApiError, Code},
    types::{StepReason, StepView},
};
use http::request::Parts;
use leptos::prelude::{expect_context, with_context};

/// See [`crate::app::api::steps::resend`].
pub(crate) async fn resend(challenge: Option<&str>) -> Result<StepView, ApiError> {
    let state: AppState = expect_context();
    let (mail, now) = (mail(&state)?, state.clock.now());
    let unavailable = |error| unavailable(&error);
    let browser = browser(&state).map(Browser::digest);
    let signed_in = signed_in(&state).await;
    let named = challenge.filter(|id| !id.is_empty());
    let own = browser.as_deref().map(ChallengeOwner::Browser);
    let mut row = state.challenges.find(named, own, None).await.map_err(unavailable)?;
    if let (None, Some(Ok(caller))) = (named, &signed_in) {
        // No step is named: the newest of the browser or of its user is meant.
        let users = state
            .challenges
            .find(None, Some(ChallengeOwner::User(&caller.user.id)), None)
            .await
            .map_err(unavailable)?;
        row = row.into_iter().chain(users).max_by_key(|row| row.created_at);
    }
    let users = row.clone().filter(|row| row.browser.is_none());
    let whose = match &users {
        Some(row) => users_own(&state, signed_in, row)?,
        None => own,
    };
    let row = match state.challenges.standing(row, whose, now).await.map_err(unavailable)? {
        ChallengeStatus::Open(row, _) => row,
        ChallengeStatus::Repeat(..) => return Err(over(Some(StepReason::Used))),
        ChallengeStatus::Over(reason) => return Err(over(reason)),
    };
    let (Some(kind), Some(email_kind)) = (row.kind(), email_kind(&row)) else { return Err(over(None)) };
    let user = state.store.user_by_id(row.user_id.as_deref().unwrap_or_default()).await.map_err(unavailable)?;
    // Looked up for every kind of email: otherwise the answer's time would reveal the kind.
    let said = was_said(&state, row.user_id.as_deref().unwrap_or_default()).await?;
    let silent = if email_kind == EmailKind::HaveAccount { said } else { row.decoy != 0 };
    // A new address is not the account's yet: what counts is who owns it now, if anybody.
    let is_new = kind == ChallengeKind::Email;
    let owner = if is_new {
        state.store.user_by_email(&email::keys(&row.email)).await.map_err(unavailable)?
    } else {
        user.clone()
    };
    if now >= row.asked_at + RESEND_AFTER {
        count_email(&state, &row.email_key, owner.as_ref()).await?;
    }
    let new = |number| {
        let user_has_it = user.as_ref().filter(|_| !is_new);
        let to = user_has_it.map_or(&row.email, |user| &user.email);
        let of = OfChallenge { id: row.uuid(), kind, to, number };
        NewEmail { decoy: silent, ..email(&state, email_kind, user.as_ref(), &of, now) }
    };
    match state.challenges.again(&row, new, now).await {
        Ok(()) => {
            mail.wake();
            Ok(next_step(&state, &row.id))
        }
        Err(ResendError::TooSoon(wait)) => Err(limited(&once(), wait)),
        Err(ResendError::Over(reason)) => Err(over(reason)),
        Err(ResendError::Full) => Err(too_many_emails()),
        Err(ResendError::Store(error)) => Err(unavailable(error)),
    }
}

/// How often a step may send an email, in the form that refusals need. It counts nothing: the step itself knows when
/// its last email was.
fn once() -> Limiter<String> {
    Limiter::new("resend", Limit { count: 1, period: RESEND_AFTER }, None)
}

/// Returns which email the step sends; none for a step of a later version.
fn email_kind(row: &ChallengeRow) -> Option<EmailKind> {
    Some(match row.kind()? {
        ChallengeKind::Register if row.user_id.is_some() => EmailKind::HaveAccount,
        ChallengeKind::Register => EmailKind::Register,
        ChallengeKind::Reset => EmailKind::Reset,
        ChallengeKind::SignIn => EmailKind::SignInCode,
        ChallengeKind::Prove => EmailKind::EmailProve,
        ChallengeKind::Email => EmailKind::EmailConfirm,
        ChallengeKind::SecondFactor
        | ChallengeKind::Keep
        | ChallengeKind::Enrol
        | ChallengeKind::Totp
        | ChallengeKind::RecoveryCodes => return None,
    })
}

/// Returns the owner of a step that is bound to a user: only that user, in one of their sessions.
fn users_own<'r>(
    state: &AppState,
    signed_in: Option<Result<Principal, ApiError>>,
    row: &'r ChallengeRow,
) -> Result<Option<ChallengeOwner<'r>>, ApiError> {
    let (Some(caller), Some(user)) = (signed_in.transpose()?, row.user_id.as_deref()) else { return Ok(None) };
    if caller.user.id != user {
        return Ok(None);
    }
    check_csrf(state, caller.session)?;
    Ok(Some(ChallengeOwner::User(user)))
}

/// Returns the caller, if they have an access token or, for a form, a refresh cookie; or what is wrong with it.
async fn signed_in(state: &AppState) -> Option<Result<Principal, ApiError>> {
    let credential = |parts: &Parts| Head::new(&parts.method, &parts.headers, &parts.extensions).credential(state);
    let caller = match with_context(credential)? {
        Ok(credential) => principal(state, credential).await,
        Err(refused) => Err(refused),
    };
    Some(caller).filter(|caller| !matches!(caller, Err(none) if none.code == Code::TokenNotFound))
}
