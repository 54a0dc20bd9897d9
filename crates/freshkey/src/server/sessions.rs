//! The bodies of the server functions in `app/api/sessions.rs`.

use super::{
    auth::{language::Language, places::Places},
    caller::caller,
    refusal::unavailable,
    sign_out::{end, sign_out_here},
    state::AppState,
    store::sessions::DeviceRow,
};
use crate::app::{
    error::{ApiError, Code},
    types::{EndReason, Millis, SessionItem},
};
use leptos::prelude::expect_context;
use uuid::Uuid;

/// See [`crate::app::api::sessions::sessions`].
pub(crate) async fn list() -> Result<Vec<SessionItem>, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let (now, idle) = (state.clock.now(), state.settings.sessions.rotation.idle);
    let rows = state.store.sessions_of(&caller.user.id, now, idle).await.map_err(|error| unavailable(&error))?;
    Ok(items(rows, caller.session, &state.places, now))
}

/// Converts sessions for the user to read at `now`, and marks the `current` one.
pub(crate) fn items(rows: Vec<DeviceRow>, current: Uuid, places: &Places, now: Millis) -> Vec<SessionItem> {
    let current = current.to_string();
    let item = |row: DeviceRow| SessionItem {
        current: row.id == current,
        id: row.id,
        // The clock may have been set back since, or be behind that of another instance.
        created_at: row.created_at.min(now),
        last_seen_at: row.refreshed_at.min(now),
        place: places.of(row.ip.as_deref(), Language::En),
        ip: row.ip,
        user_agent: row.user_agent,
    };
    rows.into_iter().map(item).collect()
}

/// See [`crate::app::api::sessions::revoke_session`].
pub(crate) async fn revoke(id: &str) -> Result<(), ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    if id.is_empty() {
        return Err(ApiError::field("id", "Name the session."));
    }
    let session = Uuid::parse_str(id).map_err(|_| Code::NotFound)?;
    if session == caller.session {
        end(&state, session, EndReason::SignedOut).await?;
        sign_out_here(&state);
        return Ok(());
    }
    let row = state.store.session(session).await.map_err(|error| unavailable(&error))?;
    let own = row.is_some_and(|row| row.user.id == caller.user.id);
    if !own || !end(&state, session, EndReason::Revoked).await? {
        return Err(Code::NotFound.into());
    }
    Ok(())
}

/// See [`crate::app::api::sessions::revoke_other_sessions`].
pub(crate) async fn end_others() -> Result<(), ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let (user, now) = (&caller.user.id, state.clock.now());
    let ended = state.sessions.end_others_of(user, caller.session, EndReason::Revoked, now).await;
    ended.map_err(|error| unavailable(&error))
}

/// See [`crate::app::api::sessions::logout_all`].
pub(crate) async fn end_all() -> Result<(), ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let now = state.clock.now();
    state.sessions.end_all_of(&caller.user.id, EndReason::Revoked, now).await.map_err(|error| unavailable(&error))?;
    sign_out_here(&state);
    Ok(())
}
