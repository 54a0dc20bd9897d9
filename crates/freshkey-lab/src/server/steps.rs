//! The bodies of the server functions in `app/api.rs`.

use super::realm::{BEGUN, BUCKET, REALM};
use crate::app::types::{Forgery, LabAnswer, LabBounce, LabCheck, LabTerms, SeenHeader};
use axum::{body::Body, extract::Request};
use freshkey::{
    app::{
        error::{ApiError, Code},
        types::{Millis, Seconds, Secret},
    },
    server::{
        auth::{access_token::Subject, sessions::IssuedTokens},
        bearer, origin,
        realm::OpenRealm,
        refusal::internal,
        state::AppState,
    },
};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, ORIGIN},
    request::Parts,
};
use leptos::prelude::{expect_context, with_context};
use tracing::{instrument::WithSubscriber, subscriber::NoSubscriber};
use uuid::Uuid;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// An address that nobody has: `.invalid` never exists (RFC 2606).
const ADDRESS: &str = "visitor@lab.invalid";

/// Returns the lab, if it is turned on.
fn lab(state: &AppState) -> Result<&OpenRealm, ApiError> {
    state.realm(REALM.name).ok_or_else(|| Code::NotFound.into())
}

/// See [`crate::app::api::terms`].
pub fn terms() -> LabTerms {
    let state: AppState = expect_context();
    let whole = |span: Millis| u32::try_from(span.0).unwrap_or(u32::MAX);
    LabTerms {
        live: lab(&state).is_ok(),
        grace_ms: whole(REALM.grace_period),
        bucket: BUCKET.limit.count,
        bucket_ms: whole(BUCKET.limit.period),
    }
}

/// See [`crate::app::api::begin`].
pub async fn begin(life: Option<u64>) -> Result<LabAnswer, ApiError> {
    let state: AppState = expect_context();
    let (lab, now) = (lab(&state)?, state.clock.now());
    BEGUN.count("all").await?;
    let granted = lab.begin(ADDRESS, now).await?;
    let mut answer = answer(&state, &granted);
    if let Some(life) = life {
        let life = Seconds(i64::try_from(life).unwrap_or(i64::MAX)).clamp(Seconds(1), REALM.life.whole_seconds());
        let iat = now.whole_seconds();
        let subject = Subject::of(&granted.session, 0);
        let token = lab.sessions.access_tokens.sign(&subject, iat, iat + life).map_err(|error| internal(&error))?;
        answer = LabAnswer { access_token: token.into(), expires_in: life, ..answer };
    }
    Ok(answer)
}

/// See [`crate::app::api::refresh`].
pub async fn refresh(token: &Secret) -> Result<LabAnswer, ApiError> {
    let state: AppState = expect_context();
    let lab = lab(&state)?;
    if token.reveal().is_empty() {
        return Err(Code::RefreshTokenNotFound.into());
    }
    let granted = lab.refresh(token.reveal(), state.clock.now()).await?;
    Ok(answer(&state, &granted))
}

fn answer(state: &AppState, granted: &IssuedTokens) -> LabAnswer {
    LabAnswer {
        access_token: granted.access_token.clone().into(),
        refresh_token: granted.cookie.clone().map(Secret::from),
        csrf_token: state.sessions.csrf.token(granted.session.id).into(),
        expires_in: granted.expires_in,
        generation: u32::try_from(granted.session.generation).unwrap_or(u32::MAX),
    }
}

/// See [`crate::app::api::check`]. The token passes through the guard of every protected call.
pub async fn check(token: Option<&Secret>) -> Result<LabCheck, ApiError> {
    let state: AppState = expect_context();
    let lab = lab(&state)?;
    let token = token.map(Secret::reveal).unwrap_or_default();
    let Ok(bearer) = HeaderValue::try_from(format!("Bearer {token}")) else {
        return Ok(LabCheck { refused: Some(Code::InvalidToken) });
    };
    let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer)]);
    let verify = bearer::verify(Some(&lab.sessions), state.clock.now(), &headers);
    let verdict = verify.with_subscriber(NoSubscriber::default()).await.0;
    Ok(LabCheck { refused: verdict.err().map(|refused| refused.code) })
}

/// See [`crate::app::api::bounce`]. A page can't lie about its origin, so the server makes the forgeries here and
/// passes them to the guard that this call has just passed.
pub fn bounce(forgery: Option<&str>) -> Result<LabBounce, ApiError> {
    let state: AppState = expect_context();
    lab(&state)?;
    let headers = match forgery.map(Forgery::parse) {
        Some(None) => return Err(ApiError::field("forgery", "Name one of the forgeries.")),
        Some(Some(forgery)) => forged(forgery),
        None => own(),
    };
    let mut request = Request::post("/api/lab").body(Body::empty()).map_err(|error| internal(&error))?;
    request.headers_mut().extend(headers.iter().cloned());
    let judged = tracing::subscriber::with_default(NoSubscriber::default(), || {
        origin::check(&state.settings.http, &state.foreign_origin, &request)
    });
    let seen = |(name, value): (HeaderName, HeaderValue)| SeenHeader {
        name: name.to_string(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    Ok(LabBounce { headers: headers.into_iter().map(seen).collect(), refused: judged.err() })
}

fn forged(forgery: Forgery) -> Vec<(HeaderName, HeaderValue)> {
    let site = |value| (SEC_FETCH_SITE, HeaderValue::from_static(value));
    let origin = |value| (ORIGIN, HeaderValue::from_static(value));
    match forgery {
        Forgery::AnotherSite => vec![site("cross-site"), origin("https://evil.example")],
        Forgery::Neighbour => vec![site("same-site"), origin("https://blog.example.com")],
        Forgery::OldBrowser => vec![origin("https://evil.example")],
        Forgery::Frame => vec![site("cross-site"), origin("null")],
    }
}

/// Returns the headers that the guard judged this call by.
fn own() -> Vec<(HeaderName, HeaderValue)> {
    let of = |parts: &Parts| {
        let found = [SEC_FETCH_SITE, ORIGIN]
            .into_iter()
            .filter_map(|name| Some((name.clone(), parts.headers.get(name)?.clone())));
        found.collect()
    };
    with_context(of).unwrap_or_default()
}

/// See [`crate::app::api::knock`].
pub async fn knock() -> Result<(), ApiError> {
    let state: AppState = expect_context();
    let (lab, now) = (lab(&state)?, state.clock.now());
    let session: Option<Uuid> = with_context(|parts: &Parts| lab.session(&parts.headers, now)).flatten();
    BUCKET.count(&session.ok_or(Code::TokenNotFound)?.to_string()).await
}
