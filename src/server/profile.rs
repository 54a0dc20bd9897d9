//! The bodies of the server functions in `app/api/profile.rs`.

use super::{
    account::{hashing, name_flaw, unavailable},
    auth::{
        email::Email,
        password::{self, About},
    },
    call::{Principal, caller},
    login::{Attempts, counted, known_device},
    pages::caller_device,
    state::AppState,
    store::{sessions::NewPassword, users::UserRow},
};
use crate::app::{
    error::{ApiError, Code},
    types::{Happened, ProfileView, Secret, UserView},
};
use leptos::prelude::expect_context;
use std::borrow::Cow;

/// See [`crate::app::api::profile::profile`].
pub(crate) async fn profile() -> Result<ProfileView, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let user = own(&state, &caller).await?;
    Ok(ProfileView { id: user.id, email: user.email, name: user.name, created_at: user.created_at })
}

/// See [`crate::app::api::profile::update_name`].
pub(crate) async fn update_name(name: Option<&str>) -> Result<UserView, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    if let Some(sentence) = name.and_then(name_flaw) {
        return Err(ApiError::field("name", sentence));
    }
    let user = state.store.set_name(&caller.user.id, name).await.map_err(|error| unavailable(&error))?;
    Ok(user.ok_or(Code::SessionEnded)?.into())
}

/// See [`crate::app::api::profile::change_password`].
pub(crate) async fn change_password(current: &Secret, new: &Secret) -> Result<(), ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let user = own(&state, &caller).await?;
    let email = Email::parse(&user.email).ok();
    acceptable(&state, &user, email.as_ref(), current, new)?;

    // The session is at hand and the password is not: whoever has stolen the one must not guess the
    // other. Counted for the device, or else for the session, and not for the account: so guessing
    // here locks nobody out elsewhere, and guessing elsewhere keeps nobody from a new password.
    let device = email.as_ref().and_then(|email| known_device(&state, email));
    let attempts = device.map_or(Attempts::Session(caller.session), Attempts::Device);
    let right = async {
        let matches = state.hasher.verify(current.reveal(), Some(&user.password_hash)).await.map_err(hashing)?;
        Ok(matches.then_some(()))
    };
    let right = counted(&state, Some(&attempts), right).await?;
    let (device, now) = (caller_device(), state.clock.now());
    let note = |happened| state.sessions.activity.note(&user.id, Some(caller.session), happened, &device, now);
    if right.is_none() {
        tracing::warn!(event = "password_change_refused", user = %user.id);
        note(Happened::PasswordChangeRefused);
        return Err(ApiError::field("current_password", "This is not your current password."));
    }

    let hash = state.hasher.hash(new.reveal()).await.map_err(hashing)?;
    let new =
        NewPassword { user: user.id.clone(), old: user.password_hash.clone(), new: hash, session: caller.session };
    if !state.sessions.change_password(new, now).await.map_err(|error| unavailable(&error))? {
        // Its hash was made anew, or it was changed elsewhere, in this very moment.
        return Err(ApiError::from(Code::Overloaded).after(1));
    }
    tracing::info!(event = "password_changed", user = %user.id);
    note(Happened::PasswordChanged);
    Ok(())
}

/// The caller, as the database has them.
async fn own(state: &AppState, caller: &Principal) -> Result<UserRow, ApiError> {
    let user = state.store.user_by_id(&caller.user.id).await.map_err(|error| unavailable(&error))?;
    Ok(user.ok_or(Code::SessionEnded)?)
}

/// What can be said of the two passwords before anything is hashed.
fn acceptable(
    state: &AppState,
    user: &UserRow,
    email: Option<&Email>,
    current: &Secret,
    new: &Secret,
) -> Result<(), ApiError> {
    let mut wrong: Vec<(&'static str, Cow<'static, str>)> = Vec::new();
    if current.reveal().is_empty() {
        wrong.push(("current_password", "Enter your current password.".into()));
    }
    let about = About { email, name: user.name.as_deref(), origin: &state.settings.http.origin };
    if let Err(sentence) = password::check_new(new.reveal(), &about, state.settings.passwords.min_chars) {
        wrong.push(("new_password", sentence.into()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(ApiError::fields(wrong)) }
}
