//! One request, one answer.

use super::json;
use crate::{
    app::{
        error::{ApiError, Code},
        types::Seconds,
    },
    client::token::Token,
};
use gloo_net::http::{Request, RequestBuilder, Response};
use http::Method;
use js_sys::{Array, JSON, Object};
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, RequestCache};

/// A request that can be sent any number of times.
pub struct Outgoing<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path.
    pub path: &'a str,
    /// The input as a JSON object.
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

    /// Builds the request, with this token.
    ///
    /// # Errors
    /// The browser can't send it.
    pub fn build(&self, token: Option<&Token>, abort: Option<&AbortSignal>) -> Result<Request, ApiError> {
        let reads = *self.method == Method::GET;
        let mut request = RequestBuilder::new(self.path)
            .method(self.method.clone())
            .cache(RequestCache::NoStore)
            .abort_signal(abort)
            .header("Accept", "application/json");
        if let Some(Token { answer, .. }) = token {
            request = request.header("Authorization", &format!("Bearer {}", answer.access_token.reveal()));
            if !reads {
                request = request.header("X-CSRF-Token", answer.csrf_token.reveal());
            }
        }
        let request = if reads {
            request.query(self.query().iter().map(|(name, value)| (name.as_str(), value))).build()
        } else {
            request.header("Content-Type", "application/json").body(self.input.clone())
        };
        request.map_err(|_| Code::BadRequest.into())
    }

    /// Returns the input as a query, because a GET has no body. The browser parses it: serde's own value type would
    /// add 4 KB to the client.
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

/// Why a request had no success.
#[derive(Debug)]
pub struct Refusal {
    /// The server's refusal, or [`Code::Unreachable`] if no answer of Freshkey's came.
    pub error: ApiError,
    /// The answer's `Date` in milliseconds since 1970; whole seconds.
    pub date_ms: Option<f64>,
}

/// Sends a request and returns the body of a success.
///
/// # Errors
/// The refusal.
pub async fn answer(request: Request) -> Result<String, Refusal> {
    let lost = |_| Refusal { error: Code::Unreachable.into(), date_ms: None };
    let response = request.send().await.map_err(lost)?;
    if response.ok() && is_ours(&response) {
        let body = response.text().await.map_err(lost)?;
        return Ok(if body.is_empty() { "null".to_owned() } else { body });
    }
    Err(refusal(&response).await)
}

/// Whether the server answers.
pub async fn is_there() -> bool {
    let answer = Request::get("/livez").cache(RequestCache::NoStore).send().await;
    answer.is_ok_and(|answer| answer.ok() && is_ours(&answer))
}

/// Whether the answer is Freshkey's. Each of its answers has a request id of 32 hex digits; one without it comes from
/// a proxy or a captive portal.
fn is_ours(response: &Response) -> bool {
    let name = response.headers().get("X-Request-Id").unwrap_or_default();
    name.len() == 32 && name.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Reads a refusal. One without our request id or our error code did not come from Freshkey.
async fn refusal(response: &Response) -> Refusal {
    let header = |name: &str| response.headers().get(name);
    let seconds = header("Retry-After").and_then(|seconds| seconds.parse::<u32>().ok());
    let retry_after = Seconds(seconds.unwrap_or_default().into());
    let date_ms = header("Date").map(|date| js_sys::Date::parse(&date)).filter(|date| date.is_finite());
    let body = if is_ours(response) { response.text().await.ok() } else { None };
    let ours = body.and_then(|body| json::from_str::<ApiError>(&body).ok());
    let error = ApiError { retry_after, ..ours.unwrap_or_else(|| Code::Unreachable.into()) };
    Refusal { error, date_ms }
}
