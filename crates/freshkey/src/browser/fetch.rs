//! One request, one answer.

use super::json;
use crate::{
    app::{
        api::me::Me,
        error::{ApiError, Code},
        paths,
        types::TokenAnswer,
    },
    client::Token,
};
use gloo_net::http::{Request, RequestBuilder, Response};
use http::Method;
use js_sys::{Array, JSON, Object};
use leptos::server_fn::ServerFn;
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, AbortSignal, RequestCache};

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
    pub async fn send(&self, token: Option<&Token>) -> Result<String, ApiError> {
        read(&self.fetch(token, None).await?).await
    }

    async fn fetch(&self, token: Option<&Token>, abort: Option<&AbortSignal>) -> Result<Response, ApiError> {
        self.build(token, abort)?.send().await.map_err(|_| Code::Unreachable.into())
    }

    fn build(&self, token: Option<&Token>, abort: Option<&AbortSignal>) -> Result<Request, ApiError> {
        let reads = *self.method == Method::GET;
        let mut request = RequestBuilder::new(self.path)
            .method(self.method.clone())
            .cache(RequestCache::NoStore)
            .abort_signal(abort)
            .header("Accept", "application/json");
        if let Some(token) = token {
            request = request.header("Authorization", &format!("Bearer {}", token.answer.access_token.reveal()));
            if !reads {
                request = request.header("X-CSRF-Token", token.answer.csrf_token.reveal());
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

/// Asks for nothing but a sign of life.
pub(super) async fn is_there() -> Result<(), ApiError> {
    match Request::get("/livez").cache(RequestCache::NoStore).send().await {
        Ok(answer) if answer.ok() && is_ours(&answer) => Ok(()),
        _ => Err(Code::Unreachable.into()),
    }
}

/// Asks who is signed in; without a token, for a sign of life.
pub(super) async fn probe(token: Option<&Token>) -> Result<(), ApiError> {
    match token {
        None => is_there().await,
        Some(_) => Outgoing::new(&Method::GET, Me::PATH, &Me {})?.send(token).await.map(drop),
    }
}

/// Sends the refresh. The answer, and its `Date`.
pub(super) async fn refresh(
    sent_at: Option<u64>,
    abort: Option<&AbortController>,
) -> (Result<TokenAnswer, ApiError>, Option<f64>) {
    #[derive(Serialize)]
    struct Input {
        sent_at: Option<u64>,
    }
    let signal = abort.map(AbortController::signal);
    let sent = async {
        let request = Outgoing::new(&Method::POST, paths::API_REFRESH, &Input { sent_at })?;
        request.fetch(None, signal.as_ref()).await
    };
    match sent.await {
        Ok(response) => {
            let body = read(&response).await;
            let answer = body.and_then(|body| json::from_str(&body).map_err(|_| Code::Unreachable.into()));
            (answer, date(&response))
        }
        Err(lost) => (Err(lost), None),
    }
}

/// Reads an answer: the body of a success, or the refusal.
///
/// # Errors
/// The server's refusal, or [`Code::Unreachable`] where the answer did not come from Freshkey, or not as a whole.
pub(super) async fn read(response: &Response) -> Result<String, ApiError> {
    if !response.ok() || !is_ours(response) {
        return Err(refusal(response).await);
    }
    let body = response.text().await.map_err(|_| Code::Unreachable)?;
    Ok(if body.is_empty() { "null".to_owned() } else { body })
}

/// When the server answered, in milliseconds since 1970, in whole seconds.
fn date(response: &Response) -> Option<f64> {
    response.headers().get("Date").map(|date| js_sys::Date::parse(&date)).filter(|date| date.is_finite())
}

/// Whether the answer is the server's: each of its answers has a name, 32 hex digits, and what comes without
/// one is a proxy's, or a portal's.
fn is_ours(response: &Response) -> bool {
    let name = response.headers().get("X-Request-Id").unwrap_or_default();
    name.len() == 32 && name.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// What a refusal says. One without our name or our code did not come from Freshkey.
async fn refusal(response: &Response) -> ApiError {
    let retry_after = response.headers().get("Retry-After").and_then(|seconds| seconds.parse().ok());
    let body = if is_ours(response) { response.text().await.ok() } else { None };
    let ours = body.and_then(|body| json::from_str::<ApiError>(&body).ok());
    let refused = ours.unwrap_or_else(|| Code::Unreachable.into());
    ApiError { retry_after, ..refused }
}
