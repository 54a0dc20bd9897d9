//! Setting up what a user proves besides the password: the bodies of the server functions in `app/api/factors.rs`,
//! except those that sign a user in with it ([`steps`](super::steps)).

pub(crate) mod codes;
pub(crate) mod passkey;
mod qr;
pub(crate) mod recovery;
pub(crate) mod totp;

use super::{
    auth::{
        email_kind::EmailKind,
        factor::{self, FactorKind},
    },
    bearer::Principal,
    caller::{caller, own_account},
    device::caller_device,
    refusal::unavailable,
    state::AppState,
    steps::{
        email_change::{count_change, uncount_change},
        notice,
        passkey::rp_id,
        too_many_emails, undoable,
    },
    store::{
        activity::Event,
        challenges::{Finished, NewChallenge},
        factors::{FactorChange, FactorRow, SessionsToEnd},
        users::UserRow,
    },
};
use crate::app::{
    error::{ApiError, Code},
    types::{AuditEvent, FactorsView, Millis, PasskeyItem, RecoveryCodesView, TotpItem, TwoStepView},
};
use codes::Codes;
use http::StatusCode;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use uuid::Uuid;

/// See [`crate::app::api::factors::factors`].
pub(crate) async fn show() -> Result<FactorsView, ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    let user = own_account(&state, &caller).await?;
    view(&state, &user).await
}

/// Returns how well an account is protected.
pub(crate) async fn view(state: &AppState, user: &UserRow) -> Result<FactorsView, ApiError> {
    let unavailable = |error| unavailable(&error);
    let factors = state.store.factors_of(&user.id).await.map_err(unavailable)?;
    let codes = state.store.recovery_codes_left(&user.id).await.map_err(unavailable)?;
    let trusted_devices = state.store.trusted_devices(&user.id, state.clock.now()).await.map_err(unavailable)?;
    let two_step = user.two_step();
    Ok(FactorsView {
        two_step: two_step.on,
        required: is_required(state, user),
        password_changed_at: (user.password_changed_at > Millis::ZERO).then_some(user.password_changed_at),
        totp: factors.iter().filter(|factor| factor.is_totp()).cloned().map(totp_item).collect(),
        passkeys: factors.into_iter().filter(FactorRow::is_passkey).map(passkey_item).collect(),
        recovery_codes: RecoveryCodesView { left: codes.left, created_at: codes.created_at },
        trusted_devices,
        user_handle: user.user_handle.clone(),
        rp_id: rp_id(state),
    })
}

fn totp_item(row: FactorRow) -> TotpItem {
    TotpItem { id: row.id, name: row.name, created_at: row.created_at, last_used_at: row.last_used_at }
}

/// Converts a passkey for its owner to see.
pub(crate) fn passkey_item(row: FactorRow) -> PasskeyItem {
    PasskeyItem {
        id: row.id,
        credential_id: row.credential_id.unwrap_or_default(),
        name: row.name,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        synced: row.backed_up == Some(1),
    }
}

/// Whether the account must have two-step sign-in.
pub(crate) fn is_required(state: &AppState, user: &UserRow) -> bool {
    user.two_step().is_required(state.settings.account.require_mfa, user.is_admin())
}

/// See [`crate::app::api::factors::set_two_step`].
pub(crate) async fn set_two_step(on: Option<bool>) -> Result<TwoStepView, ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    let on = on.ok_or_else(|| ApiError::field("on", "Say whether it is to be on."))?;
    let user = own_account(&state, &caller).await?;
    if user.two_step().on == on {
        return Ok(TwoStepView { two_step: on, recovery_codes: None });
    }
    if !on {
        let turned = FactorChange {
            two_step: Some(false),
            ends: SessionsToEnd::OthersOf(caller.session),
            ..change(&state, &user, Some(caller.session), Some((EmailKind::TwoStepOff, None))).await?
        };
        return match make(&state, turned).await? {
            Finished::Done(_) => Ok(TwoStepView::default()),
            _ => Err(Code::MfaRequired.into()),
        };
    }
    let codes = Codes::if_none(&state, &user).await?;
    let tells = codes.told().map(|_| (EmailKind::RecoveryCodesMade, None));
    let turned = FactorChange {
        two_step: Some(true),
        codes: codes.kept(),
        shows: codes.to_show(&state, &user, Some(caller.session)),
        ..change(&state, &user, Some(caller.session), tells).await?
    };
    match make(&state, turned).await? {
        Finished::Done(_) => Ok(TwoStepView { two_step: true, recovery_codes: codes.told() }),
        _ => Err(ApiError::field("on", "Add an authenticator app or a passkey first.")),
    }
}

/// See [`crate::app::api::factors::rename_factor`].
pub(crate) async fn rename(id: &str, name: &str) -> Result<FactorsView, ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    let name = both(present(id), named(Some(name), ""))?.1;
    if !state.store.rename_factor(&caller.user.id, id, &name).await.map_err(|error| unavailable(&error))? {
        return Err(Code::NotFound.into());
    }
    view(&state, &own_account(&state, &caller).await?).await
}

