//! Counts wrong passwords and wrong second steps.
//!
//! The threat: an attacker guesses from many addresses. The choice: an account has an allowance of failures, after
//! which the right answer is refused too. That alone would let anybody lock the owner out, so a device that has signed
//! in before has its own allowance.

use super::{
    auth::account_digest::AccountDigest,
    device::source,
    gcra::{Limiter, Verdict},
    known_device::known_device,
    limits::{Limits, LoginLimitKey, limited},
    state::AppState,
    store::users::UserRow,
};
use crate::app::error::ApiError;
use uuid::Uuid;

/// What is counted. The two counts are separate.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    /// Wrong passwords.
    Login,
    /// Wrong second steps.
    SecondFactor,
}

impl Count {
    fn limiter(self, limits: &Limits) -> Option<&Limiter<LoginLimitKey>> {
        match self {
            Self::Login => limits.login.as_ref(),
            Self::SecondFactor => limits.second_factor.as_ref(),
        }
    }
}

/// Returns where the failures of a login count: for the device if the account knows it, or else for the account.
pub(crate) fn attempts(state: &AppState, user: Option<&UserRow>, account: AccountDigest) -> LoginLimitKey {
    let device = user.and_then(|user| known_device(state, user));
    device.map_or(LoginLimitKey::Account(account), |device| LoginLimitKey::Device(device, account))
}

/// Returns where failures count when a signed-in user is asked for the password again. The caller has the session but
/// not yet the password: a thief of the session must not guess it. So failures count for the device, or else for the
/// session, and not for the account: guessing here locks nobody out elsewhere, and guessing elsewhere nobody here.
pub(crate) fn attempts_in_session(
    state: &AppState,
    user: &UserRow,
    session: Uuid,
    account: AccountDigest,
) -> LoginLimitKey {
    let device = known_device(state, user);
    device.map_or(LoginLimitKey::Session(session), |device| LoginLimitKey::Device(device, account))
}

/// Runs `verify`, which checks a password, unless too many were wrong recently. If it returns none, that is one more
/// failure.
///
/// Counts before it looks, so that simultaneous guesses can't exceed the allowance.
pub(crate) async fn limit_failures<T, E: From<ApiError>>(
    state: &AppState,
    count: Count,
    attempts: LoginLimitKey,
    account: AccountDigest,
    verify: impl Future<Output = Result<Option<T>, E>>,
) -> Result<Option<T>, E> {
    let Some(limiter) = count.limiter(&state.limits) else {
        return verify.await;
    };
    if let Verdict::Refused { retry_after } = limiter.count(&attempts, state.clock.monotonic()).await {
        tracing::warn!(event = "sign_in_limited", %account, ip = source());
        return Err(limited(limiter, retry_after).into());
    }
    let counted = Counted { state, count, attempts: Some(attempts) };
    let found = verify.await;
    match &found {
        Ok(Some(_)) => {
            counted.keep();
            limiter.reset(&attempts).await;
        }
        Ok(None) => counted.keep(),
        // The check failed, not the password.
        Err(_) => drop(counted),
    }
    found
}

/// A login that was counted. Dropping this takes the count back: if nobody waits for the verdict any more, there is
/// none, and the caller has learned nothing.
struct Counted<'a> {
    state: &'a AppState,
    count: Count,
    attempts: Option<LoginLimitKey>,
}

impl Counted<'_> {
    /// Keeps the count: there is a verdict.
    fn keep(mut self) {
        self.attempts = None;
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let (Some(attempts), Ok(runtime)) = (self.attempts, tokio::runtime::Handle::try_current()) else { return };
        let (state, count) = (self.state.clone(), self.count);
        runtime.spawn(async move {
            if let Some(limiter) = count.limiter(&state.limits) {
                limiter.give_back(&attempts).await;
            }
        });
    }
}

/// Resets the count of failed logins after a session of the user began.
pub(crate) async fn reset_failures(state: &AppState, user: &UserRow) {
    if let Some(limiter) = &state.limits.login {
        let account = state.account_digests.digest(&user.email_key);
        limiter.reset(&attempts(state, Some(user), account)).await;
    }
}
