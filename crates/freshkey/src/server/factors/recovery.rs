//! Makes recovery codes, and shows them once.

use super::{
    change,
    codes::{self, Codes},
    make as make_change,
};
use crate::{
    app::{
        error::{ApiError, Code},
        types::RecoveryCodes,
    },
    server::{
        auth::email_kind::EmailKind,
        bearer::Principal,
        caller::{caller, own_account},
        refusal::unavailable,
        state::AppState,
        store::{
            challenges::{Finished, FinishedBy},
            factors::FactorChange,
        },
    },
};
use leptos::prelude::expect_context;

/// See [`crate::app::api::factors::make_recovery_codes`].
pub(crate) async fn make() -> Result<RecoveryCodes, ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    let user = own_account(&state, &caller).await?;
    if !user.two_step().on {
        return Err(ApiError::field("two_step", "Turn two-step sign-in on first."));
    }
    let codes = Codes::new(&state).await?;
    let made = FactorChange {
        codes: codes.kept(),
        shows: codes.to_show(&state, &user, Some(caller.session)),
        ..change(&state, &user, Some(caller.session), Some((EmailKind::RecoveryCodesMade, None))).await?
    };
    match make_change(&state, made).await? {
        Finished::Done(_) => Ok(RecoveryCodes { recovery_codes: codes.told().unwrap_or_default() }),
        Finished::NotOpen | Finished::Gone | Finished::Full => Err(Code::SessionEnded.into()),
    }
}

/// See [`crate::app::api::factors::shown_recovery_codes`].
pub(crate) async fn shown() -> Result<Option<RecoveryCodes>, ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    let shown = Codes::shown(&state, &caller.user.id, caller.session).await?;
    Ok(shown.map(|recovery_codes| RecoveryCodes { recovery_codes }))
}

/// See [`crate::app::api::factors::recovery_codes_saved`].
pub(crate) async fn saved() -> Result<(), ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    if Codes::shown(&state, &caller.user.id, caller.session).await?.is_none() {
        return Ok(());
    }
    if let Some(row) = codes::row(&state, &caller.user.id).await? {
        let by = FinishedBy { now: state.clock.now(), ..FinishedBy::default() };
        state.store.finish_challenge(&row, by).await.map_err(|error| unavailable(&error))?;
    }
    Ok(())
}
