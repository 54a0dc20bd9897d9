//! Finds the visitor of a page by the refresh cookie. Rendering a page never rotates the token: prefetches, duplicated
//! tabs and lost answers would spend it. The only change that rendering can make is to end the session of a stolen
//! token.

use super::{
    auth::sessions::SessionStatus,
    bearer::Principal,
    caller,
    cookies::{self, RefreshCookie},
    device::device,
    guard::{form_echo, is_api},
    origin,
    refusal::{refused, unavailable},
    settings::{CookieName, MailWay},
    state::AppState,
    steps::{self, passkey},
    store::sessions::SessionRow,
};
use crate::app::{
    paths,
    session::{Features, PageFacts, PageState, SessionState, SessionView},
    types::{EndReason, Seconds},
};
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{
    Extensions, HeaderMap, HeaderValue, Method, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFRESH, SET_COOKIE, USER_AGENT},
    request::Parts,
    uri::{PathAndQuery, Uri},
};
use leptos::prelude::{provide_context, use_context, with_context};
use leptos_axum::ResponseOptions;
use leptos_meta::provide_meta_context;
use percent_encoding::percent_decode_str;

/// How long the server remembers that it asked the browser to come again.
const REPLAY_CHECK: Seconds = Seconds(10);

/// Finds out who is looking before anything is rendered. Redirects visitors who are not signed in away from protected
/// pages; the answer contains nothing of the page.
pub async fn page_session(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let asked = request.uri().clone();
    let path = asked.path();
    if is_hidden(path) {
        *request.uri_mut() = Uri::from_static(paths::NOWHERE);
    }
    let file = !paths::is_protected(path) && path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if file || is_api(&request) || request.method() != Method::GET {
        return next.run(request).await;
    }
    if state.mail.is_on()
        && let Some(page) = steps::link::open(&state.settings.http, &asked)
    {
        return page;
    }
    if comes_without_its_cookie(&state, request.headers()) {
        return bounce(&asked);
    }
    let session = match visitor(&state, request.headers()).await {
        Visitor::Signed(row) => signed_in(&state, row, request.extensions_mut()),
        Visitor::Nobody(session) => session,
        Visitor::Replayed(row)
            if cookies::value(&state.settings.http, request.headers(), CookieName::ReplayCheck).is_some() =>
        {
            let device = device(request.extensions(), request.headers());
            if let Err(error) = state.sessions.end_replayed(&row, &device, state.clock.now()).await {
                unavailable(&error);
            }
            SessionState::SignedOut(Some(EndReason::Replay))
        }
        Visitor::Replayed(_) => return replay_check(&state, &asked),
    };
    let signed_out = matches!(session, SessionState::SignedOut(_));
    if signed_out && paths::is_protected(path) {
        return redirect_to(&paths::login_with_next(page(&asked)));
    }
    let echo = form_echo::find(request.uri(), request.headers(), &state.settings.http);
    let personal = !signed_out || echo.is_some();
    let clear_echo = echo.is_some();
    let password_min = u32::try_from(state.settings.passwords.min_chars).unwrap_or(u32::MAX);
    let account = &state.settings.account;
    let (delete_after, trust_device) = (account.delete_after, account.trust_device);
    let facts = PageFacts { now: state.clock.now(), password_min, delete_after, trust_device };
    request.extensions_mut().insert(PageState { session, echo, features: features(&state), facts });
    let mut response = next.run(request).await;
    let missing = response.status() == StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    // Every page depends on the cookie, and carries a nonce.
    let policy = if personal || missing || paths::is_step(asked.path()) { "no-store" } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(policy));
    if clear_echo {
        for cookie in form_echo::clear(&state.settings.http) {
            headers.append(SET_COOKIE, cookie);
        }
    }
    response
}

/// Returns the features of this server.
fn features(state: &AppState) -> Features {
    let mail = state.mail.is_on();
    Features {
        mail,
        mail_sign_in: mail && state.settings.account.mail_sign_in,
        passkey_life: passkey::rp_id(state)
            .map(|_| u32::try_from(state.settings.account.lifetimes.code.0).unwrap_or(u32::MAX)),
        mailbox: matches!(state.settings.mail.way, MailWay::Dev),
    }
}

/// Whether the path names a file that begins with a dot: a careless copy may have left such files in the folder of the
/// web files (`.git`, `.env`), and nobody may read them (OWASP ASVS 13.4.1).
fn is_hidden(path: &str) -> bool {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    decoded.split('/').any(|name| name.starts_with('.') && name != ".well-known")
}

