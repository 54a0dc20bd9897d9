//! Passkeys (`WebAuthn`) as a step: signing in with one, and other calls that ask for one. The rules are in
//! [`auth::passkeys`](super::super::auth::passkeys). A sign-in by another way would end as `login` does, in `onward`.

use super::{
    super::{
        auth::{
            browser_token::Browser,
            passkey::{Bound, ChallengeKey, CredentialError, RelyingParty},
            passkeys::{PasskeyError, PasskeyTimes, Passkeys},
            root_secret::{Purpose, RootSecret},
            sessions::SignInMethod,
            sign_in::SignInProgress,
        },
        body::{Format, format},
        device::caller_device,
        freshkey::Freshkey,
        refusal::{internal, unavailable},
        settings::Settings,
        state::AppState,
        store::{Store, users::UserRow},
    },
    browser, enter,
    onward::{self, Onward},
};
use crate::app::{
    error::{ApiError, Code},
    types::{AuditEvent, Millis, PasskeyOptions, SignInAnswer},
};
use leptos::prelude::expect_context;
use serde_json::Value;

/// Whose passkey the server asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PasskeyOwner<'a> {
    /// Any user's: the passkey says who signs in.
    Anybody,
    /// That of the user who is signing in with this browser.
    InStep(&'a UserRow),
    /// That of a signed-in user.
    SignedIn(&'a UserRow),
}

/// Opens the passkeys in this database; none if the origin's host is an IP address.
pub(crate) fn open(app: &Freshkey, settings: &Settings, store: &Store, secret: &RootSecret) -> Option<Passkeys> {
    let origin = settings.http.origin.clone();
    let party = RelyingParty { id: settings.rp_id.clone()?, name: app.brand().name.to_owned(), origin };
    // Without emails there is no link that could restore anything.
    let undo = if settings.mail.is_on() { settings.account.undo } else { Millis::ZERO };
    let times = PasskeyTimes { challenge: settings.account.lifetimes.code, undo };
    Some(Passkeys::new(store.clone(), party, ChallengeKey::new(secret.mac_key(Purpose::PasskeyChallenges)), times))
}

/// Returns the site that passkeys are for; none if the server has no passkeys.
pub(crate) fn rp_id(state: &AppState) -> Option<String> {
    state.passkeys.as_ref().map(|passkeys| passkeys.rp_id().to_owned())
}

/// See [`crate::app::api::factors::login_passkey_options`].
pub(crate) async fn login_options() -> Result<PasskeyOptions, ApiError> {
    let state: AppState = expect_context();
    let (passkeys, browser) = (there(&state)?, enter(&state)?.digest());
    let options = passkeys.sign_in_options(Bound::SignIn { browser: &browser }, state.clock.now());
    options.map(PasskeyOptions).map_err(|error| refused(&state, error))
}

/// See [`crate::app::api::factors::login_passkey`].
pub(crate) async fn login(credential: Option<Value>, remember: Option<bool>) -> Result<SignInAnswer, ApiError> {
    let state: AppState = expect_context();
    there(&state)?;
    if format() != Format::Json {
        return Err(Code::UnsupportedMediaType.into());
    }
    let user = verify(&state, &present(credential)?, PasskeyOwner::Anybody).await?;
    let so_far = SignInProgress { method: SignInMethod::PASSKEY, remember: remember.unwrap_or(true) };
    match onward::plan(&state, &user, so_far).await? {
        (_, Onward::Step(step)) => onward::begin(&state, step.0, step.1).await,
        (so_far, session) => onward::go(&state, &user, so_far, session).await,
    }
}

/// Returns the options to ask for a passkey of the user; none if the server has no passkeys, or the user has none.
pub(crate) async fn options_for(state: &AppState, owner: PasskeyOwner<'_>) -> Result<Option<PasskeyOptions>, ApiError> {
    let Some(passkeys) = &state.passkeys else { return Ok(None) };
    let now = state.clock.now();
    let options = match owner {
        PasskeyOwner::Anybody => Ok(None),
        PasskeyOwner::SignedIn(user) => passkeys.options_of(&user.id, Bound::User { user: &user.id }, now).await,
        PasskeyOwner::InStep(user) => {
            let browser = enter(state)?.digest();
            passkeys.options_of(&user.id, Bound::Step { browser: &browser, user: &user.id }, now).await
        }
    };
    options.map(|options| options.map(PasskeyOptions)).map_err(|error| refused(state, error))
}

/// Verifies a passkey and returns its user. This uses the challenge up.
///
/// # Errors
/// [`Code::InvalidPasskey`].
pub(crate) async fn verify(state: &AppState, credential: &Value, owner: PasskeyOwner<'_>) -> Result<UserRow, ApiError> {
    let passkeys = there(state)?;
    let (here, now) = (browser(state).map(Browser::digest), state.clock.now());
    let bound = match (owner, &here) {
        (PasskeyOwner::Anybody, Some(browser)) => Some((Bound::SignIn { browser }, None)),
        (PasskeyOwner::InStep(user), Some(browser)) => Some((Bound::Step { browser, user: &user.id }, Some(&user.id))),
        (PasskeyOwner::SignedIn(user), _) => Some((Bound::User { user: &user.id }, Some(&user.id))),
        (PasskeyOwner::Anybody | PasskeyOwner::InStep(_), None) => None,
    };
    let Some((bound, meant)) = bound else { return Err(refused(state, CredentialError::Challenge.into())) };
    let verified = passkeys.authenticate(credential, bound, meant.map(String::as_str), now).await;
    verified.map_err(|error| refused(state, error))
}

pub(crate) fn there(state: &AppState) -> Result<&Passkeys, ApiError> {
    state.passkeys.as_ref().ok_or_else(|| Code::NotFound.into())
}

pub(crate) fn present(credential: Option<Value>) -> Result<Value, ApiError> {
    credential.ok_or_else(|| ApiError::field("credential", "A passkey is missing."))
}

/// Refuses a passkey in the same way whatever is wrong with it. Only if no account has the passkey, the refusal says
/// so: the browser can then tell the password manager.
pub(crate) fn refused(state: &AppState, error: PasskeyError) -> ApiError {
    let (flaw, user) = match error {
        PasskeyError::Refused { flaw, user } => (flaw, user),
        PasskeyError::Store(error) => return unavailable(&error),
        error @ PasskeyError::Randomness => return internal(&error),
    };
    tracing::warn!(event = "passkey_refused", why = flaw.text(), user);
    if let Some(user) = user {
        let (device, now) = (caller_device(), state.clock.now());
        state.sessions.activity.note(&user, None, AuditEvent::PasskeyRefused, &device, now);
    }
    let refusal = ApiError::from(Code::InvalidPasskey);
    if flaw == CredentialError::Unknown { refusal.saying(flaw.text()) } else { refusal }
}
