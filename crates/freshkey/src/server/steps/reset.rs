//! Resets a forgotten password. A reset begins no session and skips nothing that a sign-in asks for.

use super::{
    super::{
        auth::{
            challenge::ChallengeKind,
            challenges::ChallengeStatus,
            email::{self, Email},
            email_kind::EmailKind,
            mailed_secret::LinkPurpose,
        },
        cookies::{self, set_cookies},
        device::caller_device,
        known_device::{known_device, remember_device},
        refresh::cookie_session,
        refusal::{hashing, unavailable},
        state::AppState,
        store::{
            activity::Event,
            challenges::{ChallengeRow, Finished, FinishedBy, PasswordReset},
            users::UserRow,
        },
    },
    Begin, check_code, count_email, enter, link, notice, over,
    register::ByLink,
    standing, too_many_emails, typed, undoable,
};
use crate::app::{
    error::ApiError,
    types::{AuditEvent, Secret, StepReason, StepView},
};
use leptos::prelude::expect_context;

/// See [`crate::app::api::steps::forgot_password`].
pub(crate) async fn forgot(text: &str) -> Result<StepView, ApiError> {
    let state: AppState = expect_context();
    super::mail(&state)?;
    let (email, user) = account(&state, text).await?;
    super::begin(
        &state,
        Begin {
            kind: ChallengeKind::Reset,
            email_kind: EmailKind::Reset,
            to: email.as_typed(),
            key: user.as_ref().map_or(email.key(), |user| &user.email_key),
            decoy: user.is_none(),
            silent: user.is_none(),
            user: user.as_ref(),
            signed_in: false,
            by_admin: None,
            registrant: None,
            event: Some(AuditEvent::PasswordResetAsked),
        },
    )
    .await
}

/// Returns the typed address, and its account if there is one that is not disabled. Counts the email.
pub(super) async fn account(state: &AppState, text: &str) -> Result<(Email, Option<UserRow>), ApiError> {
    let email = Email::parse(text).map_err(|sentence| ApiError::field("email", sentence))?;
    let user = state.store.user_by_email(&email::keys(text)).await.map_err(|error| unavailable(&error))?;
    count_email(state, email.key(), user.as_ref()).await?;
    Ok((email, user.filter(|user| user.disabled_at.is_none())))
}

/// See [`crate::app::api::steps::reset_password`].
pub(crate) async fn reset(challenge: Option<&str>, code: Option<&str>, by_link: ByLink<'_>) -> Result<(), ApiError> {
    let state: AppState = expect_context();
    super::mail(&state)?;
    if by_link.is_meant(&state, LinkPurpose::Reset, challenge, code) {
        return reset_by_link(&state, by_link).await;
    }
    let code = typed(code.unwrap_or_default());
    let new = by_link.password;
    let (row, emails) = match standing(&state, challenge, ChallengeKind::Reset, None).await? {
        ChallengeStatus::Open(row, emails) => (row, emails),
        ChallengeStatus::Repeat(row, emails)
            if code.as_ref().is_ok_and(|code| state.challenges.is_code(&row, &emails, code))
                && is_present(&state, &row, new).await? =>
        {
            return Ok(());
        }
        ChallengeStatus::Repeat(..) => return Err(over(Some(StepReason::Used))),
        ChallengeStatus::Over(reason) => return Err(over(reason)),
    };
    // Both fields are checked together; a password that is refused uses up no attempt.
    let code = match (code, acceptable(&state, &row, new)) {
        (Ok(code), Ok(())) => code,
        (Err(wrong), Ok(())) | (Ok(_), Err(wrong)) => return Err(wrong),
        (Err(mut wrong), Err(password)) => {
            wrong.fields.extend(password.fields);
            return Err(wrong);
        }
    };
    check_code(&state, &row, &emails, &code).await?;
    if finish(&state, &row, new.reveal()).await? {
        return Ok(());
    }
    match standing(&state, Some(&row.id), ChallengeKind::Reset, None).await? {
        // Two identical calls at the same time count as one.
        ChallengeStatus::Repeat(row, _) if is_present(&state, &row, new).await? => Ok(()),
        ChallengeStatus::Repeat(..) => Err(over(Some(StepReason::Used))),
        ChallengeStatus::Open(..) => Err(over(None)),
        ChallengeStatus::Over(reason) => Err(over(reason)),
    }
}

