//! Who calls, as far as the head tells: judged before the body is read, so that nobody waits for the body
//! of a call that is refused whatever is in it. The rest is for [`call`], which also has the body.

use super::{
    authentication::{call_of, is_in_lab},
    is_api,
};
use crate::{
    app::error::{ApiError, Code},
    server::{
        auth::refresh_token::RefreshToken,
        bearer::BearerVerdict,
        body::Format,
        call::{self, CSRF_HEADER, Principal},
        cookies::{self, RefreshCookie},
        described::Caller,
        refresh,
        refusal::refuse,
        state::AppState,
    },
};
use axum::{extract::Request, response::Response};
use http::{
    Extensions, HeaderMap, Method,
    header::{CONTENT_TYPE, SET_COOKIE},
};

/// Refuses a call whose caller is not the one that it needs. A refresh is told its token.
///
/// # Errors
/// The refusal.
pub async fn check(state: &AppState, request: &mut Request) -> Result<(), Response> {
    if request.method() != Method::POST || !is_api(request) {
        return Ok(());
    }
    match call_of(request).caller {
        Caller::Cookie => refresh(state, request).map_or(Ok(()), Err),
        Caller::Bearer | Caller::BearerAndCsrf => {
            protected(state, Head::of(request)).await.map_err(|error| refuse(&error))
        }
        // Which step the browser is at, the body says.
        Caller::Anybody | Caller::CookieOrBearer | Caller::BearerOrStep => Ok(()),
    }
}

/// Tells a refresh its token; or else the refusal.
fn refresh(state: &AppState, request: &mut Request) -> Option<Response> {
    let http = &state.settings.http;
    let cookie = cookies::refresh(http, request.headers());
    let error = match refresh::presented(state, &cookie) {
        Ok(token) => {
            request.extensions_mut().insert(token);
            return None;
        }
        Err(error) => error,
    };
    let mut refusal = refuse(&error);
    if cookie == RefreshCookie::Several {
        refusal.headers_mut().extend(cookies::clear_everywhere(http).map(|cookie| (SET_COOKIE, cookie)));
    }
    Some(refusal)
}

/// The head of a request, as far as it tells who calls.
pub struct Head<'a> {
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
    /// It is a form, and may change something.
    is_form: bool,
}

/// What a request says of its caller.
pub enum Claim {
    /// A good access token.
    Token(Principal),
    /// A genuine refresh token, which may be a spent one.
    Cookie(RefreshToken),
}

impl<'a> Head<'a> {
    /// That of a request.
    pub fn of(request: &'a Request) -> Self {
        Self::new(request.method(), request.headers(), request.extensions())
    }

    /// The head of these parts.
    pub fn new(method: &Method, headers: &'a HeaderMap, extensions: &'a Extensions) -> Self {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = method != Method::GET && Format::of(content_type) == Format::Form;
        Self { headers, extensions, is_form }
    }

    /// Who says to call: whom the access token names; or, of a form that a browser without WASM sent, whom the
    /// refresh cookie names. The lab knows nothing of the visitor's cookie.
    ///
    /// # Errors
    /// Those of the access token.
    pub fn claim(&self, state: &AppState) -> Result<Claim, ApiError> {
        let verdict = self.extensions.get::<BearerVerdict>().map(|verdict| verdict.0.clone());
        let missing = match verdict.unwrap_or_else(|| Err(Code::TokenNotFound.into())) {
            Ok(principal) => return Ok(Claim::Token(principal)),
            Err(refused) => refused,
        };
        if missing.code != Code::TokenNotFound || !self.is_form || is_in_lab(self.extensions) {
            return Err(missing);
        }
        let RefreshCookie::One(text) = cookies::refresh(&state.settings.http, self.headers) else {
            return Err(missing);
        };
        state.sessions.genuine(&text).map(Claim::Cookie).ok_or(missing)
    }

    /// The CSRF token in the header, if there is one. Several are as good as a wrong one: another reader in
    /// front of us could go by another of them.
    pub fn csrf_token(&self) -> Option<&'a str> {
        let mut values = self.headers.get_all(CSRF_HEADER).iter();
        let (first, alone) = (values.next()?, values.next().is_none());
        Some(first.to_str().ok().filter(|_| alone).unwrap_or_default())
    }
}

async fn protected(state: &AppState, head: Head<'_>) -> Result<(), ApiError> {
    let principal = call::principal(state, head.claim(state)?).await?;
    // Where the header has no CSRF token, the body may.
    head.csrf_token().map_or(Ok(()), |token| call::check_csrf_token(state, principal.session, token))
}
