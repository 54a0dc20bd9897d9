//! Every guard and every route, in order, on one page.

use super::{
    call,
    guard::{self, body_limit, client_address, headers, html_form, origin, rate_limit, refuse, request_id},
    openapi, pages,
    settings::CookieName,
    shell::shell,
    state::AppState,
};
use crate::app::{self, App, error::Code};
use axum::{
    Json, Router,
    extract::{Request, State},
    middleware::from_fn_with_state,
    response::{IntoResponse, Redirect, Response},
    routing::{any, get},
};
use futures::FutureExt;
use http::{
    HeaderName, HeaderValue, Method, StatusCode,
    header::{ALLOW, CACHE_CONTROL},
};
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use serde_json::{Value, json};
use std::{panic::AssertUnwindSafe, sync::LazyLock, time::Instant};
use tower::Service as _;

/// The list of pages, made once: making it turns resources off while it lasts, for everybody.
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));
const JWKS: &str = "/.well-known/jwks.json";
const OPENAPI: &str = app::paths::API_OPENAPI;
const LIVEZ: &str = "/livez";
const READYZ: &str = "/readyz";

/// The whole service: plain functions in the order in which they judge a request. As layers of the
/// router they would each be boxed and cost a protected call a third of its rate.
pub struct Service {
    state: AppState,
    routes: Router,
}

impl Service {
    /// The service of these parts.
    pub fn new(state: AppState) -> Self {
        Self { routes: routes(&state), state }
    }

    /// Answers a request.
    pub async fn answer(&self, request: Request) -> Response {
        request_id::name(request, |request| self.named(request)).await
    }

    async fn named(&self, mut request: Request) -> Response {
        let (begun, uri) = (Instant::now(), request.uri().clone());
        head_is_get(&mut request);
        client_address::find(&self.state, &mut request);
        let kind = headers::Kind::of(&mut request);
        let answered = AssertUnwindSafe(self.judged(request)).catch_unwind().await;
        let mut response = answered.unwrap_or_else(|_| panicked());
        let ok = response.status().is_success();
        headers::add(&self.state, &kind, ok, response.headers_mut());
        self.state.metrics.answered(uri.path(), response.status(), begun.elapsed());
        response
    }

    async fn judged(&self, request: Request) -> Response {
        if let Err(code) = body_limit::judge_head(&request).and_then(|()| origin::check(&self.state, &request)) {
            return refuse(&code.into());
        }
        if html_form::wants_page(&request) {
            return Box::pin(html_form::answer(&self.state, request, |request| self.counted(request))).await;
        }
        self.counted(request).await
    }

    async fn counted(&self, mut request: Request) -> Response {
        if let Err(refused) = rate_limit::check(&self.state, &mut request).await {
            return refused;
        }
        match body_limit::read(request, self.state.settings.timeouts.body).await {
            Ok(request) => self.routed(request).await,
            Err(code) => refuse(&code.into()),
        }
    }

    async fn routed(&self, request: Request) -> Response {
        let request = if guard::is_api(&request) {
            match call::run(&self.state, request).await {
                Ok(response) => return response,
                Err(request) => request,
            }
        } else {
            request
        };
        // Infallible.
        let response = self.routes.clone().call(request).await.unwrap_or_default();
        name_refusal(response)
    }
}

/// Every path that somebody may ask for by name: server functions, pages, and what the operator
/// and verifiers look at.
pub fn paths() -> impl Iterator<Item = String> {
    let functions = server_fn_paths().map(|(path, _)| path.to_owned());
    let pages = PAGES.iter().map(|page| page.path().to_owned());
    functions.chain(pages).chain([OPENAPI, JWKS, LIVEZ, READYZ].map(str::to_owned))
}

/// What is none of the server functions.
fn routes(state: &AppState) -> Router {
    let context = {
        let state = state.clone();
        move || pages::provide(&state)
    };
    let document = {
        let options = state.leptos.clone();
        move || shell(options.clone())
    };
    // Pages and the web files; the server functions are here for their methods. What is none of
    // these is a page that says so.
    let app = Router::new()
        .leptos_routes_with_context(state, PAGES.clone(), context.clone(), document.clone())
        .fallback(leptos_axum::file_and_error_handler_with_context::<AppState, _>(context, move |_| document()))
        .layer(from_fn_with_state(state.clone(), pages::look));
    Router::new()
        .route("/api", any(not_found))
        .route("/api/", any(not_found))
        .route("/api/{*rest}", any(not_found))
        .route(OPENAPI, get(description))
        .route(JWKS, get(jwks))
        // Asked for by browsers that have not read the page yet, and by programs that never do.
        .route("/favicon.ico", get(|| async { Redirect::permanent("/favicon.svg") }))
        .route(LIVEZ, get(|| async { Json(json!({"status": "alive"})) }))
        .route(READYZ, get(readyz))
        .merge(app)
        .with_state(state.clone())
}

/// HEAD is GET without the body (RFC 9110, section 9.3.2), which the connection leaves out; the
/// framework knows its functions by GET only.
fn head_is_get(request: &mut Request) {
    if request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
}

/// A wrong method is refused in JSON, also where the router does it.
fn name_refusal(response: Response) -> Response {
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let mut named = refuse(&Code::MethodNotAllowed.into());
    named.headers_mut().extend(response.headers().get(ALLOW).cloned().map(|allow| (ALLOW, allow)));
    named
}

async fn not_found() -> Response {
    refuse(&Code::NotFound.into())
}

fn panicked() -> Response {
    tracing::error!(event = "panicked");
    refuse(&Code::Internal.into())
}

/// The public keys (RFC 7517), for whoever verifies our access tokens.
async fn jwks(State(state): State<AppState>) -> Response {
    let ring = state.sessions.access_tokens.keys().ring();
    let keys = ring.published(state.clock.now());
    let public = [
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (HeaderName::from_static("access-control-allow-origin"), HeaderValue::from_static("*")),
    ];
    (public, Json(json!({ "keys": keys }))).into_response()
}

/// What a program may ask for (`OpenAPI` 3.1).
async fn description(State(state): State<AppState>) -> Json<Value> {
    let settings = &state.settings;
    Json(openapi::document(settings.http.cookie(CookieName::Refresh), settings.passwords.min_chars))
}

async fn readyz(State(state): State<AppState>) -> Response {
    match state.store.probe(state.clock.now()).await {
        Ok(()) => Json(json!({"status": "ready"})).into_response(),
        Err(error) => {
            tracing::error!(event = "not_ready", %error);
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "down", "part": "database"}))).into_response()
        }
    }
}
