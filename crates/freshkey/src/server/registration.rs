//! Fields of the app's own in a registration.

use super::{
    body::{self, Sent},
    store::hooks::AtRegistration,
};
use crate::app::error::ApiError;
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
