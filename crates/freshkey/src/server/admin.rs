//! The bodies of the server functions in `app/api/admin.rs`.

use super::{
    activity,
    auth::{
        challenge::ChallengeKind,
        email::search_keys,
        email_kind::{ByAdmin, EmailKind},
        password,
        sessions::Device,
    },
    bearer::Principal,
    refusal::{hashing, unavailable},
    request::caller_as,
    sessions,
    state::AppState,
    steps::{self, by_admin, notice, undoable},
    store::{
        StoreError,
        account_changes::{Changed, NewPassword, PasswordChange},
        accounts::{AccountRow, Search},
        activity::Event,
        outbox::{MailFigures, NewEmail},
        users::UserRow,
    },
};
use crate::app::{
    error::{ApiError, Code},
    types::{AccountItem, AccountPage, AccountView, AuditEvent, MailView, Role, StepView},
};
use http::StatusCode;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use uuid::Uuid;

/// How many accounts a page shows.
const PAGE: usize = 50;
/// The longest search text, in characters: no address is longer.
const SEARCH_MAX: usize = 254;

/// See [`crate::app::api::admin::accounts`].
pub(crate) async fn accounts(q: Option<&str>, before: Option<&str>) -> Result<AccountPage, ApiError> {
    let (state, _) = admin().await?;
    let text: String = q.unwrap_or_default().trim().chars().take(SEARCH_MAX).collect();
    // No account contains a NUL, and some databases end a text there or refuse it. If `before` is not an account's id,
    // no account comes before it.
    if text.contains('\0') || before.is_some_and(|before| !is_id(before)) {
        return Ok(AccountPage { accounts: Vec::new(), more: false });
    }
    let (keys, id) = (search_keys(&text), text.to_ascii_lowercase());
    let most = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let search = Search { in_key: [&keys[0], &keys[1]], text: &text, id: &id, before, most };
    let mut rows = state.store.find_accounts(search).await.map_err(|error| unavailable(&error))?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    Ok(AccountPage { accounts: rows.into_iter().map(item).collect(), more })
}

/// See [`crate::app::api::admin::account`].
pub(crate) async fn account(id: &str) -> Result<AccountView, ApiError> {
    let (state, caller) = admin().await?;
    let account = known(&state, id).await?;
    let (now, idle) = (state.clock.now(), state.settings.sessions.rotation.idle);
    let read = async {
        Ok((
            state.store.last_sign_in(&account.id).await?,
            state.store.sessions_of(&account.id, now, idle).await?,
            state.store.activity_of(&account.id).await?,
            state.store.factors_of(&account.id).await?,
            state.store.recovery_codes_left(&account.id).await?.left,
            state.store.trusted_devices(&account.id, now).await?,
            state.store.email_refused_at(&account.email).await?,
        ))
    };
    let (last_sign_in_at, sessions, happened, factors, recovery_codes, trusted_devices, email_refused_at) =
        read.await.map_err(|error| unavailable(&error))?;
    Ok(AccountView {
        own: account.id == caller.user.id,
        last_sign_in_at,
        sessions: sessions::items(sessions, caller.session, &state.places, now),
        activity: activity::items(happened, caller.session, &state.places),
        totp: count(factors.iter().filter(|factor| factor.is_totp())),
        passkeys: count(factors.iter().filter(|factor| factor.is_passkey())),
        recovery_codes,
        trusted_devices,
        two_step_required: account.two_step_required.map(|required| required != 0),
        email_refused_at,
        account: item(account),
    })
}

/// See [`crate::app::api::admin::disable_account`].
pub(crate) async fn disable(id: &str) -> Result<(), ApiError> {
    let (state, caller) = admin().await?;
    let account = known(&state, id).await?;
    if account.id == caller.user.id {
        // Otherwise the last administrator could lock everybody out of these pages.
        return Err(forbidden("You can't disable your own account"));
    }
    if done(state.sessions.disable(&account.id, Some(&caller.user.id), state.clock.now()).await)? {
        tracing::warn!(event = "account_disabled_by_admin", user = %account.id, by = %caller.user.id);
    }
    Ok(())
}

