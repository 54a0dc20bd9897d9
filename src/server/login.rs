//! Signing in with a password, and the limit on failing to.
//!
//! The threat: somebody guesses an account's password from many addresses. The choice: an account
//! has an allowance of failures, after which the right password is refused too. That alone would
//! let anybody lock the owner out; so a device that has signed in before has its own allowance.

use super::{
    account::{begin, end_cookie_session, format, hashing, set_cookies, unavailable},
    auth::{device_token::Device, email::Email, hasher},
    body::Format,
    cookies,
    gcra::{Limiter, Verdict},
    guard::rate_limit::limited,
    pages::caller_device,
    settings::CookieName,
    state::AppState,
    store::users::UserRow,
};
use crate::app::{
    error::{ApiError, Code},
    types::{Happened, Secret, TokenAnswer},
};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::request::Parts;
use leptos::prelude::{expect_context, with_context};
use std::fmt;
use tracing::Instrument as _;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How long a device is known, in seconds: what browsers keep a cookie for at the most.
const DEVICE_SECONDS: i64 = 400 * 24 * 60 * 60;

/// Whose failures are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Attempts {
    /// Those of everybody, for this account, which may not even exist: a digest of its address, so
    /// that each takes the same little room and no address stands in Redis.
    Account([u8; 32]),
    /// Those of a device that has signed in to its account before.
    Device(Device),
    /// Those of a session that wants another password, on a device that is not known.
    Session(Uuid),
}

impl Attempts {
    fn account(email: &Email) -> Self {
        let mut account = [0; 32];
        account.copy_from_slice(digest::digest(&digest::SHA256, email.key().as_bytes()).as_ref());
        Self::Account(account)
    }
}

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(f, "account:{}", URL_SAFE_NO_PAD.encode(account)),
            Self::Device(device) => write!(f, "device:{}", URL_SAFE_NO_PAD.encode(device)),
            Self::Session(session) => write!(f, "session:{}", session.simple()),
        }
    }
}

/// See [`crate::app::api::account::login`].
pub(crate) async fn login(email: &str, password: &Secret, remember: Option<bool>) -> Result<TokenAnswer, ApiError> {
    let state: AppState = expect_context();
    require(email, password)?;
    // What is no address has no account; saying so takes as long.
    let email = Email::parse(email).ok();
    let device = email.as_ref().and_then(|email| known_device(&state, email));
    let attempts = email.as_ref().map(|email| device.map_or_else(|| Attempts::account(email), Attempts::Device));
    let Some(user) = counted(&state, attempts.as_ref(), verify(&state, email.as_ref(), password)).await? else {
        tracing::warn!(event = "sign_in_refused");
        return Err(Code::InvalidCredentials.into());
    };
    tracing::info!(event = "signed_in", user = %user.id);
    renew_hash(&state, &user, password);
    end_cookie_session(&state).await?;
    if let (Some(email), None) = (&email, device) {
        remember_device(&state, email);
    }
    begin(&state, user.into(), remember.unwrap_or(format() == Format::Json)).await
}

fn require(email: &str, password: &Secret) -> Result<(), ApiError> {
    let missing = [
        email.trim().is_empty().then_some(("email", "Enter your email address.".into())),
        password.reveal().is_empty().then_some(("password", "Enter your password.".into())),
    ];
    let wrong: Vec<_> = missing.into_iter().flatten().collect();
    if wrong.is_empty() { Ok(()) } else { Err(ApiError::fields(wrong)) }
}

/// Has `look` look at a password, unless too many were wrong of late; none is one more.
pub(crate) async fn counted<T>(
    state: &AppState,
    attempts: Option<&Attempts>,
    look: impl Future<Output = Result<Option<T>, ApiError>>,
) -> Result<Option<T>, ApiError> {
    let Some((limiter, attempts)) = state.limits.login.as_ref().zip(attempts) else {
        return look.await;
    };
    count(state, limiter, attempts).await?;
    let found = look.await;
    match &found {
        Ok(Some(_)) => limiter.reset(attempts).await,
        Ok(None) => {}
        // It was no failure of whoever tried.
        Err(_) => limiter.give_back(attempts).await,
    }
    found
}

/// Counted before the password is looked at, so that guesses that come all at once are no more
/// than the allowance.
async fn count(state: &AppState, limiter: &Limiter<Attempts>, attempts: &Attempts) -> Result<(), ApiError> {
    match limiter.count(attempts, state.clock.monotonic()).await {
        Verdict::Allowed => Ok(()),
        Verdict::Refused { retry_after_ms } => {
            tracing::warn!(event = "sign_in_limited");
            Err(limited(limiter, retry_after_ms))
        }
    }
}

/// The user, if the password is the right one.
async fn verify(state: &AppState, email: Option<&Email>, password: &Secret) -> Result<Option<UserRow>, ApiError> {
    let user = match email {
        Some(email) => state.store.user_by_email(email.key()).await.map_err(|error| unavailable(&error))?,
        None => None,
    };
    let stored = user.as_ref().map(|user| user.password_hash.as_str());
    let matches = state.hasher.verify(password.reveal(), stored).await.map_err(hashing)?;
    if let Some(user) = &user
        && !matches
    {
        let (device, now) = (caller_device(), state.clock.now());
        state.sessions.activity.note(&user.id, None, Happened::SignInRefused, &device, now);
    }
    Ok(user.filter(|user| matches && user.disabled_at.is_none()))
}

/// Hashes the password anew if today's settings ask for more work than went into its hash. Beside
/// the answer: nobody waits for it.
fn renew_hash(state: &AppState, user: &UserRow, password: &Secret) {
    if !hasher::is_outdated(&user.password_hash) {
        return;
    }
    let (state, id, old, password) =
        (state.clone(), user.id.clone(), user.password_hash.clone(), Zeroizing::new(password.reveal().to_owned()));
    let renew = async move {
        let Some(new) = state.hasher.renew(&password).await else { return };
        match state.store.renew_password_hash(&id, &old, &new).await {
            Ok(renewed) => tracing::info!(event = "password_hash_renewed", user = %id, renewed),
            Err(error) => tracing::error!(event = "database_unavailable", %error),
        }
    };
    tokio::spawn(renew.in_current_span());
}

/// The device, if it has signed in to the account with this address before.
pub(crate) fn known_device(state: &AppState, email: &Email) -> Option<Device> {
    with_context(|parts: &Parts| {
        let token = cookies::value(&state.settings.http, &parts.headers, CookieName::Device)?;
        state.devices.verify(token, email.key())
    })
    .flatten()
}

/// From now on this browser has an allowance of its own.
pub(crate) fn remember_device(state: &AppState, email: &Email) {
    if let Some(token) = state.devices.issue(email.key()) {
        set_cookies([cookies::set_short(&state.settings.http, CookieName::Device, &token, DEVICE_SECONDS)]);
    }
}
