//! Fields of the app's own in a registration.

use super::{
    body::{self, Format, Sent},
    operations::Field,
    store::hooks::AtRegistration,
};
use crate::app::error::ApiError;
use axum::body::Bytes;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use sqlx::AnyConnection;
use std::{borrow::Cow, sync::Arc};

/// What is wrong with the fields of a form: a sentence for each.
pub type Wrong = Vec<(&'static str, Cow<'static, str>)>;

/// Fields of the app's own in a registration, sent beside ours: in JSON or in a form, and so each with
/// `#[serde(default)]`, for whoever leaves it out.
///
/// [`Freshkey::registration`](super::freshkey::Freshkey::registration) has an example.
pub trait Registration: DeserializeOwned + Send + Sync + 'static {
    /// What is wrong with them.
    fn check(&self) -> Wrong;

    /// Writes them down for the new user with this id, in the transaction that makes the account: an error undoes
    /// both. It may be tried more than once. Accounts that are made on the command line have no such fields.
    ///
    /// # Errors
    /// The database's.
    fn insert<'c>(&'c self, connection: &'c mut AnyConnection, user: &'c str)
    -> BoxFuture<'c, Result<(), sqlx::Error>>;
}

/// The app's fields in a registration that was sent.
pub(super) struct OwnFields {
    /// What is wrong with them.
    pub(super) wrong: Wrong,
    /// Writes them down.
    pub(super) insert: AtRegistration,
}

/// Reads them.
pub(super) type ReadOwn = fn(&Sent) -> Result<OwnFields, ApiError>;

/// Reads the fields of `R`.
pub(super) fn read<R: Registration>(sent: &Sent) -> Result<OwnFields, ApiError> {
    let fields: Arc<R> = Arc::new(body::decode(sent.format, &sent.body)?);
    let wrong = fields.check();
    let insert: AtRegistration = Arc::new(move |connection, user| {
        let fields = Arc::clone(&fields);
        Box::pin(async move { fields.insert(connection, user).await })
    });
    Ok(OwnFields { wrong, insert })
}

/// The app's `own` fields as they were sent, and nothing else: whether they are JSON, and their text. None where it has none.
pub(super) fn keep(own: &[Field], sent: &Sent) -> Option<(bool, String)> {
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

/// The same fields, to be read again.
pub(super) fn kept((json, text): &(bool, String)) -> Sent {
    let format = if *json { Format::Json } else { Format::Form };
    Sent { format, body: Bytes::from(text.clone()) }
}
