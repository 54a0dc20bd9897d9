//! Links in emails. Opening one changes nothing. Its token moves from the address into a cookie, so that it stays in no
//! history, no `Referer` and no log of ours, and the page asks for something that only the user can give.

use super::{
    super::{
        auth::{browser_token::Browser, challenges::ChallengeStatus, mailed_secret::LinkPurpose},
        cookies::{self, set_cookies},
        refusal::unavailable,
        settings::{CookieName, Http},
        state::AppState,
    },
    browser,
};
use crate::app::{
    address,
    error::{ApiError, Code},
    paths,
    types::{Millis, Seconds, Secret, StepReason},
};
use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderValue, Uri,
    header::{CACHE_CONTROL, LOCATION, SET_COOKIE},
    request::Parts,
};
use leptos::prelude::with_context;
use uuid::Uuid;

/// How long the browser keeps the token of an opened link.
const LINK_KEPT: Seconds = Millis::from_hours(1).whole_seconds();
/// The query field with the token.
const TOKEN: &str = "t";
/// The longest token that is kept, in characters: ours are shorter.
const LONGEST: usize = 200;

/// The pages that links lead to.
const PAGES: [&str; 3] = [paths::REGISTER_FINISH, paths::RESET, paths::SECURE];

/// Redirects from a link to its page without the token, whether or not the token is valid; none if the address is not
/// that of a link.
pub(crate) fn open(http: &Http, uri: &Uri) -> Option<Response> {
    let token = address::in_query(uri.query()?, TOKEN)?;
    let page = PAGES.into_iter().find(|page| *page == uri.path())?;
    let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let token = if token.len() <= LONGEST && token.chars().all(kept) { token } else { "x".to_owned() };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = http::StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_static(page));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(SET_COOKIE, cookies::set_lax(http, CookieName::Link, &token, LINK_KEPT));
    Some(response)
}

/// Returns the token of the link that this browser opened last.
pub(crate) fn opened<'a>(state: &AppState, headers: &'a HeaderMap) -> Option<&'a str> {
    cookies::value(&state.settings.http, headers, CookieName::Link).filter(|token| !token.is_empty())
}

/// A link that a call uses.
pub(crate) struct Used {
    /// Whether the link can be used.
    pub(crate) standing: ChallengeStatus,
    /// The browser that uses the link.
    pub(crate) browser: Option<Browser>,
}

/// Returns the link of a call: that of `token`, or that of the cookie, if it still is the one that the form was made
/// for.
///
/// # Errors
/// [`Code::InvalidLink`], with the reason if the link is genuine.
pub(crate) async fn used(
    state: &AppState,
    purpose: LinkPurpose,
    token: Option<&Secret>,
    form: Option<&str>,
) -> Result<Used, ApiError> {
    let challenge = named(state, purpose, token, form)?;
    let browser = browser(state);
    let digest = browser.map(Browser::digest);
    let standing = state.challenges.standing_of_link(challenge, digest.as_deref(), state.clock.now()).await;
    match standing.map_err(|error| unavailable(&error))? {
        ChallengeStatus::Over(reason) => Err(invalid(reason)),
        standing => Ok(Used { standing, browser }),
    }
}

/// Returns the id in the link of a call: that of `token`, or that of the cookie, if it still is the one that the form
/// was made for.
///
/// # Errors
/// [`Code::InvalidLink`].
pub(crate) fn named(
    state: &AppState,
    purpose: LinkPurpose,
    token: Option<&Secret>,
    form: Option<&str>,
) -> Result<Uuid, ApiError> {
    let cookie = || with_context(|parts: &Parts| opened(state, &parts.headers).map(str::to_owned)).flatten();
    let (token, given) = match token.map(Secret::reveal).filter(|token| !token.is_empty()) {
        Some(token) => (Some(token.to_owned()), true),
        None => (cookie(), false),
    };
    let genuine = token.and_then(|token| state.challenges.read_link(&token));
    // The browser has opened another link since, for whatever purpose.
    if !given && form.zip(genuine).is_some_and(|(form, (_, id))| form != id.to_string()) {
        return Err(invalid(Some(StepReason::Replaced)));
    }
    let meant = genuine.filter(|(of, _)| *of == purpose);
    meant.map(|(_, id)| id).ok_or_else(|| Code::InvalidLink.into())
}

/// Whether the link that this browser opened last is a genuine one for this purpose.
pub(crate) fn is_opened(state: &AppState, purpose: LinkPurpose) -> bool {
    let opened =
        |parts: &Parts| opened(state, &parts.headers).is_some_and(|token| read(state, purpose, token).is_some());
    with_context(opened).unwrap_or_default()
}

/// Returns the challenge of a genuine token for this purpose.
pub(crate) fn read(state: &AppState, purpose: LinkPurpose, token: &str) -> Option<Uuid> {
    let (of, challenge) = state.challenges.read_link(token)?;
    (of == purpose).then_some(challenge)
}

/// Makes the browser forget a link that was used.
pub(crate) fn forget(state: &AppState) {
    set_cookies([cookies::set_lax(&state.settings.http, CookieName::Link, "", Seconds::ZERO)]);
}

/// Converts the refusal of a step into that of its link.
pub(crate) fn of_link(refused: ApiError) -> ApiError {
    match refused.code {
        Code::ChallengeOver => ApiError { reason: refused.reason, ..Code::InvalidLink.into() },
        _ => refused,
    }
}

/// Refuses a link that can't be used.
pub(crate) fn invalid(reason: Option<StepReason>) -> ApiError {
    let refused = ApiError::from(Code::InvalidLink);
    match reason {
        Some(reason) => refused.saying(reason.text()),
        None => refused,
    }
}
