//! The activity of the signed-in user's account.

use super::protocol::{Bearer, Get};
use crate::app::{error::ApiError, types::ActivityItem};
use leptos::prelude::*;

/// Returns the last hundred activity entries of the account, newest first.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "activity", protocol = Get<Bearer>)]
pub async fn activity() -> Result<Vec<ActivityItem>, ApiError> {
    crate::server::activity::list().await
}