async fn reset_by_link(state: &AppState, by: ByLink<'_>) -> Result<(), ApiError> {
    let row = match link::used(state, LinkPurpose::Reset, by.token, by.link).await?.standing {
        ChallengeStatus::Open(row, _) => row,
        ChallengeStatus::Repeat(row, _) if is_present(state, &row, by.password).await? => return Ok(()),
        ChallengeStatus::Repeat(..) => return Err(link::invalid(Some(StepReason::Used))),
        ChallengeStatus::Over(reason) => return Err(link::invalid(reason)),
    };
    acceptable(state, &row, by.password)?;
    if !finish(state, &row, by.password.reveal()).await.map_err(link::of_link)? {
        // Two identical calls at the same time count as one.
        match link::used(state, LinkPurpose::Reset, by.token, by.link).await?.standing {
            ChallengeStatus::Repeat(row, _) if is_present(state, &row, by.password).await? => {}
            _ => return Err(link::invalid(Some(StepReason::Used))),
        }
    }
    link::forget(state);
    Ok(())
}

/// Whether this is the password that the challenge has just set: the same call came twice.
async fn is_present(state: &AppState, row: &ChallengeRow, new: &Secret) -> Result<bool, ApiError> {
    let user = state.store.user_by_id(row.user_id.as_deref().unwrap_or_default()).await;
    let hash = user.map_err(|error| unavailable(&error))?.map(|user| user.password_hash);
    state.hasher.verify(new.reveal(), hash.as_deref()).await.map_err(hashing)
}

fn acceptable(state: &AppState, row: &ChallengeRow, new: &Secret) -> Result<(), ApiError> {
    let judged = state.settings.check_password(new.reveal(), Some(&row.email), None);
    judged.map(drop).map_err(|sentence| ApiError::field("new_password", sentence))
}

/// Changes the password; false if another call was faster.
async fn finish(state: &AppState, row: &ChallengeRow, new: &str) -> Result<bool, ApiError> {
    let id = row.user_id.as_deref().unwrap_or_default();
    let user = state.store.user_by_id(id).await.map_err(|error| unavailable(&error))?;
    let hash = state.hasher.hash(new).await.map_err(hashing)?;
    let (browser, now, present) = (enter(state)?, state.clock.now(), cookie_session(state));
    let to = user.as_ref().map_or(&row.email, |user| &user.email);
    let notice = undoable(state, notice(state, EmailKind::PasswordChanged, user.as_ref(), to, now), None, None);
    let known = user.as_ref().is_some_and(|user| known_device(state, user).is_some());
    let event = Event::new(id, None, AuditEvent::PasswordReset, &caller_device(), now);
    let by = FinishedBy { browser: Some(browser.digest()), now, ..FinishedBy::default() };
    let reset = PasswordReset { hash, event, notice };
    match state.sessions.reset_password(row, by, reset).await.map_err(|error| unavailable(&error))? {
        Finished::Done(ended) => {
            if present.is_some_and(|present| ended.contains(&present)) {
                set_cookies(cookies::clear(&state.settings.http));
            }
            // The cookie of a known device is now void. An unknown device stays unknown: a reset is not a sign-in.
            if known && let Ok(Some(user)) = state.store.user_by_id(id).await {
                remember_device(state, &user);
            }
            super::mail(state)?.wake();
            Ok(true)
        }
        Finished::NotOpen => Ok(false),
        Finished::Gone => Err(over(Some(StepReason::Replaced))),
        Finished::Full => Err(too_many_emails()),
    }
}
