//! Other users' accounts, for administrators. Each call asks the database whether the caller is an administrator;
//! everybody else gets `NotFound`.

use super::protocol::{Bearer, Get, Post, StepUp};
use crate::app::{
    error::ApiError,
    types::{AccountPage, AccountView, MailView, StepView},
};
use leptos::prelude::*;

/// Returns the accounts whose address or name contains `q`, or whose id is `q`; all accounts if it is empty. The newest
/// come first, fifty at a time: those before the account with the id `before`.
///
/// # Errors
/// `NotFound` if the caller is not an administrator.
#[server(prefix = "/api", endpoint = "admin/users", protocol = Get<Bearer>)]
pub async fn accounts(
    #[server(default)] q: Option<String>,
    #[server(default)] before: Option<String>,
) -> Result<AccountPage, ApiError> {
    crate::server::admin::accounts(q.as_deref(), before.as_deref()).await
}

/// Returns one account, with its sessions and activity.
///
/// # Errors
/// `NotFound` for an unknown id, or if the caller is not an administrator.
#[server(prefix = "/api", endpoint = "admin/user", protocol = Get<Bearer>)]
pub async fn account(#[server(default)] id: String) -> Result<AccountView, ApiError> {
    crate::server::admin::account(&id).await
}

/// Disables an account: its sessions end, and nobody can sign in to it.
///
/// # Errors
/// `Forbidden` for the caller's own account; `NotFound` as everywhere here.
#[server(prefix = "/api", endpoint = "admin/users/disable", protocol = Post<StepUp>)]
pub async fn disable_account(#[server(default)] id: String) -> Result<(), ApiError> {
    crate::server::admin::disable(&id).await
}

/// Enables an account again. Its ended sessions stay ended.
///
/// # Errors
/// `NotFound` as everywhere here.
#[server(prefix = "/api", endpoint = "admin/users/enable", protocol = Post<StepUp>)]
pub async fn enable_account(#[server(default)] id: String) -> Result<(), ApiError> {
    crate::server::admin::enable(&id).await
}

/// Ends every session of an account.
///
/// # Errors
/// `NotFound` as everywhere here.
#[server(prefix = "/api", endpoint = "admin/users/sign-out", protocol = Post<StepUp>)]
pub async fn sign_account_out(#[server(default)] id: String) -> Result<(), ApiError> {
    crate::server::admin::sign_out(&id).await
}

/// Sends the user an email to choose a new password: 202. With `lock`, the current password stops working, and all
/// sessions end. No administrator sets, sees or sends a password.
///
/// # Errors
/// `NotFound` as everywhere here, and if the server sends no mail.
#[server(prefix = "/api", endpoint = "admin/users/start-reset", protocol = Post<StepUp>)]
pub async fn start_reset(
    #[server(default)] id: String,
    #[server(default)] lock: Option<bool>,
) -> Result<StepView, ApiError> {
    crate::server::admin::start_reset(&id, lock.unwrap_or_default()).await
}

/// Sets whether an account requires two-step sign-in, whatever the setting says. The user is notified.
///
/// # Errors
/// `NotFound` as everywhere here; `Forbidden` for lifting it from the caller's own account.
#[server(prefix = "/api", endpoint = "admin/users/require-two-step", protocol = Post<StepUp>)]
pub async fn require_two_step(
    #[server(default)] id: String,
    #[server(default)] required: Option<bool>,
) -> Result<AccountView, ApiError> {
    crate::server::admin::require_two_step(&id, required).await
}

/// Removes the apps, passkeys, recovery codes and trusted devices of an account, and ends its sessions. The user is
/// notified.
///
/// # Errors
/// `NotFound` as everywhere here; `Forbidden` for the caller's own account.
#[server(prefix = "/api", endpoint = "admin/users/remove-factors", protocol = Post<StepUp>)]
pub async fn remove_factors(#[server(default)] id: String) -> Result<(), ApiError> {
    crate::server::admin::remove_factors(&id).await
}

/// Returns the state of outgoing emails, without any address.
///
/// # Errors
/// `NotFound` as everywhere here, and if the server sends no mail.
#[server(prefix = "/api", endpoint = "admin/mail", protocol = Get<Bearer>)]
pub async fn mail() -> Result<MailView, ApiError> {
    crate::server::admin::mail().await
}

/// Ends one session of any user.
///
/// # Errors
/// `NotFound` for a session that is unknown or over, or if the caller is not an administrator.
#[server(prefix = "/api", endpoint = "admin/sessions/end", protocol = Post<StepUp>)]
pub async fn end_session(#[server(default)] id: String) -> Result<(), ApiError> {
    crate::server::admin::end_session(&id).await
}
