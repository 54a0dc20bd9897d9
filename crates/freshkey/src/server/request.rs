//! What the body of a server function may ask of the request it answers.

use super::{
    body::{self, Format},
    gcra::Verdict,
    limits::{LimitedAction, limited},
    mail::{self, NewEmail},
    own_settings::OwnSettings,
    state::AppState,
    store::Store,
};
use crate::app::{
    error::{ApiError, Code},
    types::Role,
};
use http::StatusCode;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use std::{any::type_name, sync::Arc};

pub use super::{bearer::Principal, caller::caller};

/// Returns the caller, who must have this role: the guard of a protected function that is not for everybody. The
/// database is asked each time: whoever has the role no more is out at the next call, whatever token they have.
///
/// # Errors
/// As [`caller`]; [`Code::Forbidden`] without the role; the database.
pub async fn caller_as(role: &Role) -> Result<Principal, ApiError> {
    let caller = caller()?;
    let has = store().role_of(&caller.user.id).await?;
    if has.is_some_and(|has| has.may_act_as(role)) {
        return Ok(caller);
    }
    tracing::warn!(event = "role_missing", user = %caller.user.id, role = role.text());
    Err(Code::Forbidden.into())
}

/// The app's own settings ([`Freshkey::settings`](super::freshkey::Freshkey::settings)).
///
/// # Errors
/// [`Code::Internal`] where the app has no settings of this type.
pub fn settings<S: Send + Sync + 'static>() -> Result<Arc<S>, ApiError> {
    let state: AppState = expect_context();
    state.app.own_settings().and_then(OwnSettings::get).ok_or_else(|| {
        tracing::error!(event = "internal_error", error = "there are no such settings", of = type_name::<S>());
        Code::Internal.into()
    })
}

/// The database.
pub fn store() -> Store {
    expect_context::<AppState>().store.clone()
}

/// Sends an email: it is written down, and then sent until it arrives. Where `FRESHKEY_MAIL` is `none`, nothing is done.
/// What must be written in one transaction with something else is written by [`insert`](super::mail::insert).
///
/// # Errors
/// [`Code::Overloaded`] while too many wait; the database.
pub async fn send_email(email: NewEmail) -> Result<(), ApiError> {
    let state: AppState = expect_context();
    if !state.mail.is_on() {
        return Ok(());
    }
    let written =
        state.store.write(email, |connection, email| Box::pin(async move { mail::insert(connection, &email).await }));
    if !written.await? {
        return Err(Code::Overloaded.into());
    }
    state.mail.wake();
    Ok(())
}

impl LimitedAction {
    /// Counts one more for `key`, a user's id say, in the request that is being answered. With Redis, all instances
    /// count together.
    ///
    /// # Errors
    /// 429 where the allowance is used up, with what clients need to know of it.
    pub async fn count(&self, key: &str) -> Result<(), ApiError> {
        let state: AppState = expect_context();
        let limiter = state.limits.of(self);
        match limiter.count(&key.to_owned(), state.clock.monotonic()).await {
            Verdict::Allowed => Ok(()),
            Verdict::Refused { retry_after_ms } => {
                tracing::warn!(event = "rate_limited", by = self.name);
                let refused = limited(&limiter, retry_after_ms);
                Err(match self.message {
                    Some(message) => ApiError { message: message.into(), ..refused },
                    None => refused,
                })
            }
        }
    }

    /// Takes back what was counted last for `key`: it was not done.
    pub async fn give_back(&self, key: &str) {
        let state: AppState = expect_context();
        state.limits.of(self).give_back(&key.to_owned()).await;
    }
}

/// Now, in milliseconds since 1970, by the server's clock.
pub fn now() -> i64 {
    expect_context::<AppState>().clock.now()
}

/// Whether an HTML form carries the input, and not JSON.
pub fn is_form() -> bool {
    body::format() == Format::Form
}

/// Answers with another status than 200, or 204 for nothing.
pub fn set_status(status: StatusCode) {
    expect_context::<ResponseOptions>().set_status(status);
}
