//! What is kept of a user, as a file: what they see of it elsewhere, and the app's own tables. Which tables those are,
//! the schema says: every one with a column `user_id`.

use super::{
    account::unavailable,
    activity,
    call::{Principal, caller, internal},
    pages::caller_device,
    profile::{own, view},
    sessions,
    state::AppState,
    store::activity::{Event, NewActivity},
};
use crate::app::{error::ApiError, types::Happened};
use crate::server::limits::LimitedAction;
use http::{HeaderValue, header::CONTENT_DISPOSITION};
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Our own tables, which are told in words of ours: some of their columns are secret.
const OURS: [&str; 4] = ["activity", "challenges", "outbox", "sessions"];
const EXPORT: LimitedAction = LimitedAction::new("export", 5, Duration::from_hours(24));

/// See [`crate::app::api::profile::export_data`].
pub(crate) async fn export() -> Result<Value, ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    let unavailable = |error| unavailable(&error);
    EXPORT.count(&caller.user.id).await?;
    let user = own(&state, &caller).await?;
    let (id, now) = (user.id.clone(), state.clock.now());
    let mut file = Map::new();
    file.insert("format".to_owned(), json!("freshkey-export/1"));
    file.insert("exported_at".to_owned(), json!(now));
    file.insert("account".to_owned(), json!(view(user)));
    file.insert("sessions".to_owned(), json!(sessions::list().await?));
    file.insert("activity".to_owned(), json!(activity::list().await?));
    let emails = state.store.emails_of_user(&id).await.map_err(unavailable)?;
    file.insert("emails".to_owned(), json!(emails));
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
    let event = Event::new(&id, Some(caller.session), Happened::DataExported, &caller_device(), now);
    state.store.insert_activity(vec![NewActivity::OfUser(event)]).await.map_err(unavailable)?;
    tracing::info!(event = "data_exported", user = %id);
    let name = HeaderValue::from_static("attachment; filename=\"my-data.json\"");
    expect_context::<ResponseOptions>().insert_header(CONTENT_DISPOSITION, name);
    Ok(file.into())
}
