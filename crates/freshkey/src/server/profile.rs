//! The bodies of the server functions in `app/api/profile.rs`.

use super::{
    attempts::{Count, attempts_in_session, limit_failures},
    auth::{challenge::ChallengeKind, challenges::ChallengeStatus, email_kind::EmailKind, name},
    bearer::Principal,
    caller::caller,
    caller::own_account,
    device::caller_device,
    known_device::remember_device,
    refusal::{hashing, refused, unavailable},
    state::AppState,
    step_up,
    steps::{email_change::count_change, notice, undoable},
    store::{
        account_changes::{NewPassword, PasswordChange},
        challenges::ChallengeOwner,
        users::UserRow,
    },
};
use crate::app::{
    error::{ApiError, Code},
    types::{AuditEvent, ProfileView, Seconds, Secret, UserView},
};
use leptos::prelude::expect_context;
use std::borrow::Cow;

/// How often a change is tried again because the stored hash has changed meanwhile.
const ATTEMPTS: usize = 3;

/// See [`crate::app::api::profile::profile`].
pub(crate) async fn profile() -> Result<ProfileView, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    shown(&state, own_account(&state, &caller).await?).await
}

/// Returns the account, with its pending changes.
pub(super) async fn shown(state: &AppState, user: UserRow) -> Result<ProfileView, ApiError> {
    let (unavailable, now) = (|error| unavailable(&error), state.clock.now());
    let undo_until = state.store.undo_until(&user.id, now).await.map_err(unavailable)?;
    let whose = Some(ChallengeOwner::User(&user.id));
    let wish = state.challenges.find(None, whose, Some(ChallengeKind::Email)).await.map_err(unavailable)?;
    let (new_email, new_email_step) = match state.challenges.standing(wish, whose, now).await.map_err(unavailable)? {
        ChallengeStatus::Open(wish, _) => (Some(wish.email), Some(wish.id)),
        ChallengeStatus::Repeat(..) | ChallengeStatus::Over(_) => (None, None),
    };
    let languages = state.settings.mail.languages.iter().map(|language| language.tag().to_owned()).collect();
    Ok(ProfileView { undo_until, new_email, new_email_step, languages, ..view(user) })
}

fn view(user: UserRow) -> ProfileView {
    ProfileView {
        two_step: user.two_step().on,
        id: user.id,
        email: user.email,
        name: user.name,
        created_at: user.created_at,
        email_verified_at: user.email_verified_at,
        language: user.language,
        languages: Vec::new(),
        undo_until: None,
        new_email: None,
        new_email_step: None,
    }
}

/// See [`crate::app::api::profile::choose_language`].
pub(crate) async fn choose_language(language: Option<&str>) -> Result<UserView, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let wanted = language.map(str::trim).filter(|language| !language.is_empty());
    let known = |tag: &str| {
        let offered = state.settings.mail.languages.iter();
        offered.map(|language| language.tag()).find(|offered| *offered == tag)
    };
    let chosen = match wanted {
        None => None,
        Some(tag) => Some(known(tag).ok_or_else(|| ApiError::field("language", "Choose one of the list."))?),
    };
    let user = state.store.set_language(&caller.user.id, chosen).await.map_err(|error| unavailable(&error))?;
    state.sessions.with_own_claims(user.ok_or(Code::SessionEnded)?.into()).await.map_err(refused)
}

/// See [`crate::app::api::profile::update_name`].
pub(crate) async fn update_name(name: Option<&str>) -> Result<UserView, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    if let Some(sentence) = name.and_then(name::flaw) {
        return Err(ApiError::field("name", sentence));
    }
    let user = state.store.set_name(&caller.user.id, name).await.map_err(|error| unavailable(&error))?;
    state.sessions.with_own_claims(user.ok_or(Code::SessionEnded)?.into()).await.map_err(refused)
}

