//! Signing in with a password, and the limit on failing to.
//!
//! The threat: somebody guesses an account's password from many addresses. The choice: an account
//! has an allowance of failures, after which the right password is refused too. That alone would
//! let anybody lock the owner out; so a device that has signed in before has its own allowance.

use super::{
    account::{answer, cookie_session, format, hashing, refused, set_cookies, unavailable},
    auth::{
        account_digest::AccountDigest,
        challenges::Keeping,
        device_token::{DeviceId, KnownTo},
        email, hasher,
        sessions::{Granted, Refused, SignIn, SignInMethod},
    },
    body::Format,
    cookies,
    gcra::Verdict,
    guard::rate_limit::limited,
    pages::caller_device,
    settings::CookieName,
    sign_ins::UnderWay,
    state::AppState,
    steps,
    store::users::UserRow,
};
use crate::app::{
    error::{ApiError, Code},
    types::{Happened, Secret, SignInAnswer},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use freshkey_core::causes::with_causes;
use http::request::Parts;
use leptos::prelude::{expect_context, with_context};
use std::fmt;
use tracing::Instrument as _;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How long a device is known, in seconds: what browsers keep a cookie for at the most.
const DEVICE_SECONDS: i64 = 400 * 24 * 60 * 60;
/// How often a password is verified again because the stored hash was another one by then.
const ATTEMPTS: usize = 3;

/// Whose failures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attempts {
    /// Those of everybody, for this account, which may not even exist.
    Account(AccountDigest),
    /// Those of a device that has signed in to the account before.
    Device(DeviceId, AccountDigest),
    /// Those of a session that is asked for the password, on a device that is not known.
    Session(Uuid),
}

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(f, "account:{account}"),
            Self::Device(device, account) => write!(f, "device:{}:{account}", URL_SAFE_NO_PAD.encode(device)),
            Self::Session(session) => write!(f, "session:{}", session.simple()),
        }
    }
}

/// See [`crate::app::api::account::login`].
pub(crate) async fn login(email: &str, password: &Secret, remember: Option<bool>) -> Result<SignInAnswer, ApiError> {
    let state: AppState = expect_context();
    require(email, password)?;
    let remember = remember.unwrap_or(format() == Format::Json);
    let under_way = UnderWay::enter(&state, email, password, remember);
    // What is no address has no account, or one from before; looking for it takes as long.
    let keys = email::keys(email);
    let user = find(&state, &keys).await?;
    let account = state.account_digests.digest(user.as_ref().map_or(keys[1].as_str(), |user| &user.email_key));
    let attempts = attempts(&state, user.as_ref(), account);
    let login = Login { state: &state, keys: &keys, account, password, remember, under_way: &under_way };
    match counted(&state, attempts, account, login.sign_in(user)).await {
        Ok(Some((granted, user))) => {
            renew_hash(&state, &user, password);
            steps::tell_of_new_device(&state, &user, state.clock.now());
            remember_device(&state, &user);
            Ok(answer(&state, granted).into())
        }
        Ok(None) => {
            tracing::warn!(event = "sign_in_refused", %account, ip = source());
            Err(Code::InvalidCredentials.into())
        }
        Err(NoSession::Refused(error)) => Err(error),
        Err(NoSession::Deleted(user)) => {
            steps::keep::begin(&state, &user, Keeping { remember, by_code: false }).await.map(SignInAnswer::Step)
        }
    }
}

/// Why a password that may be right begins no session.
pub(crate) enum NoSession {
    /// It was not looked at, or could not be.
    Refused(ApiError),
    /// It is right, and the account is going to be deleted.
    Deleted(Box<UserRow>),
}

impl From<ApiError> for NoSession {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

/// A password that is to begin a session.
pub(crate) struct Login<'a> {
    pub(crate) state: &'a AppState,
    /// What the account is found by.
    pub(crate) keys: &'a [String; 2],
    /// Its digest.
    pub(crate) account: AccountDigest,
    pub(crate) password: &'a Secret,
    pub(crate) remember: bool,
    pub(crate) under_way: &'a UnderWay,
}

impl Login<'_> {
    /// Verifies the password and begins a session; none if it is wrong, or the account disabled.
    pub(crate) async fn sign_in(&self, mut user: Option<UserRow>) -> Result<Option<(Granted, UserRow)>, NoSession> {
        for _ in 0..ATTEMPTS {
            let Some(verified) = verify(self.state, user, self.account, self.password).await? else { return Ok(None) };
            if verified.delete_at.is_some() {
                return Err(NoSession::Deleted(Box::new(verified)));
            }
            match self.begin(&verified).await {
                Ok(granted) => return Ok(Some((granted, verified))),
                // In the meantime the password was changed, or hashed anew, or the account disabled.
                Err(Refused::Credentials) => user = find(self.state, self.keys).await?,
                Err(error) => return Err(refused(error).into()),
            }
        }
        Err(refused(Refused::Contended).into())
    }

    /// Begins a session of a user whose password was verified, in the place of the browser's present one.
    pub(crate) async fn begin(&self, verified: &UserRow) -> Result<Granted, Refused> {
        let new = SignIn {
            id: Uuid::now_v7(),
            user: verified.clone().into(),
            method: SignInMethod::Password,
            password_hash: verified.password_hash.clone(),
            remember: self.remember,
            replaces: cookie_session(self.state),
        };
        self.under_way.begin(self.state, new).await
    }
}

