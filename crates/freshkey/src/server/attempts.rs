//! Passwords and second steps that were wrong: how many there may be, and whose.
//!
//! The threat: somebody guesses from many addresses. The choice: an account has an allowance of failures, after which
//! the right answer is refused too. That alone would let anybody lock the owner out; so a device that has signed in before
//! has its own allowance.

use super::{
    auth::account_digest::AccountDigest,
    device::source,
    gcra::{Limiter, Verdict},
    known_device::known_device,
    limits::{Attempts, Limits, limited},
    state::AppState,
    store::users::UserRow,
};
use crate::app::error::ApiError;
use uuid::Uuid;

/// What is counted that was wrong. The one count is apart from the other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    /// Passwords.
    Login,
    /// Second steps.
    SecondFactor,
}

impl Count {
    fn limiter(self, limits: &Limits) -> Option<&Limiter<Attempts>> {
        match self {
            Self::Login => limits.login.as_ref(),
            Self::SecondFactor => limits.second_factor.as_ref(),
        }
    }
}

/// Whose failures a login counts among: the device's, if the account knows it.
pub(crate) fn attempts(state: &AppState, user: Option<&UserRow>, account: AccountDigest) -> Attempts {
    let device = user.and_then(|user| known_device(state, user));
    device.map_or(Attempts::Account(account), |device| Attempts::Device(device, account))
}

/// Whose failures a password counts among that somebody who is signed in is asked for again. The session is at hand and the
/// password is not: whoever has stolen the one must not guess the other. So it counts for the device, or else for the
/// session, and not for the account: guessing here locks nobody out elsewhere, and guessing elsewhere nobody here.
pub(crate) fn attempts_in_session(state: &AppState, user: &UserRow, session: Uuid, account: AccountDigest) -> Attempts {
    let device = known_device(state, user);
    device.map_or(Attempts::Session(session), |device| Attempts::Device(device, account))
}

/// Has `look` look at a password, unless too many were wrong of late; none is one more.
///
/// Counted before it looks, so that guesses that come all at once are no more than the allowance.
pub(crate) async fn counted<T, E: From<ApiError>>(
    state: &AppState,
    count: Count,
    attempts: Attempts,
    account: AccountDigest,
    look: impl Future<Output = Result<Option<T>, E>>,
) -> Result<Option<T>, E> {
    let Some(limiter) = count.limiter(&state.limits) else {
        return look.await;
    };
    if let Verdict::Refused { retry_after_ms } = limiter.count(&attempts, state.clock.monotonic()).await {
        tracing::warn!(event = "sign_in_limited", %account, ip = source());
        return Err(limited(limiter, retry_after_ms).into());
    }
    let counted = Counted { state, count, attempts: Some(attempts) };
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
    count: Count,
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
        let (state, count) = (self.state.clone(), self.count);
        runtime.spawn(async move {
            if let Some(limiter) = count.limiter(&state.limits) {
                limiter.give_back(&attempts).await;
            }
        });
    }
}

/// A session of the user began: failed logins before it count no more.
pub(crate) async fn forgive(state: &AppState, user: &UserRow) {
    if let Some(limiter) = &state.limits.login {
        let account = state.account_digests.digest(&user.email_key);
        limiter.reset(&attempts(state, Some(user), account)).await;
    }
}