/// The visitor, by their cookie.
enum Visitor {
    /// Somebody is signed in.
    Signed(SessionRow),
    /// Nobody is signed in, or the server can't tell.
    Nobody(SessionState),
    /// The cookie is a spent one of this session, and no rule explains it.
    Replayed(SessionRow),
}

async fn visitor(state: &AppState, headers: &HeaderMap) -> Visitor {
    let nobody = Visitor::Nobody(SessionState::SignedOut(None));
    let RefreshCookie::One(text) = cookies::refresh(&state.settings.http, headers) else { return nobody };
    let Some(token) = state.sessions.verify_refresh_token(&text) else { return nobody };
    let session = match state.sessions.status(token, state.clock.now()).await {
        Ok(SessionStatus::Live(row)) => return Visitor::Signed(row),
        Ok(SessionStatus::Replay(row)) => return Visitor::Replayed(row),
        Ok(SessionStatus::Over(reason)) => SessionState::SignedOut(Some(reason)),
        Err(error) => {
            refused(error);
            SessionState::Unknown
        }
    };
    Visitor::Nobody(session)
}

/// Returns what the page is told about its session, and stores the caller for the calls that the page makes while it is
/// rendered.
fn signed_in(state: &AppState, row: SessionRow, extensions: &mut Extensions) -> SessionState {
    extensions.insert(caller::of_session(&row));
    let csrf_token = state.sessions.csrf.token(row.id);
    SessionState::SignedIn(SessionView { user: row.user, csrf_token })
}

/// Asks the browser to come again with the cookie that it has by then. A request for a page does not say when it was
/// sent: this one may have been held up while the cookie was rotated, and must not sign the user out. If the browser
/// comes again with the same cookie, it has no newer one.
fn replay_check(state: &AppState, asked: &Uri) -> Response {
    let mut response = redirect_to(&paths::page(page(asked)).unwrap_or_else(|| paths::HOME.to_owned()));
    let again = cookies::set_short(&state.settings.http, CookieName::ReplayCheck, "1", REPLAY_CHECK);
    response.headers_mut().append(SET_COOKIE, again);
    response
}

/// Whether another site led here, so that the browser withheld the refresh cookie. A signed-in user would then see the
/// sign-in page after every link in an email.
fn comes_without_its_cookie(state: &AppState, headers: &HeaderMap) -> bool {
    let http = &state.settings.http;
    origin::is_led_here_by_another_site(headers)
        && cookies::refresh(http, headers) == RefreshCookie::None
        && cookies::value(http, headers, CookieName::SignedIn) == Some("1")
}

/// Makes the browser request the page itself: the request then comes from our own page, with the cookie. (A redirect
/// would not do: it counts as the other site's.)
fn bounce(asked: &Uri) -> Response {
    let mut response = Response::new(Body::empty());
    let refresh = format!("0;url={}", paths::page(page(asked)).unwrap_or_else(|| paths::HOME.to_owned()));
    if let Ok(refresh) = HeaderValue::try_from(refresh) {
        response.headers_mut().insert(REFRESH, refresh);
    }
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    response.headers_mut().extend(headers.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

/// Returns the path and the query of the request.
fn page(asked: &Uri) -> &str {
    asked.path_and_query().map_or(paths::HOME, PathAndQuery::as_str)
}

fn redirect_to(location: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Makes the page that is being rendered a 404.
pub fn no_page() {
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(StatusCode::NOT_FOUND);
    }
}

/// Returns what [`page_session`] found out, for the page that is being rendered.
pub fn page_state() -> PageState {
    with_context(|parts: &Parts| parts.extensions.get::<PageState>().cloned()).flatten().unwrap_or_default()
}

/// Returns the user agent of the browser that requested the page.
pub fn user_agent() -> Option<String> {
    let agent = |parts: &Parts| Some(parts.headers.get(USER_AGENT)?.to_str().ok()?.to_owned());
    with_context(agent).flatten()
}

/// Provides the context of pages, besides the framework's own.
pub fn provide(state: &AppState) {
    provide_meta_context();
    let Some(parts) = use_context::<Parts>() else {
        return;
    };
    if let Some(nonce) = parts.extensions.get::<leptos::nonce::Nonce>() {
        provide_context(nonce.clone());
    }
    if let Some(principal) = parts.extensions.get::<Principal>() {
        provide_context(principal.clone());
    }
    provide_context(state.web_files.paths.clone());
    provide_context(state.web_files.parts.clone());
}
