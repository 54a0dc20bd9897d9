//! Factors besides the password: authenticator apps, recovery codes, passkeys; and the second step of a sign-in.

use super::protocol::{Bearer, Enrol, Get, Post, Public, SignIn, StepUp};
use crate::app::{
    error::ApiError,
    types::{
        FactorsView, PasskeyAnswer, PasskeyCredential, PasskeyOptions, RecoveryCodes, Secret, SignInAnswer, TotpAnswer,
        TotpEnrolment, TwoStepView,
    },
};
use leptos::prelude::*;

/// Continues a sign-in with its second step: the `code` of an authenticator app or a recovery code, or a passkey's
/// `credential` (`AuthenticationResponseJSON`). With `trust`, this device is not asked again for some time.
///
/// # Errors
/// [`Code::InvalidCode`](crate::app::error::Code), `InvalidPasskey`, `ChallengeOver`, `Validation`, `RateLimited`.
#[server(prefix = "/api", endpoint = "login/second-factor", protocol = Post<SignIn>)]
pub async fn second_factor(
    #[server(default)] challenge: Option<String>,
    #[server(default)] code: Option<Secret>,
    #[server(default)] credential: Option<PasskeyCredential>,
    #[server(default)] trust: Option<bool>,
) -> Result<SignInAnswer, ApiError> {
    let answer = crate::server::steps::answer::Answer::of(code.as_ref(), credential.map(|credential| credential.0))?;
    crate::server::steps::second_factor::confirm(challenge.as_deref(), answer, trust.unwrap_or_default()).await
}

/// Returns the options for signing in with a passkey (`PublicKeyCredentialRequestOptionsJSON`). They are the same for
/// everybody.
///
/// # Errors
/// `NotFound` if the server has no passkeys.
#[server(prefix = "/api", endpoint = "login/passkey", protocol = Get<Public>)]
pub async fn login_passkey_options() -> Result<PasskeyOptions, ApiError> {
    crate::server::steps::passkey::login_options().await
}

/// Starts a session with a passkey (`AuthenticationResponseJSON`), which is both steps at once.
///
/// # Errors
/// `InvalidPasskey`; `NotFound` if the server has no passkeys.
#[server(prefix = "/api", endpoint = "login/passkey", protocol = Post<SignIn>)]
pub async fn login_passkey(
    #[server(default)] credential: Option<PasskeyCredential>,
    #[server(default)] remember: Option<bool>,
) -> Result<SignInAnswer, ApiError> {
    crate::server::steps::passkey::login(credential.map(|credential| credential.0), remember).await
}

/// Returns the factors that protect the account.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "factors", protocol = Get<Bearer>)]
pub async fn factors() -> Result<FactorsView, ApiError> {
    crate::server::factors::show().await
}

/// Begins to add an authenticator app: 201. The app counts once its first code is confirmed; beginning another replaces
/// it.
///
/// # Errors
/// `TooMany`, `Validation`.
#[server(prefix = "/api", endpoint = "factors/totp", protocol = Post<Enrol>)]
pub async fn add_totp(
    #[server(default)] name: Option<String>,
    #[server(default)] challenge: Option<String>,
) -> Result<TotpEnrolment, ApiError> {
    drop(challenge); // the server has already used it to find the step
    crate::server::factors::totp::begin(name.as_deref()).await
}

/// Returns the authenticator app that waits for its first code, if this session began to add it. None, 204, if nothing
/// waits. During a sign-in, [`step`](super::steps::step) returns it.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "factors/totp", protocol = Get<Bearer>)]
pub async fn waiting_totp() -> Result<Option<TotpEnrolment>, ApiError> {
    crate::server::factors::totp::shown().await
}

/// Confirms the authenticator app with its first code, and turns two-step sign-in on. With `end_others`, every other
/// session ends. During a sign-in, begins the session.
///
/// # Errors
/// `InvalidCode`, with `clock_off_seconds` if the code is right for another time; `ChallengeOver`, `Validation`.
#[server(prefix = "/api", endpoint = "factors/totp/confirm", protocol = Post<Enrol>)]
pub async fn confirm_totp(
    #[server(default)] id: String,
    #[server(default)] code: Secret,
    #[server(default)] end_others: Option<bool>,
    #[server(default)] challenge: Option<String>,
) -> Result<TotpAnswer, ApiError> {
    drop(challenge); // the server has already used it to find the step
    crate::server::factors::totp::confirm(&id, &code, end_others.unwrap_or_default()).await
}

