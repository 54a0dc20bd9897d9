//! The page's own client. Its requests carry only what the page passes in, never the visitor's own cookie or
//! token, and the browser ignores any cookie in the answer.

mod run;
mod signature;

pub use freshkey::browser::clock::monotonic_ms as now;
pub use run::compare;
pub use signature::check;

use freshkey::{
    app::error::{ApiError, Code},
    browser::{fetch, json},
};
use gloo_net::http::RequestBuilder;
use http::Method;
use leptos::server_fn::ServerFn;
use serde::{Serialize, de::DeserializeOwned};
use web_sys::{RequestCache, RequestCredentials};

/// Sends a call of the lab with this access token and this CSRF token.
///
/// # Errors
/// The server's refusal, or [`Code::Unreachable`].
pub async fn call<Call>(
    method: &Method,
    input: &Call,
    bearer: Option<&str>,
    csrf: Option<&str>,
) -> Result<Call::Output, ApiError>
where
    Call: ServerFn<Error = ApiError> + Serialize,
    Call::Output: DeserializeOwned,
{
    let input = serde_json::to_string(input).map_err(|_| Code::BadRequest)?;
    let body = send(method, Call::PATH, input, bearer, csrf).await?;
    json::from_str(&body).map_err(|_| Code::Unreachable.into())
}

/// The part of [`call`] that all calls share: generic code is compiled once per call.
async fn send(
    method: &Method,
    path: &str,
    input: String,
    bearer: Option<&str>,
    csrf: Option<&str>,
) -> Result<String, ApiError> {
    let mut request = bare(path).method(method.clone());
    if let Some(token) = bearer {
        request = request.header("Authorization", &format!("Bearer {token}"));
    }
    if let Some(token) = csrf {
        request = request.header("X-CSRF-Token", token);
    }
    let request = if *method == Method::GET {
        request.build()
    } else {
        request.header("Content-Type", "application/json").body(input)
    };
    fetch::answer(request.map_err(|_| Code::BadRequest)?).await.map_err(|refusal| refusal.error)
}

fn bare(path: &str) -> RequestBuilder {
    RequestBuilder::new(path)
        .credentials(RequestCredentials::Omit)
        .cache(RequestCache::NoStore)
        .header("Accept", "application/json")
}
