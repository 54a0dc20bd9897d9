//! What the server puts into the HTML, so that the browser doesn't ask for it again.

use super::{error::ApiError, seam, session::Session};
use leptos::{
    prelude::{Effect, Resource, SharedValue, With},
    reactive::spawn_local_scoped_with_cancellation,
    server::codee::{Decoder, Encoder},
};
use serde::{Serialize, de::DeserializeOwned};
use std::future::Future;

/// How it is written: JSON. The framework's own codec would bring a second reader of it.
pub struct Json;

impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = seam::NotOurs;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        seam::from_json(text)
    }
}

/// What a page shows of the server's: loaded before the page is sent, or when it is opened in the
/// browser.
pub type Loaded<T> = Resource<Result<T, ApiError>, Json>;

/// Loads it, and again whenever `source` changes, or, where it was lost for want of a network, when that
/// is back.
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
    // In the browser only. Whoever leaves the page waits no more.
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

/// What `value` was on the server. In a page that is opened in the browser, what it is there.
pub fn handed_over<T: Serialize + DeserializeOwned>(value: impl FnOnce() -> T) -> T {
    SharedValue::<T, Json>::new_with_encoding(value).into_inner()
}

impl Session {
    /// What the app claims of the user, tracked; none where nobody is signed in, or it claims something else.
    pub fn claims<T: DeserializeOwned>(self) -> Option<T> {
        seam::from_json(&self.user()?.claims.json()).ok()
    }
}
