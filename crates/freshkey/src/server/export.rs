//! Exports the user's data as a file: what the user sees of it on the pages, and the app's own tables. The schema says
//! which tables those are: every table with a column `user_id`.

use super::{
    activity,
    auth::email_kind::EmailKind,
    bearer::Principal,
    caller::{caller, own_account},
    device::caller_device,
    factors,
    profile::shown,
    refusal::{internal, unavailable},
    sessions,
    state::AppState,
    steps::{notice, too_many_emails, undoable},
    store::activity::Event,
};
use crate::app::{error::ApiError, types::AuditEvent};
use crate::server::limits::LimitedAction;
use http::{HeaderValue, header::CONTENT_DISPOSITION};
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The library's tables. They are exported in a form of their own: some of their columns are secret.
const OURS: [&str; 8] =
    ["activity", "challenges", "changes", "factors", "outbox", "recovery_codes", "sessions", "trusted_devices"];
const EXPORT: LimitedAction = LimitedAction::new("export", 5, Duration::from_hours(24));

/// See [`crate::app::api::profile::export_data`].
pub(crate) async fn export() -> Result<Value, ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    let unavailable = |error| unavailable(&error);
    EXPORT.count(&caller.user.id).await?;
    let user = own_account(&state, &caller).await?;
    let (id, now) = (user.id.clone(), state.clock.now());
    let mut file = Map::new();
    file.insert("format".to_owned(), json!("freshkey-export/1"));
    file.insert("exported_at".to_owned(), json!(now));
    file.insert("account".to_owned(), json!(shown(&state, user.clone()).await?));
    file.insert("factors".to_owned(), json!(factors::view(&state, &user).await?));
    file.insert("sessions".to_owned(), json!(sessions::list().await?));
    let all = state.store.all_activity_of(&id).await.map_err(unavailable)?;
    file.insert("activity".to_owned(), json!(activity::items(all, caller.session, &state.places)));
    file.insert("changes".to_owned(), json!(state.store.changes_of_user(&id).await.map_err(unavailable)?));
    let emails = state.store.emails_of_user(&id).await.map_err(unavailable)?;
    file.insert("emails".to_owned(), json!(emails));
    let challenges = state.store.challenges_of_user(&id).await.map_err(unavailable)?;
    file.insert("challenges".to_owned(), json!(challenges));
    let devices = state.store.trusted_devices_of_user(&id).await.map_err(unavailable)?;
    file.insert("trusted_devices".to_owned(), json!(devices));
    let mut tables = Map::new();
    for table in state.store.tables_of_users().await.map_err(unavailable)? {
        if OURS.contains(&table.as_str()) {
            continue;
        }
        let rows = state.store.rows_of_user(&table, &id).await.map_err(unavailable)?;
        let rows: Result<Vec<Value>, _> = rows.iter().map(|row| serde_json::from_str(row)).collect();
        tables.insert(table, rows.map_err(|error| internal(&error))?.into());
    }
    file.insert("tables".to_owned(), tables.into());
    let event = Event::new(&id, Some(caller.session), AuditEvent::DataExported, &caller_device(), now);
    let tell = notice(&state, EmailKind::DataExported, Some(&user), &user.email, now);
    let tell = state.mail.is_on().then(|| undoable(&state, tell, Some(caller.session), None));
    if !state.store.record_told(event, tell).await.map_err(unavailable)? {
        return Err(too_many_emails());
    }
    state.mail.wake();
    let name = HeaderValue::from_static("attachment; filename=\"my-data.json\"");
    expect_context::<ResponseOptions>().insert_header(CONTENT_DISPOSITION, name);
    Ok(file.into())
}
