//! The signed-in user.

use super::protocol::{Bearer, Get};
use crate::app::{error::ApiError, types::UserView};
use leptos::prelude::*;

/// Returns the user as the database has it now.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "me", protocol = Get<Bearer>)]
pub async fn me() -> Result<UserView, ApiError> {
    crate::server::account::me().await
}
