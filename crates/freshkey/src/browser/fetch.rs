//! One request, one answer.

use super::{access::Access, json, network, server_clock};
use crate::app::error::{ApiError, Code};
use gloo_net::http::{Request, RequestBuilder, Response};
use http::Method;
use js_sys::{Array, JSON, Object};
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, RequestCache};

/// A request that can be sent as often as needed.
pub struct Outgoing<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path.
    pub path: &'a str,
    /// The input, a JSON object.
    pub input: String,
}

impl<'a> Outgoing<'a> {
    /// A request for the server function at `path`.
    ///
    /// # Errors
    /// The input can't be written as JSON.
    pub fn new(method: &'a Method, path: &'a str, input: &impl Serialize) -> Result<Self, ApiError> {
        let input = serde_json::to_string(input).map_err(|_| Code::BadRequest)?;
        Ok(Self { method, path, input })
    }

    /// Sends it and reads the answer: the body of a success, or the refusal.
    ///
    /// # Errors
    /// The server's refusal, or [`Code::Unreachable`] where none came.
    pub async fn send(&self, access: Option<&Access>, abort: Option<&AbortSignal>) -> Result<String, ApiError> {
        let lost = |_| {
            network::lost();
            Code::Unreachable
        };
        let response = self.build(access, abort)?.send().await.map_err(lost)?;
        if response.ok() && is_ours(&response) {
            let body = response.text().await.map_err(lost)?;
            network::reached();
            return Ok(if body.is_empty() { "null".to_owned() } else { body });
        }
        Err(refusal(&response).await)
    }

    fn build(&self, access: Option<&Access>, abort: Option<&AbortSignal>) -> Result<Request, ApiError> {
        let reads = *self.method == Method::GET;
        let mut request = RequestBuilder::new(self.path)
            .method(self.method.clone())
            .cache(RequestCache::NoStore)
            .abort_signal(abort)
            .header("Accept", "application/json");
        if let Some(access) = access {
            request = request.header("Authorization", &format!("Bearer {}", access.answer.access_token.reveal()));
            if !reads {
                request = request.header("X-CSRF-Token", access.answer.csrf_token.reveal());
            }
        }
        let request = if reads {
            request.query(self.query().iter().map(|(name, value)| (name.as_str(), value))).build()
        } else {
            request.header("Content-Type", "application/json").body(self.input.clone())
        };
        request.map_err(|_| Code::BadRequest.into())
    }

    /// The input of a GET, which has no body. Taken apart by the browser: serde's own tree of values
    /// would be 4 KB of the client.
    fn query(&self) -> Vec<(String, String)> {
        let Ok(input) = JSON::parse(&self.input) else { return Vec::new() };
        let fields = Object::entries(&input.into()).into_iter().map(|field| Array::from(&field));
        let text = |value: JsValue| value.as_string().or_else(|| JSON::stringify(&value).ok()?.as_string());
        fields
            .filter(|field| !field.get(1).is_null())
            .filter_map(|field| Some((field.get(0).as_string()?, text(field.get(1))?)))
            .collect()
    }
}

/// Asks for nothing but a sign of life, for the page to say whether there is one.
pub async fn is_there() -> bool {
    let answer = Request::get("/livez").cache(RequestCache::NoStore).send().await;
    let there = answer.is_ok_and(|answer| answer.ok() && is_ours(&answer));
    if there {
        network::reached();
    } else {
        network::lost();
    }
    there
}

/// Whether the answer is the server's: each of its answers has a name, 32 hex digits, and what comes without
/// one is a proxy's, or a portal's.
pub(super) fn is_ours(response: &Response) -> bool {
    let name = response.headers().get("X-Request-Id").unwrap_or_default();
    name.len() == 32 && name.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// What a refusal says. One without our name or our code did not come from Freshkey.
pub(super) async fn refusal(response: &Response) -> ApiError {
    let retry_after = response.headers().get("Retry-After").and_then(|seconds| seconds.parse().ok());
    let body = if is_ours(response) { response.text().await.ok() } else { None };
    let ours = body.and_then(|body| json::from_str::<ApiError>(&body).ok());
    let refused = ours.unwrap_or_else(|| Code::Unreachable.into());
    match refused.code {
        Code::Unreachable => network::lost(),
        Code::Overloaded => network::busy(),
        _ => network::reached(),
    }
    if refused.code == Code::StaleRequest {
        server_clock::correct(response.headers().get("Date").as_deref());
    }
    ApiError { retry_after, ..refused }
}
