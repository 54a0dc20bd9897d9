//! Signs a user in by a code from an email. The code replaces the password and nothing else.

use super::{
    super::{
        auth::{
            challenge::ChallengeKind, challenges::ChallengeStatus, email_kind::EmailKind, sessions::SignInMethod,
            sign_in::SignInProgress,
        },
        refusal::unavailable,
        state::AppState,
        store::challenges::{Finished, FinishedBy},
    },
    Begin, check_code, enter, onward, over,
    register::remembers,
    reset::account,
    standing, too_many_emails, typed,
};
use crate::app::{
    error::{ApiError, Code},
    types::{AuditEvent, SignInAnswer, StepReason, StepView},
};
use leptos::prelude::expect_context;

/// See [`crate::app::api::steps::login_code`].
pub(crate) async fn ask(text: &str) -> Result<StepView, ApiError> {
    let state: AppState = expect_context();
    allowed(&state)?;
    let (email, user) = account(&state, text).await?;
    super::begin(
        &state,
        Begin {
            kind: ChallengeKind::SignIn,
            email_kind: EmailKind::SignInCode,
            to: email.as_typed(),
            key: user.as_ref().map_or(email.key(), |user| &user.email_key),
            decoy: user.is_none(),
            silent: user.is_none(),
            user: user.as_ref(),
            signed_in: false,
            by_admin: None,
            registrant: None,
            event: Some(AuditEvent::SignInCodeSent),
        },
    )
    .await
}

/// Checks that this server signs users in by a code.
fn allowed(state: &AppState) -> Result<(), ApiError> {
    super::mail(state)?;
    if state.settings.account.mail_sign_in { Ok(()) } else { Err(Code::NotFound.into()) }
}

/// See [`crate::app::api::steps::login_code_confirm`].
pub(crate) async fn confirm(
    challenge: Option<&str>,
    code: &str,
    remember: Option<bool>,
) -> Result<SignInAnswer, ApiError> {
    let state: AppState = expect_context();
    allowed(&state)?;
    let code = typed(code)?;
    let (row, emails) = match standing(&state, challenge, ChallengeKind::SignIn, None).await? {
        ChallengeStatus::Open(row, emails) => (row, emails),
        ChallengeStatus::Repeat(row, emails) if state.challenges.is_code(&row, &emails, &code) => {
            return onward::again(&state, &row).await;
        }
        ChallengeStatus::Repeat(..) => return Err(over(Some(StepReason::Used))),
        ChallengeStatus::Over(reason) => return Err(over(reason)),
    };
    check_code(&state, &row, &emails, &code).await?;
    let user = state.store.user_by_id(row.user_id.as_deref().unwrap_or_default()).await;
    let user = user.map_err(|error| unavailable(&error))?;
    let Some(user) = user.filter(|user| user.disabled_at.is_none() && user.email_key == row.email_key) else {
        return Err(over(Some(StepReason::Replaced)));
    };
    let so_far = SignInProgress { method: SignInMethod::MAIL_CODE, remember: remembers(remember) };
    let (so_far, onward) = onward::plan(&state, &user, so_far).await?;
    let by = FinishedBy {
        browser: Some(enter(&state)?.digest()),
        session: onward.session(),
        data: state.challenges.seal(row.uuid(), &so_far),
        next: onward.challenge(),
        now: state.clock.now(),
        ..FinishedBy::default()
    };
    match state.store.finish_sign_in(&row, by).await.map_err(|error| unavailable(&error))? {
        Finished::Done(_) => onward::go(&state, &user, so_far, onward).await,
        Finished::NotOpen => match standing(&state, Some(&row.id), ChallengeKind::SignIn, None).await? {
            ChallengeStatus::Repeat(row, _) => onward::again(&state, &row).await,
            ChallengeStatus::Open(..) => Err(over(None)),
            ChallengeStatus::Over(reason) => Err(over(reason)),
        },
        Finished::Gone => Err(over(Some(StepReason::Replaced))),
        Finished::Full => Err(too_many_emails()),
    }
}