/// See [`crate::app::api::admin::enable_account`].
pub(crate) async fn enable(id: &str) -> Result<(), ApiError> {
    let (state, caller) = admin().await?;
    let account = known(&state, id).await?;
    if done(state.store.enable_account(&account.id, Some(&caller.user.id), state.clock.now()).await)? {
        tracing::warn!(event = "account_enabled_by_admin", user = %account.id, by = %caller.user.id);
    }
    Ok(())
}

/// See [`crate::app::api::admin::sign_account_out`].
pub(crate) async fn sign_out(id: &str) -> Result<(), ApiError> {
    let (state, caller) = admin().await?;
    let account = known(&state, id).await?;
    if done(state.sessions.end_by(Some(&caller.user.id), &account.id, None, state.clock.now()).await)? {
        tracing::warn!(event = "sessions_ended_by_admin", user = %account.id, by = %caller.user.id);
    }
    Ok(())
}

/// See [`crate::app::api::admin::start_reset`].
pub(crate) async fn start_reset(id: &str, lock: bool) -> Result<StepView, ApiError> {
    let (state, caller) = admin().await?;
    steps::mail(&state)?;
    let user = user(&state, id).await?;
    let begin = steps::Begin {
        kind: ChallengeKind::Reset,
        email_kind: EmailKind::Reset,
        to: &user.email,
        key: &user.email_key,
        user: Some(&user),
        decoy: false,
        silent: user.disabled_at.is_some(),
        signed_in: true,
        by_admin: Some(if lock { ByAdmin::PasswordLocked } else { ByAdmin::ResetStarted }),
        registrant: None,
        event: Some(AuditEvent::ResetStartedByAdmin),
    };
    let step = if lock {
        // Nobody knows this password.
        let hash = state.hasher.hash(&password::made_up().ok_or(Code::Internal)?).await.map_err(hashing)?;
        let (by, now) = (PasswordChange::Operator, state.clock.now());
        let locked = NewPassword { user: user.id.clone(), hash, by, notice: None, now };
        steps::begin_locking(&state, begin, locked).await?
    } else {
        steps::begin(&state, begin).await?
    };
    tracing::warn!(event = "reset_started_by_admin", user = %user.id, by = %caller.user.id, lock);
    Ok(step)
}

/// See [`crate::app::api::admin::require_two_step`].
pub(crate) async fn require_two_step(id: &str, required: Option<bool>) -> Result<AccountView, ApiError> {
    let (state, caller) = admin().await?;
    let user = user(&state, id).await?;
    let required = required.ok_or_else(|| ApiError::field("required", "Say whether it is to be required."))?;
    if user.id == caller.user.id && !required {
        return Err(forbidden("You can't lift this for your own account"));
    }
    let by_admin = if required { ByAdmin::Required } else { ByAdmin::NotRequired };
    let notice = state.mail.is_on().then(|| told(&state, &user, by_admin));
    let event = Event::new(&user.id, None, AuditEvent::TwoStepRequiredByAdmin, &Device::default(), state.clock.now());
    if done(state.store.require_two_step(Some(&caller.user.id), event, required, notice).await)? {
        tracing::warn!(event = "two_step_required_by_admin", user = %user.id, by = %caller.user.id, required);
        state.mail.wake();
    }
    account(id).await
}

/// See [`crate::app::api::admin::remove_factors`].
pub(crate) async fn remove_factors(id: &str) -> Result<(), ApiError> {
    let (state, caller) = admin().await?;
    let user = user(&state, id).await?;
    if user.id == caller.user.id {
        return Err(forbidden("Remove your own on the security page"));
    }
    let (now, kind) = (state.clock.now(), AuditEvent::FactorsRemovedByAdmin);
    let event = Event::new(&user.id, None, kind, &Device::default(), now);
    let notice = || undoable(&state, told(&state, &user, ByAdmin::FactorsRemoved), None, None);
    let notice = state.mail.is_on().then(notice);
    if done(state.sessions.remove_factors(Some(&caller.user.id), event, notice).await)? {
        tracing::warn!(event = "factors_removed_by_admin", user = %user.id, by = %caller.user.id);
        state.mail.wake();
    }
    Ok(())
}

