//! What the body of a server function may ask of the request it answers.

use super::{account, body::Format, state::AppState, store::Store};
use crate::app::error::ApiError;
use http::StatusCode;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;

pub use super::call::{Principal, caller};

/// The database.
pub fn store() -> Store {
    expect_context::<AppState>().store.clone()
}

/// Now, in milliseconds since 1970, by the server's clock.
pub fn now() -> i64 {
    expect_context::<AppState>().clock.now()
}

/// Whether an HTML form carries the input, and not JSON.
pub fn is_form() -> bool {
    account::format() == Format::Form
}

/// Answers with another status than 200, or 204 for nothing.
pub fn set_status(status: StatusCode) {
    expect_context::<ResponseOptions>().set_status(status);
}

impl From<super::store::StoreError> for ApiError {
    /// Logs the cause. The caller is told to try again where the database is busy or can't be reached, and that
    /// it is our fault otherwise.
    fn from(error: super::store::StoreError) -> Self {
        account::unavailable(&error)
    }
}
