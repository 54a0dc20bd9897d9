//! Data that the server puts into the HTML, so that the browser need not ask for it again.

use super::{error::ApiError, seam, session::Session};
use leptos::{
    prelude::{Effect, Resource, SharedValue, With},
    reactive::spawn_local_scoped_with_cancellation,
    server::codee::{Decoder, Encoder},
};
use serde::{Serialize, de::DeserializeOwned};
use std::future::Future;

/// Encodes as JSON. The framework's own codec would add a second JSON reader to the client.
pub struct Json;

impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = seam::JsonError;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        seam::from_json(text)
    }
}

/// Data of a page: loaded before the server sends the page, or when the page is opened in the browser.
pub type Loaded<T> = Resource<Result<T, ApiError>, Json>;

/// Loads data; loads it again whenever `source` changes and, if the server could not be reached, once it can be.
pub fn load<T, S, F>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> F + Send + Sync + 'static,
) -> Loaded<T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    S: PartialEq + Clone + Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    let loaded = Loaded::new_with_options(source, fetch, true);
    // Runs only in the browser. When the user leaves the page, the wait is cancelled.
    Effect::new(move |failures: Option<u32>| {
        let lost = |loaded: &Option<Result<T, ApiError>>| matches!(loaded, Some(Err(error)) if error.code.is_passing());
        if !loaded.with(lost) {
            return 0;
        }
        let failures = failures.unwrap_or_default() + 1;
        spawn_local_scoped_with_cancellation(async move {
            seam::back_after(failures).await;
            loaded.refetch();
        });
        failures
    });
    loaded
}

/// Returns the server's `value`. On a page opened in the browser, it is computed there.
pub fn handed_over<T: Serialize + DeserializeOwned>(value: impl FnOnce() -> T) -> T {
    SharedValue::<T, Json>::new_with_encoding(value).into_inner()
}

impl Session {
    /// Returns the app's own claims about the user; tracked. `None` if nobody is signed in, or the claims have
    /// another form.
    pub fn claims<T: DeserializeOwned>(self) -> Option<T> {
        seam::from_json(&self.user()?.claims.json()).ok()
    }
}