/// The outcome of a password change.
enum Change {
    /// The password was changed.
    Done,
    /// The password was already changed a moment ago: the request came twice.
    DoneBefore,
}

/// See [`crate::app::api::profile::change_password`].
pub(crate) async fn change_password(current: &Secret, new: &Secret) -> Result<(), ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let user = own_account(&state, &caller).await?;
    if user.two_step().on {
        step_up::require(&state, caller.session).await?;
    }
    acceptable(&state, &user, current, new)?;

    let account = state.account_digests.digest(&user.email_key);
    let attempts = attempts_in_session(&state, &user, caller.session, account);
    let change =
        limit_failures(&state, Count::Login, attempts, account, change(&state, &caller, &user, current, new)).await?;
    match change {
        Some(Change::Done) => {
            // The cookie that the device had is void.
            remember_device(&state, &own_account(&state, &caller).await?);
            Ok(())
        }
        Some(Change::DoneBefore) => Ok(()),
        None => {
            tracing::warn!(event = "password_change_refused", user = %user.id);
            let (device, now) = (caller_device(), state.clock.now());
            let refused = AuditEvent::PasswordChangeRefused;
            state.sessions.activity.note(&user.id, Some(caller.session), refused, &device, now);
            Err(ApiError::field("current_password", "This is not your current password."))
        }
    }
}

/// Changes the password; none if the current one is wrong.
async fn change(
    state: &AppState,
    caller: &Principal,
    user: &UserRow,
    current: &Secret,
    new: &Secret,
) -> Result<Option<Change>, ApiError> {
    let mut user = user.clone();
    for _ in 0..ATTEMPTS {
        if !state.hasher.verify(current.reveal(), Some(&user.password_hash)).await.map_err(hashing)? {
            // Within the grace period, the same change is one request that came twice. Not for longer: each such call
            // tries two passwords against one count.
            let grace_period = state.settings.sessions.rotation.grace_period;
            let young = state.clock.now() - user.password_changed_at < grace_period;
            let done = young && state.hasher.verify(new.reveal(), Some(&user.password_hash)).await.map_err(hashing)?;
            return Ok(done.then_some(Change::DoneBefore));
        }
        count_change(state, &user.id).await?;
        let hash = state.hasher.hash(new.reveal()).await.map_err(hashing)?;
        let by =
            PasswordChange::Owner { old: user.password_hash.clone(), session: caller.session, device: caller_device() };
        let now = state.clock.now();
        let tell = || {
            let email = notice(state, EmailKind::PasswordChanged, Some(&user), &user.email, now);
            undoable(state, email, Some(caller.session), None)
        };
        let notice = state.mail.is_on().then(tell);
        let new = NewPassword { user: user.id, hash, by, notice, now };
        if state.sessions.change_password(new).await.map_err(|error| unavailable(&error))? {
            state.mail.wake();
            return Ok(Some(Change::Done));
        }
        // Meanwhile the password was changed or hashed anew, or the session ended.
        let row = state.store.session(caller.session).await.map_err(|error| unavailable(&error))?;
        if let Some(reason) = row.ok_or(Code::SessionEnded)?.chain.ended {
            return Err(ApiError::from(Code::SessionEnded).because(reason));
        }
        user = own_account(state, caller).await?;
    }
    Err(ApiError::from(Code::Overloaded).after(Seconds(1)))
}

/// Checks what can be checked about the two passwords before anything is hashed.
fn acceptable(state: &AppState, user: &UserRow, current: &Secret, new: &Secret) -> Result<(), ApiError> {
    let mut wrong: Vec<(&'static str, Cow<'static, str>)> = Vec::new();
    if current.reveal().is_empty() {
        wrong.push(("current_password", "Enter your current password.".into()));
    }
    if let Err(sentence) = state.settings.check_password(new.reveal(), Some(&user.email), user.name.as_deref()) {
        wrong.push(("new_password", sentence.into()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(ApiError::fields(wrong)) }
}