/// Where the call comes from, for the log.
fn source() -> String {
    caller_device().ip.unwrap_or_default()
}

/// The account with one of these keys.
pub(crate) async fn find(state: &AppState, keys: &[String; 2]) -> Result<Option<UserRow>, ApiError> {
    state.store.user_by_email(keys).await.map_err(|error| unavailable(&error))
}

/// Whose failures a login counts among: the device's, if the account knows it.
pub(crate) fn attempts(state: &AppState, user: Option<&UserRow>, account: AccountDigest) -> Attempts {
    let device = user.and_then(|user| known_device(state, user));
    device.map_or(Attempts::Account(account), |device| Attempts::Device(device, account))
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
///
/// Counted before it looks, so that guesses that come all at once are no more than the allowance.
pub(crate) async fn counted<T, E: From<ApiError>>(
    state: &AppState,
    attempts: Attempts,
    account: AccountDigest,
    look: impl Future<Output = Result<Option<T>, E>>,
) -> Result<Option<T>, E> {
    let Some(limiter) = &state.limits.login else {
        return look.await;
    };
    if let Verdict::Refused { retry_after_ms } = limiter.count(&attempts, state.clock.monotonic()).await {
        tracing::warn!(event = "sign_in_limited", %account, ip = source());
        return Err(limited(limiter, retry_after_ms).into());
    }
    let counted = Counted { state, attempts: Some(attempts) };
    let found = look.await;
    match &found {
        Ok(Some(_)) => {
            counted.keep();
            limiter.reset(&attempts).await;
        }
        Ok(None) => counted.keep(),
        // It was no failure of whoever tried.
        Err(_) => drop(counted),
    }
    found
}

/// A login that was counted, and is given back when this is dropped: when nobody waits for the verdict
/// any more, there is none, and so nothing was learned from it.
struct Counted<'a> {
    state: &'a AppState,
    attempts: Option<Attempts>,
}

impl Counted<'_> {
    /// There is a verdict.
    fn keep(mut self) {
        self.attempts = None;
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let (Some(attempts), Ok(runtime)) = (self.attempts, tokio::runtime::Handle::try_current()) else { return };
        let state = self.state.clone();
        runtime.spawn(async move {
            if let Some(limiter) = &state.limits.login {
                limiter.give_back(&attempts).await;
            }
        });
    }
}

/// The user, if the password is the right one and the account is not disabled. Where it is not, a
/// record of it is made, whether or not there is somebody to read it.
async fn verify(
    state: &AppState,
    user: Option<UserRow>,
    account: AccountDigest,
    password: &Secret,
) -> Result<Option<UserRow>, ApiError> {
    let stored = user.as_ref().map(|user| user.password_hash.as_str());
    let matches = state.hasher.verify(password.reveal(), stored).await.map_err(hashing)?;
    let (device, now) = (caller_device(), state.clock.now());
    match &user {
        Some(user) if matches && user.disabled_at.is_none() => {}
        Some(user) if !matches => {
            state.sessions.activity.note(&user.id, None, Happened::SignInRefused, &device, now);
        }
        _ => state.sessions.activity.note_nobody(&account.0, now),
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
            Err(error) => tracing::error!(event = "database_unavailable", error = %with_causes(&error)),
        }
    };
    tokio::spawn(renew.in_current_span());
}

/// The device, if it has signed in to the account before.
pub(crate) fn known_device(state: &AppState, user: &UserRow) -> Option<DeviceId> {
    with_context(|parts: &Parts| {
        let tokens = cookies::every(&state.settings.http, &parts.headers, CookieName::Device);
        state.devices.verify(tokens, known_to(user))
    })
    .flatten()
}

/// From now on this browser has an allowance of its own.
pub(crate) fn remember_device(state: &AppState, user: &UserRow) {
    let http = &state.settings.http;
    let issue = |parts: &Parts| {
        let tokens = cookies::every(http, &parts.headers, CookieName::Device);
        state.devices.issue(tokens, &caller_device(), known_to(user))
    };
    if let Some(token) = with_context(issue) {
        set_cookies([cookies::set_short(http, CookieName::Device, &token, DEVICE_SECONDS)]);
    }
}

fn known_to(user: &UserRow) -> KnownTo<'_> {
    KnownTo { user: &user.id, password_changed_at: user.password_changed_at }
}
