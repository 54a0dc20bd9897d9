//! What the body of a server function can ask about the request that it answers.

use super::{
    body::{self, Format},
    gcra::Verdict,
    limits::{LimitedAction, limited},
    mail::{self, NewEmail},
    state::AppState,
    store::Store,
};
use crate::app::{
    error::{ApiError, Code},
    types::{Millis, Role},
};
use http::StatusCode;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use std::{any::type_name, sync::Arc};

pub use super::{bearer::Principal, caller::caller};

/// Returns the caller, who must have this role: the guard of a protected function that is not for everybody. It asks
/// the database each time, so a user who loses the role is refused at the next call, whatever the token says.
///
/// # Errors
/// Those of [`caller`]; [`Code::Forbidden`] without the role; the database failed.
pub async fn caller_as(role: &Role) -> Result<Principal, ApiError> {
    let caller = caller()?;
    let has = store().role_of(&caller.user.id).await?;
    if has.is_some_and(|has| has.may_act_as(role)) {
        return Ok(caller);
    }
    tracing::warn!(event = "role_missing", user = %caller.user.id, role = role.text());
    Err(Code::Forbidden.into())
}

/// Returns the app's own settings ([`Freshkey::settings`](super::freshkey::Freshkey::settings)).
///
/// # Errors
/// [`Code::Internal`] if the app has no settings of this type.
pub fn settings<S: Send + Sync + 'static>() -> Result<Arc<S>, ApiError> {
    let state: AppState = expect_context();
    state.settings.app.get().ok_or_else(|| {
        tracing::error!(event = "internal_error", error = "there are no such settings", of = type_name::<S>());
        Code::Internal.into()
    })
}

/// Returns the database.
pub fn store() -> Store {
    expect_context::<AppState>().store.clone()
}

/// Sends an email: stores it, then tries to send it until it arrives. Does nothing where `FRESHKEY_MAIL` is `none`. To
/// store an email in the same transaction as something else, use [`insert`](super::mail::insert).
///
/// # Errors
/// [`Code::Overloaded`] while too many emails wait; the database failed.
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
    /// Counts the action once for `key`, such as a user's id, in the current request. With Redis, all instances count
    /// together.
    ///
    /// # Errors
    /// 429 if the allowance is used up, with the headers that tell clients about the limit.
    pub async fn count(&self, key: &str) -> Result<(), ApiError> {
        let state: AppState = expect_context();
        let limiter = state.limits.of(self);
        match limiter.count(&key.to_owned(), state.clock.monotonic()).await {
            Verdict::Allowed => Ok(()),
            Verdict::Refused { retry_after } => {
                tracing::warn!(event = "rate_limited", by = self.name);
                let refused = limited(&limiter, retry_after);
                Err(match self.message {
                    Some(message) => ApiError { message: message.into(), ..refused },
                    None => refused,
                })
            }
        }
    }

    /// Takes back the last count for `key`: the action was not carried out.
    pub async fn give_back(&self, key: &str) {
        let state: AppState = expect_context();
        state.limits.of(self).give_back(&key.to_owned()).await;
    }
}

/// Returns the server's time.
pub fn now() -> Millis {
    expect_context::<AppState>().clock.now()
}

/// Whether the input came as an HTML form, and not as JSON.
pub fn is_form() -> bool {
    body::format() == Format::Form
}

/// Sets a status other than 200, or than 204 for nothing.
pub fn set_status(status: StatusCode) {
    expect_context::<ResponseOptions>().set_status(status);
}
