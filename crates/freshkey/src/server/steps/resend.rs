//! Another email of a step, with another code and the same link. The code before it stays good for its own time: an
//! email that comes late is never for nothing.

use super::{
    super::{
        account::unavailable,
        auth::{
            browser_token::Browser,
            challenge::ChallengeKind,
            challenges::{NoEmail, Standing},
            email_kind::EmailKind,
        },
        bearer::BearerVerdict,
        call::{Principal, check_csrf},
        guard::rate_limit,
        state::AppState,
        store::{
            challenges::{ChallengeRow, Whose},
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
    let signed_in = signed_in();
    let named = challenge.filter(|id| !id.is_empty());
    let own = browser.as_deref().map(Whose::Browser);
    let row = state.challenges.find(named, own, None).await.map_err(unavailable)?;
    let users = row.clone().filter(|row| row.browser.is_none());
    let whose = match &users {
        Some(row) => users_own(&state, signed_in.as_ref(), row)?,
        None => own,
    };
    let row = match state.challenges.standing(row, whose, now).await.map_err(unavailable)? {
        Standing::Open(row, _) => row,
        Standing::Repeat(..) => return Err(over(Some(StepReason::Used))),
        Standing::Over(reason) => return Err(over(reason)),
    };
    let (Some(kind), Some(email_kind)) = (row.kind(), email_kind(&row)) else { return Err(over(None)) };
    let user = state.store.user_by_id(row.user_id.as_deref().unwrap_or_default()).await.map_err(unavailable)?;
    let silent = match email_kind {
        EmailKind::HaveAccount => was_said(&state, row.user_id.as_deref().unwrap_or_default()).await?,
        _ => row.decoy != 0,
    };
    if now >= row.asked_at + freshkey_core::rules::challenge::RESEND_AFTER_MS {
        count_email(&state, &row.email_key, user.as_ref()).await?;
    }
    let new = |number| {
        let to = user.as_ref().map_or(&row.email, |user| &user.email);
        let of = OfChallenge { id: row.uuid(), kind, to, number };
        NewEmail { decoy: silent, ..email(&state, email_kind, user.as_ref(), &of, now) }
    };
    match state.challenges.again(&row, new, now).await {
        Ok(()) => {
            mail.wake();
            Ok(next_step(&state, &row.id))
        }
        Err(NoEmail::TooSoon(ms)) => {
            Err(ApiError::from(Code::RateLimited).after(rate_limit::whole_seconds(ms.unsigned_abs())))
        }
        Err(NoEmail::Full) => Err(too_many_emails()),
        Err(NoEmail::Store(error)) => Err(unavailable(error)),
    }
}

/// Which email the step has; none for a step of a later version.
fn email_kind(row: &ChallengeRow) -> Option<EmailKind> {
    Some(match row.kind()? {
        ChallengeKind::Register if row.user_id.is_some() => EmailKind::HaveAccount,
        ChallengeKind::Register => EmailKind::Register,
        ChallengeKind::Reset => EmailKind::Reset,
        ChallengeKind::SignIn => EmailKind::SignInCode,
        ChallengeKind::Prove => EmailKind::EmailProve,
        ChallengeKind::Keep => return None,
    })
}

/// Whose step it is, where it is bound to a user: theirs alone, in a session of theirs.
fn users_own<'r>(
    state: &AppState,
    signed_in: Option<&Principal>,
    row: &'r ChallengeRow,
) -> Result<Option<Whose<'r>>, ApiError> {
    let (Some(caller), Some(user)) = (signed_in, row.user_id.as_deref()) else { return Ok(None) };
    if caller.user.id != user {
        return Ok(None);
    }
    check_csrf(state, caller.session)?;
    Ok(Some(Whose::User(user)))
}

/// Who calls, if it is somebody with an access token.
fn signed_in() -> Option<Principal> {
    let verdict = |parts: &Parts| parts.extensions.get::<BearerVerdict>().and_then(|verdict| verdict.0.clone().ok());
    with_context(verdict).flatten()
}
