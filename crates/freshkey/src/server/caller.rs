//! Finds the caller of a function, and checks that the call comes from a page of theirs (CSRF).

use super::{
    auth::{refresh_token::RefreshToken, sessions::SessionStatus},
    bearer::{BearerVerdict, Principal},
    body::{CsrfField, Format},
    call_info::CallInfo,
    cookies::{self, RefreshCookie},
    refusal::{refused, unavailable},
    state::AppState,
    store::{sessions::SessionRow, users::UserRow},
};
use crate::app::{
    error::{ApiError, Code},
    types::TokenUser,
};
use axum::extract::Request;
use freshkey_core::request_span::record_user;
use http::{Extensions, HeaderMap, HeaderName, Method, header::CONTENT_TYPE, request::Parts};
use leptos::prelude::{use_context, with_context};
use uuid::Uuid;

/// The header of the CSRF token.
pub const CSRF_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// Returns the authenticated caller. Call it first in every protected function: the server also calls
/// the function directly, while it renders a page, and then nothing has checked the caller before.
///
/// # Errors
/// [`Code::TokenNotFound`]: nobody is signed in.
pub fn caller() -> Result<Principal, ApiError> {
    use_context().ok_or_else(|| Code::TokenNotFound.into())
}

/// Returns the caller's row in the database.
pub(crate) async fn own_account(state: &AppState, caller: &Principal) -> Result<UserRow, ApiError> {
    let user = state.store.user_by_id(&caller.user.id).await.map_err(|error| unavailable(&error))?;
    Ok(user.ok_or(Code::SessionEnded)?)
}

/// The part of a request's head that identifies the caller.
pub struct Head<'a> {
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
    /// The request is a form and may change something.
    is_form: bool,
}

/// How a request identifies its caller.
pub enum CallerCredential {
    /// By a good access token.
    Token(Principal),
    /// By a genuine refresh token, which may be a spent one.
    Cookie(RefreshToken),
}

impl<'a> Head<'a> {
    /// Reads the head of a request.
    pub fn of(request: &'a Request) -> Self {
        Self::new(request.method(), request.headers(), request.extensions())
    }

    /// Reads the head from these parts.
    pub fn new(method: &Method, headers: &'a HeaderMap, extensions: &'a Extensions) -> Self {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = method != Method::GET && Format::of(content_type) == Format::Form;
        Self { headers, extensions, is_form }
    }

    /// Returns the credential: the access token or, for a form from a browser without WASM, the refresh cookie. A
    /// realm ignores the visitor's cookie.
    ///
    /// # Errors
    /// Those of the access token.
    pub fn credential(&self, state: &AppState) -> Result<CallerCredential, ApiError> {
        let verdict = self.extensions.get::<BearerVerdict>().map(|verdict| verdict.0.clone());
        let missing = match verdict.unwrap_or_else(|| Err(Code::TokenNotFound.into())) {
            Ok(principal) => return Ok(CallerCredential::Token(principal)),
            Err(refused) => refused,
        };
        if missing.code != Code::TokenNotFound || !self.is_form || CallInfo::of(self.extensions).realm.is_some() {
            return Err(missing);
        }
        let RefreshCookie::One(text) = cookies::refresh(&state.settings.http, self.headers) else {
            return Err(missing);
        };
        state.sessions.verify_refresh_token(&text).map(CallerCredential::Cookie).ok_or(missing)
    }

    /// Returns the CSRF token in the header, if there is one. Several headers count as a wrong token: another reader in
    /// front of us might use a different one of them.
    pub fn csrf_token(&self) -> Option<&'a str> {
        let mut values = self.headers.get_all(CSRF_HEADER).iter();
        let (first, alone) = (values.next()?, values.next().is_none());
        Some(first.to_str().ok().filter(|_| alone).unwrap_or_default())
    }
}

/// Reads the head of the current call.
pub(crate) fn with_head<T>(read: impl FnOnce(Head<'_>) -> T) -> Option<T> {
    with_context(|parts: &Parts| read(Head::new(&parts.method, &parts.headers, &parts.extensions)))
}

/// Returns the caller that a request claims, if they are signed in.
///
/// # Errors
/// [`Code::TokenNotFound`] for a cookie whose session is over; the database failed.
pub async fn principal(state: &AppState, credential: CallerCredential) -> Result<Principal, ApiError> {
    match credential {
        CallerCredential::Token(principal) => Ok(principal),
        CallerCredential::Cookie(token) => Ok(of_cookie(state, token).await?.ok_or(Code::TokenNotFound)?),
    }
}

/// Returns the caller of a form from a browser without WASM, by the refresh token in its cookie.
///
/// # Errors
/// The database failed.
async fn of_cookie(state: &AppState, token: RefreshToken) -> Result<Option<Principal>, ApiError> {
    let found = state.sessions.status(token, state.clock.now()).await.map_err(refused)?;
    Ok(match found {
        SessionStatus::Live(row) => Some(of_session(&row)),
        SessionStatus::Over(_) | SessionStatus::Replay(_) => None,
    })
}

/// Returns the caller who has the cookie of this session, and names them in the request's log lines.
pub(crate) fn of_session(row: &SessionRow) -> Principal {
    record_user(&row.user.id);
    let user = TokenUser { id: row.user.id.clone(), email: row.user.email.clone() };
    Principal { user, session: row.id, claims: row.user.claims.clone() }
}

/// Checks the CSRF token in the header, or else in the field `_csrf`.
///
/// # Errors
/// [`Code::InvalidCsrfToken`].
pub fn check_csrf(state: &AppState, session: Uuid) -> Result<(), ApiError> {
    check_csrf_token(state, session, &presented_csrf_token())
}

/// Checks this CSRF token.
///
/// # Errors
/// [`Code::InvalidCsrfToken`].
pub fn check_csrf_token(state: &AppState, session: Uuid, token: &str) -> Result<(), ApiError> {
    if state.sessions.csrf.verify(session, token) {
        Ok(())
    } else {
        tracing::warn!(event = "csrf_token_refused", %session);
        Err(Code::InvalidCsrfToken.into())
    }
}

/// Whether the call has the session's CSRF token.
pub fn is_csrf_token_of(state: &AppState, session: Uuid) -> bool {
    state.sessions.csrf.verify(session, &presented_csrf_token())
}

fn presented_csrf_token() -> String {
    let header = with_head(|head| head.csrf_token().map(str::to_owned)).flatten();
    header.or_else(|| with_context(|field: &CsrfField| field.0.clone()).flatten()).unwrap_or_default()
}
