//! Every guard and every route, in order, on one page.

use super::{
    call, client_address,
    freshkey::{Freshkey, RENDERING},
    guard::{self, authentication, body_limit, caller, headers, html_form, rate_limit, request_id},
    mailbox, openapi, origin, pages,
    refusal::refuse,
    settings::CookieName,
    shell::shell,
    state::AppState,
    web_files,
};
use crate::app::{
    self,
    error::{ApiError, Code},
    types::Seconds,
};
use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    middleware::from_fn_with_state,
    response::{IntoResponse, Redirect, Response},
    routing::{any, get},
};
use freshkey_core::causes::with_causes;
use futures::FutureExt;
use http::{
    HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{ALLOW, CACHE_CONTROL},
};
use leptos::{prelude::provide_context, server_fn::axum::server_fn_paths};
use leptos_axum::{AxumRouteListing, LeptosRoutes};
use serde_json::{Value, json};
use std::{future::Future, panic::AssertUnwindSafe, time::Instant};
use tower::Service as _;

const JWKS: &str = "/.well-known/jwks.json";
const OPENAPI: &str = app::paths::API_OPENAPI;
const LIVEZ: &str = "/livez";
const READYZ: &str = "/readyz";

/// The whole service: plain functions in the order in which they judge a request. As layers of the router each would be
/// boxed, which would cost a protected call a third of its rate.
pub struct Service {
    state: AppState,
    routes: Router,
}

impl Service {
    /// Creates the service from its parts.
    pub fn new(state: AppState) -> Self {
        Self { routes: routes(&state), state }
    }

    /// Answers a request.
    pub async fn answer(&self, mut request: Request) -> Response {
        client_address::find(&self.state.settings.trusted_proxies, &self.state.proxy_signs, &mut request);
        request_id::in_span(request, |request| self.respond(request)).await
    }

    async fn respond(&self, mut request: Request) -> Response {
        let (begun, uri) = (Instant::now(), request.uri().clone());
        head_is_get(&mut request);
        let kind = headers::Kind::of(&mut request);
        let answered = AssertUnwindSafe(self.guarded(request)).catch_unwind().await;
        let mut response = answered.unwrap_or_else(|_| panicked());
        let ok = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
        headers::add(&self.state, &kind, ok, response.headers_mut());
        self.state.metrics.answered(uri.path(), response.status(), begun.elapsed());
        response
    }

    async fn guarded(&self, mut request: Request) -> Response {
        let (head, origin) = (
            body_limit::judge_head(&request),
            origin::check(&self.state.settings.http, &self.state.foreign_origin, &request),
        );
        let wants_page = html_form::wants_page(&request);
        let refused = match (head, origin) {
            (Ok(()), Ok(())) => {
                authentication::authenticate(&self.state, &mut request).await;
                rate_limit::check(&self.state, &mut request).await.err()
            }
            // A form of ours: its page shows the error. The body is not read.
            (Err(code), Ok(())) if wants_page => {
                *request.body_mut() = Body::empty();
                Some(refuse(&code.into()))
            }
            (Err(code), _) | (Ok(()), Err(code)) => return refuse(&code.into()),
        };
        if wants_page {
            return Box::pin(html_form::answer(&self.state, request, refused, |request| self.read_body(request))).await;
        }
        if let Some(refused) = refused {
            return refused;
        }
        match caller::check(&self.state, &mut request).await {
            Ok(()) => self.read_body(request).await,
            Err(refused) => refused,
        }
    }

    async fn read_body(&self, request: Request) -> Response {
        match body_limit::read(request, self.state.settings.timeouts.body).await {
            Ok(mut request) => {
                authentication::verify_again(&self.state, &mut request).await;
                self.dispatch(request).await
            }
            Err(code) => refuse(&code.into()),
        }
    }

    async fn dispatch(&self, request: Request) -> Response {
        let request = if guard::is_api(&request) {
            match call::run(&self.state, request).await {
                Ok(response) => return response,
                Err(request) => request,
            }
        } else {
            request
        };
        let _rendering = RENDERING.read().await;
        // Infallible.
        let response = self.routes.clone().call(request).await.unwrap_or_default();
        name_refusal(response)
    }
}

/// Returns every known path: server functions, pages, and what the operator and verifiers look at.
pub fn paths(app: &Freshkey) -> impl Iterator<Item = String> {
    let functions = server_fn_paths().map(|(path, _)| path.to_owned());
    let pages = app.pages().iter().map(|page| page.path().to_owned());
    let texts = app.texts().iter().map(|(path, _)| *path);
    functions.chain(pages).chain([OPENAPI, JWKS, LIVEZ, READYZ].into_iter().chain(texts).map(str::to_owned))
}