/// See [`crate::app::api::factors::remove_factor`].
pub(crate) async fn remove(id: &str) -> Result<(), ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    present(id)?;
    let user = own_account(&state, &caller).await?;
    let factors = state.store.factors_of(&user.id).await.map_err(|error| unavailable(&error))?;
    let kind = factors.iter().find(|factor| factor.id == id).and_then(FactorRow::kind).ok_or(Code::NotFound)?;
    let removed = FactorChange {
        remove: Some(id.to_owned()),
        ends: SessionsToEnd::OthersOf(caller.session),
        ..change(&state, &user, Some(caller.session), Some((EmailKind::FactorRemoved, Some(kind)))).await?
    };
    match make(&state, removed).await? {
        Finished::Done(_) => Ok(()),
        Finished::NotOpen => Err(Code::NotFound.into()),
        Finished::Gone | Finished::Full => Err(Code::MfaRequired.into()),
    }
}

/// See [`crate::app::api::factors::forget_devices`].
pub(crate) async fn forget_devices() -> Result<(), ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    let (device, now) = (caller_device(), state.clock.now());
    let event = Event::new(&caller.user.id, Some(caller.session), AuditEvent::DevicesForgotten, &device, now);
    state.store.forget_devices(event).await.map_err(|error| unavailable(&error))?;
    Ok(())
}

/// Prepares a change of the user's factors, with the email about it: `tells` is its kind, and the kind of factor.
/// Counts the change; [`make`] takes the count back if nothing changes.
///
/// # Errors
/// 429.
pub(crate) async fn change(
    state: &AppState,
    user: &UserRow,
    session: Option<Uuid>,
    tells: Option<(EmailKind, Option<FactorKind>)>,
) -> Result<FactorChange, ApiError> {
    count_change(state, &user.id).await?;
    Ok(counted_change(state, user, session, tells))
}

/// The same for a change that is already counted.
pub(crate) fn counted_change(
    state: &AppState,
    user: &UserRow,
    session: Option<Uuid>,
    tells: Option<(EmailKind, Option<FactorKind>)>,
) -> FactorChange {
    let now = state.clock.now();
    let tell = |(kind, factor)| {
        let mut email = notice(state, kind, Some(user), &user.email, now);
        email.facts.factor = factor;
        undoable(state, email, session, None)
    };
    FactorChange {
        user: user.id.clone(),
        session,
        required: is_required(state, user),
        device: caller_device(),
        notice: tells.filter(|_| state.mail.is_on()).map(tell),
        now,
        ..FactorChange::default()
    }
}

/// Makes a change that was counted. A change that is refused does not count.
///
/// # Errors
/// A passkey that is taken; the database failed; the outbox is full.
pub(crate) async fn make(state: &AppState, change: FactorChange) -> Result<Finished, ApiError> {
    let user = change.user.clone();
    let made = state.sessions.change_factors(change).await;
    if !matches!(made, Ok(Finished::Done(_))) {
        uncount_change(state, &user).await;
    }
    let made =
        made.map_err(|error| if error.is_taken() { Code::InvalidPasskey.into() } else { unavailable(&error) })?;
    match made {
        Finished::Full => return Err(too_many_emails()),
        Finished::Done(_) | Finished::NotOpen | Finished::Gone => {}
    }
    state.mail.wake();
    Ok(made)
}

/// Returns the trimmed name of a factor; `otherwise` if there is none.
///
/// # Errors
/// [`Code::Validation`].
pub(crate) fn named(name: Option<&str>, otherwise: &str) -> Result<String, ApiError> {
    let name = name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(otherwise);
    match factor::name_flaw(name) {
        Some(sentence) => Err(ApiError::field("name", sentence)),
        None => Ok(name.to_owned()),
    }
}

/// Checks that the call names a factor.
///
/// # Errors
/// [`Code::Validation`].
fn present(id: &str) -> Result<(), ApiError> {
    if id.is_empty() { Err(ApiError::field("id", "Name the passkey or the app.")) } else { Ok(()) }
}

/// Returns both inputs, or the errors of both.
fn both<A, B>(one: Result<A, ApiError>, other: Result<B, ApiError>) -> Result<(A, B), ApiError> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(wrong), Ok(_)) | (Ok(_), Err(wrong)) => Err(wrong),
        (Err(mut wrong), Err(other)) => {
            wrong.fields.extend(other.fields);
            Err(wrong)
        }
    }
}

/// Begins a challenge of a user: 201.
async fn begun(state: &AppState, new: NewChallenge) -> Result<(), ApiError> {
    if !state.challenges.begin(new, None).await.map_err(|error| unavailable(&error))? {
        return Err(too_many_emails());
    }
    expect_context::<ResponseOptions>().set_status(StatusCode::CREATED);
    Ok(())
}
