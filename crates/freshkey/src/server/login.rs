//! Signing in with a password.

use super::{
    attempts::{Count, attempts, limit_failures},
    auth::{
        account_digest::AccountDigest,
        email, hasher,
        sessions::{Device, IssuedTokens, SessionError, SignIn, SignInMethod},
        sign_in::SignInProgress,
    },
    body::{Format, format},
    device::{caller_device, source},
    known_device::remember_device,
    refresh::{answer, cookie_session},
    refusal::{hashing, refused, unavailable},
    sign_ins::Begun,
    state::AppState,
    steps::{self, onward::Onward},
    store::{StoreError, users::UserRow},
};
use crate::app::{
    error::{ApiError, Code},
    types::{AuditEvent, Millis, Secret, SignInAnswer, StepView},
};
use freshkey_core::{causes::with_causes, request_span::record_user};
use leptos::prelude::expect_context;
use std::sync::Arc;
use tracing::Instrument as _;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How often a password is verified again because the stored hash has changed meanwhile.
const ATTEMPTS: usize = 3;

/// See [`crate::app::api::account::login`].
pub(crate) async fn login(email: &str, password: &Secret, remember: Option<bool>) -> Result<SignInAnswer, ApiError> {
    let state: AppState = expect_context();
    require(email, password)?;
    let remember = remember.unwrap_or(format() == Format::Json);
    let under_way = state.sign_ins.enter(&state.settings.http, email, password, remember);
    // A text that is not an address has no account, or one from before the rule; looking it up takes just as long.
    let keys = email::keys(email);
    let user = find(&state, &keys).await?;
    let account = state.account_digests.digest(user.as_ref().map_or(keys[1].as_str(), |user| &user.email_key));
    let attempts = attempts(&state, user.as_ref(), account);
    let login = Login { state: &state, keys: &keys, account, password, remember, under_way: &under_way };
    match limit_failures(&state, Count::Login, attempts, account, login.sign_in(user)).await {
        Ok(Some((granted, user))) => {
            renew_hash(&state, &user, password);
            steps::tell_of_new_device(&state, &user, granted.session.id, state.clock.now()).await;
            remember_device(&state, &user);
            Ok(answer(&state, granted).into())
        }
        Ok(None) => {
            tracing::warn!(event = "sign_in_refused", %account, ip = source());
            Err(Code::InvalidCredentials.into())
        }
        Err(NoSession::Refused(error)) => Err(error),
        Err(NoSession::Step(view)) => Ok(steps::onward::accepted(*view)),
    }
}

/// Why a password that may be right begins no session.
pub(crate) enum NoSession {
    /// It was not checked, or could not be.
    Refused(ApiError),
    /// It is right, but another step comes before the session.
    Step(Box<StepView>),
}

impl From<ApiError> for NoSession {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

/// An attempt to begin a session with a password.
pub(crate) struct Login<'a> {
    pub(crate) state: &'a AppState,
    /// The keys that find the account.
    pub(crate) keys: &'a [String; 2],
    /// The account's digest.
    pub(crate) account: AccountDigest,
    pub(crate) password: &'a Secret,
    pub(crate) remember: bool,
    pub(crate) under_way: &'a Arc<Begun>,
}

impl Login<'_> {
    /// Verifies the password and begins a session; none if the password is wrong or the account disabled.
    pub(crate) async fn sign_in(
        &self,
        mut user: Option<UserRow>,
    ) -> Result<Option<(IssuedTokens, UserRow)>, NoSession> {
        for _ in 0..ATTEMPTS {
            let Some(verified) = verify(self.state, user, self.account, self.password).await? else { return Ok(None) };
            let so_far = SignInProgress { method: SignInMethod::PASSWORD, remember: self.remember };
            let (so_far, onward) = steps::onward::plan(self.state, &verified, so_far).await?;
            if let Onward::Step(step) = onward {
                if let Some(view) = steps::onward::follow(self.state, &verified, *step).await? {
                    return Err(NoSession::Step(Box::new(view)));
                }
                user = find(self.state, self.keys).await?;
                continue;
            }
            match self.begin(&verified, so_far.method).await {
                Ok(granted) => return Ok(Some((granted, verified))),
                // Meanwhile the password was changed or hashed anew, or the account disabled.
                Err(SessionError::Credentials) => user = find(self.state, self.keys).await?,
                Err(error) => return Err(refused(error).into()),
            }
        }
        Err(refused(SessionError::Contended).into())
    }

    /// Begins a session of a user whose password was verified. It replaces the browser's present session.
    pub(crate) async fn begin(&self, verified: &UserRow, method: SignInMethod) -> Result<IssuedTokens, SessionError> {
        let new = SignIn {
            id: Uuid::now_v7(),
            user: verified.clone().into(),
            method,
            password_hash: verified.password_hash.clone(),
            remember: self.remember,
            replaces: cookie_session(self.state),
        };
        begin_once(self.state, self.under_way, new).await
    }
}

/// Begins the session, or joins the one that an identical request has just begun.
async fn begin_once(state: &AppState, under_way: &Arc<Begun>, new: SignIn) -> Result<IssuedTokens, SessionError> {
    let (state, first, device, now) = (state.clone(), Arc::clone(under_way), caller_device(), state.clock.now());
    let begin = async move {
        let granted = first.get_or_try_init(|| begin(&state, new.clone(), &device, now)).await?;
        let (session, grace_period) = (&granted.session, state.settings.sessions.rotation.grace_period);
        let at = session.refreshed_at;
        let same = now - at < grace_period && session.user.id == new.user.id;
        if same && !state.sessions.is_over(session.id, at).await {
            return Ok(granted.clone());
        }
        begin(&state, SignIn { id: Uuid::now_v7(), ..new }, &device, now).await
    };
    // In a task of its own: the other request may wait for it even if this client does not.
    tokio::spawn(begin.in_current_span()).await.map_err(|_| StoreError::Panicked)?
}

async fn begin(state: &AppState, new: SignIn, device: &Device, now: Millis) -> Result<IssuedTokens, SessionError> {
    let method = new.method;
    let granted = state.sessions.begin(new, device, now).await?;
    let session = &granted.session;
    tracing::info!(event = "signed_in", user = %session.user.id);
    state.sessions.activity.note_sign_in(&session.user.id, session.id, method, device, now);
    Ok(granted)
}

/// Returns the account with one of these keys.
pub(crate) async fn find(state: &AppState, keys: &[String; 2]) -> Result<Option<UserRow>, ApiError> {
    state.store.user_by_email(keys).await.map_err(|error| unavailable(&error))
}

fn require(email: &str, password: &Secret) -> Result<(), ApiError> {
    let missing = [
        email.trim().is_empty().then_some(("email", "Enter your email address.".into())),
        password.reveal().is_empty().then_some(("password", "Enter your password.".into())),
    ];
    let wrong: Vec<_> = missing.into_iter().flatten().collect();
    if wrong.is_empty() { Ok(()) } else { Err(ApiError::fields(wrong)) }
}

/// Returns the user if the password is right and the account is not disabled. Otherwise it records the failure, whether
/// or not the account exists.
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
        Some(user) if matches && user.disabled_at.is_none() => record_user(&user.id),
        Some(user) if !matches => {
            state.sessions.activity.note(&user.id, None, AuditEvent::SignInRefused, &device, now);
        }
        _ => state.sessions.activity.note_nobody(&account.0, now),
    }
    Ok(user.filter(|user| matches && user.disabled_at.is_none()))
}

/// Hashes the password anew if the current settings ask for more work than its hash has. Runs beside the answer: nobody
/// waits for it.
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