/// Routes that are not server functions.
fn routes(state: &AppState) -> Router {
    let pages = state.app.pages();
    let context = {
        let state = state.clone();
        move || pages::provide(&state)
    };
    let document = {
        let state = state.clone();
        move || shell(&state.app, state.leptos.clone())
    };
    // Pages and the web files. Leptos also lists the server functions here, for their methods. Any other path gets the
    // "not found" page.
    let nothing = {
        let (context, document) = (context.clone(), document.clone());
        move |State(state): State<AppState>, request: Request| {
            let (parts, context) = (state.clone(), context.clone());
            let context = move || {
                provide_context(parts.clone());
                context();
            };
            file_or(state, request, leptos_axum::render_app_async_with_context(context, document.clone()))
        }
    };
    let app = Router::new()
        .leptos_routes_with_context(state, pages.to_vec(), context, document)
        .fallback(nothing)
        .layer(from_fn_with_state(state.clone(), pages::page_session));
    // The browser's router ignores a slash at the end; this one would not find the page.
    let slashed = pages.iter().map(AxumRouteListing::path).filter(|path| *path != app::paths::HOME);
    let slashed = slashed.fold(Router::new(), |router, page| router.route(&format!("{page}/"), get(without_slash)));
    let texts = state.app.texts().iter().copied();
    let texts = texts.fold(Router::new(), |router, (path, text)| router.route(path, get(move || async move { text })));
    Router::new()
        .route("/api", any(not_found))
        .route("/api/", any(not_found))
        .route("/api/{*rest}", any(not_found))
        .route(OPENAPI, get(description))
        .route(JWKS, get(jwks))
        .route("/.well-known/change-password", get(|| async { Redirect::to(app::paths::PROFILE) }))
        // Requested by browsers that have not read the page yet, and by programs that never read it.
        .route("/favicon.ico", get(|| async { Redirect::permanent("/favicon.svg") }))
        .route(LIVEZ, get(|| async { Json(json!({"status": "alive"})) }))
        .route(READYZ, get(readyz))
        .merge(slashed)
        .merge(texts)
        .merge(mailbox::routes(state))
        .merge(app)
        .with_state(state.clone())
}

/// Turns HEAD into GET without the body (RFC 9110, section 9.3.2). The connection leaves the body out; the framework
/// knows its functions by GET only.
fn head_is_get(request: &mut Request) {
    if request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
}

/// Refuses a wrong method in JSON, also where the router noticed it.
fn name_refusal(response: Response) -> Response {
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let mut named = refuse(&Code::MethodNotAllowed.into());
    named.headers_mut().extend(response.headers().get(ALLOW).cloned().map(|allow| (ALLOW, allow)));
    named
}

/// Returns a web file, or the "not found" page.
async fn file_or<F: Future<Output = Response>>(
    state: AppState,
    request: Request,
    page: impl FnOnce(Request) -> F,
) -> Response {
    match web_files::answer(&state.settings.site_root, &request).await {
        Ok(Some(file)) => file,
        Ok(None) => {
            let mut response = page(request).await;
            *response.status_mut() = StatusCode::NOT_FOUND;
            // The file may exist later: it may belong to another release.
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => {
            tracing::error!(event = "file_unreadable", error = %with_causes(&error));
            refuse(&ApiError::from(Code::Overloaded).after(Seconds(1)))
        }
    }
}

/// Redirects to the page's address without the slash.
async fn without_slash(uri: Uri) -> Redirect {
    let page = uri.path().trim_end_matches('/');
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::permanent(&format!("{page}{query}"))
}

async fn not_found() -> Response {
    refuse(&Code::NotFound.into())
}

fn panicked() -> Response {
    tracing::error!(event = "panicked");
    refuse(&Code::Internal.into())
}

/// Returns the public keys (RFC 7517) for services that verify our access tokens.
async fn jwks(State(state): State<AppState>) -> Response {
    let ring = state.sessions.access_tokens.keys().ring();
    let keys = ring.published(state.clock.now());
    let public = [
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (HeaderName::from_static("access-control-allow-origin"), HeaderValue::from_static("*")),
    ];
    (public, Json(json!({ "keys": keys }))).into_response()
}

/// Returns the description of the API (OpenAPI 3.1).
async fn description(State(state): State<AppState>) -> Json<Value> {
    let settings = &state.settings;
    let cookie = settings.http.cookie(CookieName::Refresh);
    Json(openapi::document(&state.app, cookie, settings.passwords.min_chars))
}

async fn readyz(State(state): State<AppState>) -> Response {
    match state.store.probe(state.clock.now()).await {
        Ok(()) => Json(json!({"status": "ready"})).into_response(),
        Err(error) => {
            tracing::error!(event = "not_ready", error = %with_causes(&error));
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "down", "part": "database"}))).into_response()
        }
    }
}
