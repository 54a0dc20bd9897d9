//! Authentication: finds out which call a request makes and whose access token it carries. The guards behind it, above
//! all the limits, rely on that.

use super::is_api;
use crate::server::{bearer, origin::is_unsafe, state::AppState};
use axum::extract::Request;

/// Finds the call and verifies the access token, once for all guards.
pub async fn authenticate(state: &AppState, request: &mut Request) {
    if !is_api(request) {
        return;
    }
    let call = state.app.described(request.method(), request.uri().path());
    let verdict = bearer::verify(state.sessions_in(call.realm), state.clock.now(), request.headers()).await;
    request.extensions_mut().insert(call);
    request.extensions_mut().insert(verdict);
}

/// Verifies the token again after the body was read: it may have expired meanwhile, or its session may have ended.
pub async fn verify_again(state: &AppState, request: &mut Request) {
    let good = request.extensions().get::<bearer::BearerVerdict>().is_some_and(|verdict| verdict.0.is_ok());
    if good && is_unsafe(request.method()) {
        authenticate(state, request).await;
    }
}
