//! The app's own fields of a registration.

use super::{
    body::{self, Format, RequestBody},
    operations::Field,
    store::hooks::AtRegistration,
};
use crate::app::error::ApiError;
use axum::body::Bytes;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use sqlx::AnyConnection;
use std::{borrow::Cow, sync::Arc};

/// The invalid fields of a form, each with a message.
pub type Wrong = Vec<(&'static str, Cow<'static, str>)>;

/// The app's own fields of a registration, sent beside ours in JSON or in a form. Each needs `#[serde(default)]`, for
/// clients that leave it out.
///
/// [`Freshkey::registration`](super::freshkey::Freshkey::registration) has an example.
pub trait Registration: DeserializeOwned + Send + Sync + 'static {
    /// Returns the invalid fields.
    fn check(&self) -> Wrong;

    /// Stores the fields for the new user with this id, in the transaction that creates the account: an error undoes
    /// both. It may run more than once. Accounts created on the command line have no such fields.
    ///
    /// # Errors
    /// The database failed.
    fn insert<'c>(&'c self, connection: &'c mut AnyConnection, user: &'c str)
    -> BoxFuture<'c, Result<(), sqlx::Error>>;
}

/// The app's fields of a registration that was sent.
pub(super) struct OwnFields {
    /// The invalid fields.
    pub(super) wrong: Wrong,
    /// Stores the fields.
    pub(super) insert: AtRegistration,
}

/// Reads the app's fields.
pub(super) type ReadOwn = fn(&RequestBody) -> Result<OwnFields, ApiError>;

/// Reads the fields of `R`.
pub(super) fn read<R: Registration>(sent: &RequestBody) -> Result<OwnFields, ApiError> {
    let fields: Arc<R> = Arc::new(body::decode(sent.format, &sent.body)?);
    let wrong = fields.check();
    let insert: AtRegistration = Arc::new(move |connection, user| {
        let fields = Arc::clone(&fields);
        Box::pin(async move { fields.insert(connection, user).await })
    });
    Ok(OwnFields { wrong, insert })
}

/// Returns the app's `own` fields as they were sent, without the others: whether they are JSON, and their text. None if
/// the app has no such fields.
pub(super) fn keep(own: &[Field], sent: &RequestBody) -> Option<(bool, String)> {
    if own.is_empty() {
        return None;
    }
    let is_own = |name: &str| own.iter().any(|field| field.name() == name);
    Some(match sent.format {
        Format::Json => {
            let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&sent.body).ok()?;
            fields.retain(|name, _| is_own(name));
            (true, serde_json::to_string(&fields).ok()?)
        }
        Format::Form => {
            let fields = body::pairs(&sent.body).filter(|(name, _)| is_own(name));
            (false, url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish())
        }
    })
}

/// Returns the same fields, to be read again.
pub(super) fn kept((json, text): &(bool, String)) -> RequestBody {
    let format = if *json { Format::Json } else { Format::Form };
    RequestBody { format, body: Bytes::from(text.clone()) }
}