/// Returns the options for creating a passkey (`PublicKeyCredentialCreationOptionsJSON`).
///
/// # Errors
/// `TooMany`; `NotFound` if the server has no passkeys.
#[server(prefix = "/api", endpoint = "factors/passkeys/options", protocol = Post<Enrol>)]
pub async fn passkey_creation_options(
    #[server(default)] challenge: Option<String>,
) -> Result<PasskeyOptions, ApiError> {
    drop(challenge); // the server has already used it to find the step
    crate::server::factors::passkey::creation_options().await
}

/// Adds a passkey (`RegistrationResponseJSON`): 201. With `end_others`, every other session ends. During a sign-in,
/// turns two-step sign-in on and begins the session.
///
/// # Errors
/// `InvalidPasskey`, `TooMany`, `Validation`; `NotFound` if the server has no passkeys.
#[server(prefix = "/api", endpoint = "factors/passkeys", protocol = Post<Enrol>)]
pub async fn add_passkey(
    #[server(default)] credential: Option<PasskeyCredential>,
    #[server(default)] name: Option<String>,
    #[server(default)] end_others: Option<bool>,
    #[server(default)] challenge: Option<String>,
) -> Result<PasskeyAnswer, ApiError> {
    drop(challenge); // the server has already used it to find the step
    crate::server::factors::passkey::add(
        credential.map(|credential| credential.0),
        name.as_deref(),
        end_others.unwrap_or_default(),
    )
    .await
}

/// Turns two-step sign-in on or off. Turning it off removes apps and recovery codes, and ends every other session.
///
/// # Errors
/// `Validation` if the account has neither an app nor a passkey; `MfaRequired`.
#[server(prefix = "/api", endpoint = "factors/two-step", protocol = Post<StepUp>)]
pub async fn set_two_step(#[server(default)] on: Option<bool>) -> Result<TwoStepView, ApiError> {
    crate::server::factors::set_two_step(on).await
}

/// Makes ten recovery codes; earlier ones stop working.
///
/// # Errors
/// `Validation` while two-step sign-in is off.
#[server(prefix = "/api", endpoint = "factors/recovery-codes", protocol = Post<StepUp>)]
pub async fn make_recovery_codes() -> Result<RecoveryCodes, ApiError> {
    crate::server::factors::recovery::make().await
}

/// Returns the recovery codes that this session has just made. None, 204, once the user has confirmed that they are
/// saved.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "factors/recovery-codes", protocol = Get<Bearer>)]
pub async fn shown_recovery_codes() -> Result<Option<RecoveryCodes>, ApiError> {
    crate::server::factors::recovery::shown().await
}

/// Records that the user has saved the recovery codes: they are no longer shown.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "factors/recovery-codes/saved", protocol = Post<Bearer>)]
pub async fn recovery_codes_saved() -> Result<(), ApiError> {
    crate::server::factors::recovery::saved().await
}

/// Renames a passkey or an app.
///
/// # Errors
/// `Validation`; `NotFound` for another user's.
#[server(prefix = "/api", endpoint = "factors/rename", protocol = Post<Bearer>)]
pub async fn rename_factor(
    #[server(default)] id: String,
    #[server(default)] name: String,
) -> Result<FactorsView, ApiError> {
    crate::server::factors::rename(&id, &name).await
}

/// Removes a passkey or an app, and ends every other session. Removing the last one turns two-step sign-in off.
///
/// # Errors
/// `MfaRequired`; `NotFound` for another user's.
#[server(prefix = "/api", endpoint = "factors/remove", protocol = Post<StepUp>)]
pub async fn remove_factor(#[server(default)] id: String) -> Result<(), ApiError> {
    crate::server::factors::remove(&id).await
}

/// Forgets all trusted devices: each is asked for the second step again.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "factors/forget-devices", protocol = Post<StepUp>)]
pub async fn forget_devices() -> Result<(), ApiError> {
    crate::server::factors::forget_devices().await
}
