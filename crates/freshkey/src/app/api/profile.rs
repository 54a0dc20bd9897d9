//! The signed-in user's own account.

use super::protocol::{Bearer, Get, Post, StepUp};
use crate::app::{
    error::ApiError,
    types::{DeletionView, EmailAnswer, ProfileView, Secret, UserView},
};
use leptos::prelude::*;

/// Returns the account as the database has it now.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "profile", protocol = Get<Bearer>)]
pub async fn profile() -> Result<ProfileView, ApiError> {
    crate::server::profile::profile().await
}

/// Changes the name; an empty one removes it.
///
/// # Errors
/// [`Code::Validation`](crate::app::error::Code) with a sentence.
#[server(prefix = "/api", endpoint = "profile/name", protocol = Post<Bearer>)]
pub async fn update_name(#[server(default)] name: Option<String>) -> Result<UserView, ApiError> {
    crate::server::profile::update_name(name.as_deref()).await
}

/// Changes the address: sends a code to the new one, 202, for [`confirm_email`](super::steps::confirm_email). If the
/// server sends no mail, it changes the address at once: 200.
///
/// # Errors
/// [`Code::Validation`](crate::app::error::Code) with a sentence; `EmailTaken` without mail; `RateLimited`.
#[server(prefix = "/api", endpoint = "profile/email", protocol = Post<StepUp>)]
pub async fn change_email(#[server(default)] email: String) -> Result<EmailAnswer, ApiError> {
    crate::server::steps::email_change::ask(&email).await
}

/// Changes the password, and ends every other session of the user.
///
/// # Errors
/// [`Code::Validation`](crate::app::error::Code) with a sentence per field; `RateLimited` after too many wrong
/// passwords.
#[server(prefix = "/api", endpoint = "profile/password", protocol = Post<Bearer>)]
pub async fn change_password(
    #[server(default)] current_password: Secret,
    #[server(default)] new_password: Secret,
) -> Result<(), ApiError> {
    crate::server::profile::change_password(&current_password, &new_password).await
}

/// Chooses the language of the user's emails; none for the browser's preferred language at each request.
///
/// # Errors
/// [`Code::Validation`](crate::app::error::Code) with a sentence.
#[server(prefix = "/api", endpoint = "profile/language", protocol = Post<Bearer>)]
pub async fn choose_language(#[server(default)] language: Option<String>) -> Result<UserView, ApiError> {
    crate::server::profile::choose_language(language.as_deref()).await
}

/// Returns the user's stored data as a file.
///
/// # Errors
/// Those of every protected call; `RateLimited` after five a day.
#[server(prefix = "/api", endpoint = "profile/export", protocol = Post<StepUp>)]
pub async fn export_data() -> Result<serde_json::Value, ApiError> {
    crate::server::export::export().await
}

/// Schedules the deletion of the account; until then, signing in can keep it. Ends every session of the user.
///
/// # Errors
/// `Forbidden` for the last administrator.
#[server(prefix = "/api", endpoint = "profile/delete", protocol = Post<StepUp>)]
pub async fn delete_account() -> Result<DeletionView, ApiError> {
    crate::server::deletion::delete().await
}
