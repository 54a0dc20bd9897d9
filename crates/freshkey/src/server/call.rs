//! How the server runs a server function: checks the caller, reads the input, writes the answer. The browser's half is
//! `browser/call.rs`.

use super::{
    bearer::Principal,
    body::{self, Format, RequestBody},
    caller::{check_csrf, principal, with_head},
    refusal::{self, JSON, internal},
    state::AppState,
    step_up,
    steps::enrol::{self, Enroller},
};
use crate::app::{
    api::protocol::Access,
    error::{ApiError, Code},
};
use axum::body::Body;
use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use leptos::{
    prelude::{Owner, expect_context, provide_context},
    reactive::computed::ScopedFuture,
    server_fn::{axum::get_server_fn_service, request::Req, response::TryRes},
};
use leptos_axum::ResponseOptions;
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, sync::PoisonError};

/// Runs the server function that the request names. Returns the request if there is no such function.
///
/// Differs from `leptos_axum` in two ways: the head is moved into the context, not copied; and a browser's form is not
/// redirected to the page that it claims to come from, since [`html_form`](super::guard::html_form) redirects it.
///
/// # Errors
/// The request, if it names no server function.
pub async fn run(state: &AppState, request: Request<Body>) -> Result<Response<Body>, Request<Body>> {
    let Some(mut function) = get_server_fn_service(request.uri().path(), request.method().clone()) else {
        return Err(request);
    };
    let (head, body) = request.into_parts();
    let mut input = Request::new(body);
    *input.method_mut() = head.method.clone();
    *input.uri_mut() = head.uri.clone();
    input.headers_mut().extend(head.headers.get(CONTENT_TYPE).map(|value| (CONTENT_TYPE, value.clone())));
    let (state, options) = (state.clone(), ResponseOptions::default());
    let chosen = options.clone();
    let context = move || {
        provide_context(head);
        provide_context(options);
        provide_context(state);
    };
    let ran = Owner::new().with(|| {
        context();
        ScopedFuture::new(function.run(input))
    });
    let mut response = ran.await;
    let mut chosen = chosen.0.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(status) = chosen.status {
        *response.status_mut() = status;
    }
    response.headers_mut().extend(std::mem::take(&mut chosen.headers));
    drop(chosen);
    Ok(response)
}

/// Runs the server function for a request: checks the caller, reads the input, answers in JSON with the status that the
/// contract names.
///
/// # Errors
/// The answer can't be written. A refusal is an answer, not an error.
pub async fn answer<Request, Response, Input, Output, F, Fut>(
    access: Access,
    method: &Method,
    request: Request,
    server_fn: F,
) -> Result<Response, ApiError>
where
    Request: Req<ApiError> + Send,
    Response: TryRes<ApiError>,
    Input: DeserializeOwned,
    Output: Serialize,
    F: Fn(Input) -> Fut + Send,
    Fut: Future<Output = Result<Output, ApiError>> + Send,
{
    let outcome = attempt(access, method, request, server_fn).await;
    let options: ResponseOptions = expect_context();
    let json = match outcome {
        Ok(output) => serde_json::to_string(&output).map_err(|error| internal(&error))?,
        Err(error) => {
            refuse(&options, &error);
            serde_json::to_string(&error).map_err(|error| internal(&error))?
        }
    };
    if json == "null" {
        // A function that returns nothing answers 204.
        options.set_status(StatusCode::NO_CONTENT);
        return Response::try_from_string(JSON, String::new());
    }
    Response::try_from_string(JSON, json)
}

async fn attempt<Request, Input, Output, F, Fut>(
    access: Access,
    method: &Method,
    request: Request,
    server_fn: F,
) -> Result<Output, ApiError>
where
    Request: Req<ApiError> + Send,
    Input: DeserializeOwned,
    F: Fn(Input) -> Fut + Send,
    Fut: Future<Output = Result<Output, ApiError>> + Send,
{
    let reads = method == Method::GET;
    let format = if reads { Format::Form } else { Format::of(request.to_content_type().as_deref()) };
    let body = if reads {
        request.as_query().unwrap_or_default().as_bytes().to_vec().into()
    } else {
        request.try_into_bytes().await?
    };
    if !reads {
        provide_context(RequestBody { format, body: body.clone() });
        provide_context(body::CsrfField::find(format, &body));
    }
    match access {
        // `guard::caller` has already read the refresh token from the head.
        Access::Public | Access::SignIn | Access::SignOut | Access::Refresh => {}
        Access::Bearer => provide_context(authenticate(method).await?),
        Access::StepUp => provide_context(confirmed(method).await?),
        Access::Enrol => provide_context(enroller(method, format, &body).await?),
    }
    let input = body::decode(format, &body)?;
    server_fn(input).await
}

/// Returns the caller, who must have confirmed their identity recently.
async fn confirmed(method: &Method) -> Result<Principal, ApiError> {
    let principal = authenticate(method).await?;
    step_up::require(&expect_context(), principal.session).await?;
    Ok(principal)
}

/// Returns who sets up a second step: a user who is signed in, or who is in the middle of a sign-in. A step that the
/// call names comes first.
async fn enroller(method: &Method, format: Format, body: &[u8]) -> Result<Enroller, ApiError> {
    let state: AppState = expect_context();
    let named = body::text(format, body, "challenge");
    let nobody = || with_head(|head| head.credential(&state).is_err_and(|refused| refused.code == Code::TokenNotFound));
    if (named.is_some() || nobody().unwrap_or(true))
        && let Some(pending) = enrol::pending(&state, named.as_deref()).await?
    {
        return Ok(pending);
    }
    confirmed(method).await.map(Enroller::SignedIn)
}

/// Returns the caller. A call that may change something needs the CSRF token.
async fn authenticate(method: &Method) -> Result<Principal, ApiError> {
    let state: AppState = expect_context();
    let credential = with_head(|head| head.credential(&state)).unwrap_or_else(|| Err(Code::TokenNotFound.into()))?;
    let principal = principal(&state, credential).await?;
    if method != Method::GET {
        check_csrf(&state, principal.session)?;
    }
    Ok(principal)
}

/// Sets a refusal's status and headers.
fn refuse(options: &ResponseOptions, error: &ApiError) {
    let (status, headers) = refusal::head(error);
    options.set_status(status);
    for (name, value) in headers {
        options.insert_header(name, value);
    }
}
