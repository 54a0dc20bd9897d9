//! The body of the server function in `app/api/activity.rs`.

use super::{account::unavailable, call::caller, state::AppState};
use crate::app::{
    error::ApiError,
    types::{ActivityItem, Happened},
};
use leptos::prelude::expect_context;

/// See [`crate::app::api::activity::activity`].
pub(crate) async fn list() -> Result<Vec<ActivityItem>, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let rows = state.store.activity_of(&caller.user.id).await.map_err(|error| unavailable(&error))?;
    let current = caller.session.to_string();
    let item = |row: crate::server::store::activity::ActivityRow| {
        Some(ActivityItem {
            event: Happened::parse(&row.event)?,
            current: row.session_id.as_ref() == Some(&current),
            at: row.at,
            ip: row.ip,
            user_agent: row.user_agent,
        })
    };
    Ok(rows.into_iter().filter_map(item).collect())
}