/// Makes the email that tells a user what an administrator changed.
fn told(state: &AppState, user: &UserRow, what: ByAdmin) -> NewEmail {
    by_admin(notice(state, EmailKind::ByAdmin, Some(user), &user.email, state.clock.now()), what)
}

async fn user(state: &AppState, id: &str) -> Result<UserRow, ApiError> {
    let account = known(state, id).await?;
    state.store.user_by_id(&account.id).await.map_err(|error| unavailable(&error))?.ok_or_else(not_found)
}

/// See [`crate::app::api::admin::mail`].
pub(crate) async fn mail() -> Result<MailView, ApiError> {
    let (state, _) = admin().await?;
    steps::mail(&state)?;
    let unavailable = |error| unavailable(&error);
    let figures = state.store.mail_figures().await.map_err(unavailable)?;
    let MailFigures { waiting, oldest_at, failing, last_sent_at } = figures;
    let last_error = state.store.last_mail_error().await.map_err(unavailable)?;
    Ok(MailView { waiting, oldest_at, failing, last_error, last_sent_at })
}

/// See [`crate::app::api::admin::end_session`].
pub(crate) async fn end_session(id: &str) -> Result<(), ApiError> {
    let (state, caller) = admin().await?;
    named(id, "Name the session.")?;
    let session = Uuid::parse_str(id).map_err(|_| not_found())?;
    let row = state.store.session(session).await.map_err(|error| unavailable(&error))?;
    let user = row.ok_or_else(not_found)?.user.id;
    if !done(state.sessions.end_by(Some(&caller.user.id), &user, Some(session), state.clock.now()).await)? {
        return Err(not_found());
    }
    tracing::warn!(event = "session_ended_by_admin", %session, %user, by = %caller.user.id);
    Ok(())
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

/// Whether a change was made; false if there was nothing to change.
fn done(changed: Result<Changed, StoreError>) -> Result<bool, ApiError> {
    match changed.map_err(|error| unavailable(&error))? {
        Changed::Done(_) => Ok(true),
        Changed::Unchanged => Ok(false),
        Changed::LastAdmin => Err(forbidden("This is the last administrator who can sign in")),
        // The caller has just lost the role.
        Changed::NotAdmin => Err(not_found()),
    }
}

fn forbidden(message: &'static str) -> ApiError {
    ApiError { message: message.into(), ..Code::Forbidden.into() }
}

/// Returns the caller, who must be an administrator. It asks the database each time, so a user who loses the role is
/// refused at the next call, whatever token or page they still have.
async fn admin() -> Result<(AppState, Principal), ApiError> {
    match caller_as(&Role::ADMIN).await {
        Ok(caller) => Ok((expect_context(), caller)),
        Err(refused) if refused.code == Code::Forbidden => Err(not_found()),
        Err(refused) => Err(refused),
    }
}

/// Refuses the call with 404; a page that is being rendered becomes a 404, too.
fn not_found() -> ApiError {
    expect_context::<ResponseOptions>().set_status(StatusCode::NOT_FOUND);
    Code::NotFound.into()
}

async fn known(state: &AppState, id: &str) -> Result<AccountRow, ApiError> {
    named(id, "Name the account.")?;
    if !is_id(id) {
        return Err(not_found());
    }
    let account = state.store.account(id).await.map_err(|error| unavailable(&error))?;
    account.ok_or_else(not_found)
}

fn named(id: &str, sentence: &'static str) -> Result<(), ApiError> {
    if id.is_empty() { Err(ApiError::field("id", sentence)) } else { Ok(()) }
}

/// Whether the text can be an account's id.
fn is_id(text: &str) -> bool {
    Uuid::parse_str(text).is_ok()
}

fn item(row: AccountRow) -> AccountItem {
    AccountItem {
        id: row.id,
        email: row.email,
        name: row.name,
        role: row.role.map(Role::from),
        created_at: row.created_at,
        disabled_at: row.disabled_at,
        email_verified_at: row.email_verified_at,
        delete_at: row.delete_at,
        two_step: row.two_step_at.is_some(),
    }
}
