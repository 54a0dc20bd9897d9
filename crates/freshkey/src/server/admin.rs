//! The bodies of the server functions in `app/api/admin.rs`.

use super::{
    account::{hashing, unavailable},
    activity,
    auth::{challenge::ChallengeKind, email::search_keys, email_kind::EmailKind, password},
    call::Principal,
    request::caller_as,
    sessions,
    state::AppState,
    steps,
    store::{
        StoreError,
        account_changes::{Changed, NewPassword, PasswordChange},
        accounts::{AccountRow, Search},
        outbox::MailFigures,
    },
};
use crate::app::{
    error::{ApiError, Code},
    types::{AccountItem, AccountPage, AccountView, Happened, MailView, Role, StepView},
};
use http::StatusCode;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use uuid::Uuid;

/// Accounts on a page.
const PAGE: usize = 50;
/// What is looked for has so many characters at most: the longest address has no more.
const SEARCH_MAX: usize = 254;

/// See [`crate::app::api::admin::accounts`].
pub(crate) async fn accounts(q: Option<&str>, before: Option<&str>) -> Result<AccountPage, ApiError> {
    let (state, _) = admin().await?;
    let text: String = q.unwrap_or_default().trim().chars().take(SEARCH_MAX).collect();
    // No account has a NUL in it, and to some databases that is the end of a text, or none. What comes
    // before no account's id comes before nothing.
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
    let look = async {
        Ok((
            state.store.last_sign_in(&account.id).await?,
            state.store.sessions_of(&account.id, now, idle).await?,
            state.store.activity_of(&account.id).await?,
        ))
    };
    let (last_sign_in_at, sessions, happened) = look.await.map_err(|error| unavailable(&error))?;
    Ok(AccountView {
        own: account.id == caller.user.id,
        last_sign_in_at,
        sessions: sessions::items(sessions, caller.session, now),
        activity: activity::items(happened, caller.session),
        account: item(account),
    })
}

/// See [`crate::app::api::admin::disable_account`].
pub(crate) async fn disable(id: &str) -> Result<(), ApiError> {
    let (state, caller) = admin().await?;
    let account = known(&state, id).await?;
    if account.id == caller.user.id {
        // Else the last one could lock everybody out of this.
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
    let account = known(&state, id).await?;
    let unavailable = |error| unavailable(&error);
    let user = state.store.user_by_id(&account.id).await.map_err(unavailable)?.ok_or_else(not_found)?;
    if lock {
        // Nobody knows this one.
        let hash = state.hasher.hash(&password::made_up().ok_or(Code::Internal)?).await.map_err(hashing)?;
        let (by, now) = (PasswordChange::Operator, state.clock.now());
        let new = NewPassword { user: user.id.clone(), hash, by, notice: None, now };
        state.sessions.change_password(new).await.map_err(unavailable)?;
    }
    let begin = steps::Begin {
        kind: ChallengeKind::Reset,
        email_kind: EmailKind::Reset,
        to: &user.email,
        key: &user.email_key,
        user: Some(&user),
        decoy: false,
        silent: user.disabled_at.is_some(),
        signed_in: true,
        registrant: None,
        event: Some(Happened::ResetStartedByAdmin),
    };
    let step = steps::begin(&state, begin).await?;
    tracing::warn!(event = "reset_started_by_admin", user = %user.id, by = %caller.user.id, lock);
    Ok(step)
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

/// Whether a change was made; false if there was nothing to change.
fn done(changed: Result<Changed, StoreError>) -> Result<bool, ApiError> {
    match changed.map_err(|error| unavailable(&error))? {
        Changed::Done(_) => Ok(true),
        Changed::Unchanged => Ok(false),
        Changed::LastAdmin => Err(forbidden("This is the last administrator who can sign in")),
        // Until a moment ago they were.
        Changed::NotAdmin => Err(not_found()),
    }
}

fn forbidden(message: &'static str) -> ApiError {
    ApiError { message: message.into(), ..Code::Forbidden.into() }
}

/// Who calls, if it is an administrator. The database is asked each time: whoever is none any more
/// is out at the next call, whatever token or page they still have.
async fn admin() -> Result<(AppState, Principal), ApiError> {
    match caller_as(&Role::ADMIN).await {
        Ok(caller) => Ok((expect_context(), caller)),
        Err(refused) if refused.code == Code::Forbidden => Err(not_found()),
        Err(refused) => Err(refused),
    }
}

/// Nothing is here; and if a page was to show it, neither is the page.
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

/// Whether the text may be an account's id.
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
    }
}
