//! What the server puts into the HTML, so that the browser doesn't ask for it again.

use super::{error::ApiError, seam};
use leptos::{
    prelude::{Resource, SharedValue},
    server::codee::{Decoder, Encoder},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, sync::Arc};

/// How often in a row something is asked of a server that does not answer; not for ever, since a call
/// that alone is lost would be made for as long as the page is open.
pub const TRIES: u8 = 5;

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

/// Loads it, and again whenever `source` changes. While the server can't be reached, it waits; the line
/// that says so is there for all.
pub fn load<T, S, F>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> F + Send + Sync + 'static,
) -> Loaded<T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    S: PartialEq + Clone + Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    let fetch = Arc::new(fetch);
    let patiently = move |source: S| {
        let fetch = Arc::clone(&fetch);
        async move {
            for _ in 1..TRIES {
                match fetch(source.clone()).await {
                    Err(error) if error.code.is_passing() && seam::is_back().await => {}
                    answered => return answered,
                }
            }
            fetch(source).await
        }
    };
    Resource::new_with_options(source, patiently, true)
}

/// What `value` was on the server. In a page that is opened in the browser, what it is there.
pub fn handed_over<T: Serialize + DeserializeOwned>(value: impl FnOnce() -> T) -> T {
    SharedValue::<T, Json>::new_with_encoding(value).into_inner()
}
