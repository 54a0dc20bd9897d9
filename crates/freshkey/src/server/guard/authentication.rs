//! Authentication: finds out which call a request makes and whose access token it carries. The guards behind it, above
//! all the limits, rely on that.

use super::is_api;
use crate::server::{
    bearer::{self, BearerVerdict},
    call_info::CallInfo,
    origin::is_unsafe,
    state::AppState,
};
use axum::extract::Request;
use freshkey_core::request_span::record_user;
use http::HeaderMap;

/// Finds the call and verifies the access token, once for all guards. From here on the request's log lines name the
/// caller.
pub async fn authenticate(state: &AppState, request: &mut Request) {
    if !is_api(request) {
        return;
    }
    let call = state.app.call_info(request.method(), request.uri().path());
    let verdict = verify(state, call.realm, request.headers()).await;
    if let Ok(caller) = &verdict.0 {
        record_user(&caller.user.id);
    }
    request.extensions_mut().insert(call);
    request.extensions_mut().insert(verdict);
}

/// Verifies the token again after the body was read: it may have expired meanwhile, or its session may have ended.
pub async fn verify_again(state: &AppState, request: &mut Request) {
    let good = request.extensions().get::<BearerVerdict>().is_some_and(|verdict| verdict.0.is_ok());
    if good && is_unsafe(request.method()) {
        let verdict = verify(state, CallInfo::of(request.extensions()).realm, request.headers()).await;
        request.extensions_mut().insert(verdict);
    }
}

async fn verify(state: &AppState, realm: Option<&str>, headers: &HeaderMap) -> BearerVerdict {
    bearer::verify(state.sessions_in(realm), state.clock.now(), headers).await
}
