//! The body of the server function in `app/api/activity.rs`.

use super::{
    auth::{language::Language, places::Places},
    caller::caller,
    refusal::unavailable,
    state::AppState,
    store::activity::ActivityRow,
};
use crate::app::{
    error::ApiError,
    types::{ActivityItem, AuditEvent},
};
use leptos::prelude::expect_context;
use uuid::Uuid;

/// See [`crate::app::api::activity::activity`].
pub(crate) async fn list() -> Result<Vec<ActivityItem>, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let rows = state.store.activity_of(&caller.user.id).await.map_err(|error| unavailable(&error))?;
    Ok(items(rows, caller.session, &state.places))
}

/// Converts events for the user to read, and marks those of the session `current`.
pub(crate) fn items(rows: Vec<ActivityRow>, current: Uuid, places: &Places) -> Vec<ActivityItem> {
    let current = current.to_string();
    let item = |row: ActivityRow| ActivityItem {
        event: AuditEvent::known(&row.event),
        current: row.session_id.as_ref() == Some(&current),
        at: row.at,
        place: places.of(row.ip.as_deref(), Language::En),
        ip: row.ip,
        user_agent: row.user_agent,
        count: u32::try_from(row.count).unwrap_or(u32::MAX),
        method: row.method,
    };
    rows.into_iter().map(item).collect()
}
