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

/// Goes on with a sign-in by its second step: the `code` of an authenticator app or a recovery code, or a passkey's
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

/// What a passkey is asked for by, to sign in (`PublicKeyCredentialRequestOptionsJSON`). The same for everybody.
///
/// # Errors
/// `NotFound` where there are no passkeys.
#[server(prefix = "/api", endpoint = "login/passkey", protocol = Get<Public>)]
pub async fn login_passkey_options() -> Result<PasskeyOptions, ApiError> {
    crate::server::steps::passkey::login_options().await
}

/// Starts a session by a passkey (`AuthenticationResponseJSON`), which is both steps at once.
///
/// # Errors
/// `InvalidPasskey`; `NotFound` where there are no passkeys.
#[server(prefix = "/api", endpoint = "login/passkey", protocol = Post<SignIn>)]
pub async fn login_passkey(
    #[server(default)] credential: Option<PasskeyCredential>,
    #[server(default)] remember: Option<bool>,
) -> Result<SignInAnswer, ApiError> {
    crate::server::steps::passkey::login(credential.map(|credential| credential.0), remember).await
}

/// How well the account is protected, and by what.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "factors", protocol = Get<Bearer>)]
pub async fn factors() -> Result<FactorsView, ApiError> {
    crate::server::factors::show().await
}

/// Begins to add an authenticator app: 201. It counts from its first code on; another one takes its place.
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

/// The authenticator app that waits for its first code, where this session has begun to add it. None, 204, where nothing
/// waits. In the middle of a sign-in, [`step`](super::steps::step) has it.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "factors/totp", protocol = Get<Bearer>)]
pub async fn waiting_totp() -> Result<Option<TotpEnrolment>, ApiError> {
    crate::server::factors::totp::shown().await
}

/// Adds the authenticator app, by its first code, and turns two-step sign-in on. With `end_others`, every other session
/// ends. In the middle of a sign-in, begins the session.
///
/// # Errors
/// `InvalidCode`, with `clock_off_seconds` where the code is right for another time; `ChallengeOver`, `Validation`.
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

/// What a passkey is made by (`PublicKeyCredentialCreationOptionsJSON`).
///
/// # Errors
/// `TooMany`; `NotFound` where there are no passkeys.
#[server(prefix = "/api", endpoint = "factors/passkeys/options", protocol = Post<Enrol>)]
pub async fn passkey_creation_options(
    #[server(default)] challenge: Option<String>,
) -> Result<PasskeyOptions, ApiError> {
    drop(challenge); // the server has already used it to find the step
    crate::server::factors::passkey::creation_options().await
}

/// Adds a passkey (`RegistrationResponseJSON`): 201. With `end_others`, every other session ends. In the middle of a
/// sign-in, turns two-step sign-in on and begins the session.
///
/// # Errors
/// `InvalidPasskey`, `TooMany`, `Validation`; `NotFound` where there are no passkeys.
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

/// Turns two-step sign-in on or off. Off removes apps and recovery codes, and ends every other session.
///
/// # Errors
/// `Validation` where there is neither an app nor a passkey; `MfaRequired`.
#[server(prefix = "/api", endpoint = "factors/two-step", protocol = Post<StepUp>)]
pub async fn set_two_step(#[server(default)] on: Option<bool>) -> Result<TwoStepView, ApiError> {
    crate::server::factors::set_two_step(on).await
}

/// Makes ten recovery codes; the ones before them work no more.
///
/// # Errors
/// `Validation` while two-step sign-in is off.
#[server(prefix = "/api", endpoint = "factors/recovery-codes", protocol = Post<StepUp>)]
pub async fn make_recovery_codes() -> Result<RecoveryCodes, ApiError> {
    crate::server::factors::recovery::make().await
}

/// The recovery codes that this session has made a moment ago. None, 204, once it was said that they are saved.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "factors/recovery-codes", protocol = Get<Bearer>)]
pub async fn shown_recovery_codes() -> Result<Option<RecoveryCodes>, ApiError> {
    crate::server::factors::recovery::shown().await
}

/// The recovery codes are kept somewhere: they are not shown any more.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "factors/recovery-codes/saved", protocol = Post<Bearer>)]
pub async fn recovery_codes_saved() -> Result<(), ApiError> {
    crate::server::factors::recovery::saved().await
}

/// Gives a passkey or an app another name.
///
/// # Errors
/// `Validation`; `NotFound` for another's.
#[server(prefix = "/api", endpoint = "factors/rename", protocol = Post<Bearer>)]
pub async fn rename_factor(
    #[server(default)] id: String,
    #[server(default)] name: String,
) -> Result<FactorsView, ApiError> {
    crate::server::factors::rename(&id, &name).await
}

/// Removes a passkey or an app, and ends every other session. The last one turns two-step sign-in off.
///
/// # Errors
/// `MfaRequired`; `NotFound` for another's.
#[server(prefix = "/api", endpoint = "factors/remove", protocol = Post<StepUp>)]
pub async fn remove_factor(#[server(default)] id: String) -> Result<(), ApiError> {
    crate::server::factors::remove(&id).await
}

/// Asks every device for the second step again.
///
/// # Errors
/// Those of every protected call.
#[server(prefix = "/api", endpoint = "factors/forget-devices", protocol = Post<StepUp>)]
pub async fn forget_devices() -> Result<(), ApiError> {
    crate::server::factors::forget_devices().await
}
