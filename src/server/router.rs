//! Every layer and every route, in order, on one page.

use super::{
    guard::{body_limit, client_address, headers, html_form, origin, rate_limit, refuse, request_id},
    pages,
    state::AppState,
};
use crate::app::{self, App, error::Code};
use axum::{
    Json, Router,
    extract::{Request, State},
    middleware::{from_fn, from_fn_with_state, map_request},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header::CACHE_CONTROL};
use leptos_axum::{LeptosRoutes, generate_route_list};
use serde_json::json;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

/// The whole service.
pub fn router(state: AppState) -> Router {
    let context = {
        let state = state.clone();
        move || pages::provide(&state)
    };
    let shell = {
        let options = state.leptos.clone();
        move || app::shell(options.clone())
    };
    // Pages and server functions, and the web files. What is none of these is a page that says so.
    let app = Router::new()
        .leptos_routes_with_context(&state, generate_route_list(App), context.clone(), shell.clone())
        .fallback(leptos_axum::file_and_error_handler_with_context::<AppState, _>(context, move |_| shell()))
        .layer(from_fn_with_state(state.clone(), pages::look));
    let routes = Router::new()
        .route("/api", any(not_found))
        .route("/api/", any(not_found))
        .route("/api/{*rest}", any(not_found))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/livez", get(|| async { Json(json!({"status": "alive"})) }))
        .route("/readyz", get(readyz))
        .merge(app)
        .with_state(state.clone());

    // A request passes these from top to bottom, its answer from bottom to top.
    let guarded = routes.layer(
        ServiceBuilder::new()
            .layer(from_fn(request_id::name))
            .layer(from_fn_with_state(state.clone(), client_address::find))
            .layer(from_fn_with_state(state.clone(), headers::add))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(body_limit::judge_head))
            .layer(from_fn_with_state(state.clone(), origin::check))
            .layer(from_fn_with_state(state.clone(), html_form::answer))
            .layer(from_fn_with_state(state, rate_limit::check))
            .layer(from_fn(body_limit::read))
            .layer(from_fn(name_refusals)),
    );
    // Before the routes are looked up, which a layer of theirs can't do.
    Router::new().fallback_service(guarded).layer(map_request(head_is_get))
}

/// HEAD is GET without the body (RFC 9110, section 9.3.2), which the connection leaves out; the
/// framework knows its functions by GET only.
async fn head_is_get(mut request: Request) -> Request {
    if request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    request
}

/// A wrong method is refused in JSON, also where the router does it.
async fn name_refusals(request: Request, next: axum::middleware::Next) -> Response {
    let response = next.run(request).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let mut named = refuse(&Code::MethodNotAllowed.into());
        named
            .headers_mut()
            .extend(response.headers().get(http::header::ALLOW).cloned().map(|allow| (http::header::ALLOW, allow)));
        return named;
    }
    response
}

async fn not_found() -> Response {
    refuse(&Code::NotFound.into())
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
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

async fn readyz(State(state): State<AppState>) -> Response {
    match state.store.ping().await {
        Ok(()) => Json(json!({"status": "ready"})).into_response(),
        Err(error) => {
            tracing::error!(event = "not_ready", %error);
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "down", "part": "database"}))).into_response()
        }
    }
}
