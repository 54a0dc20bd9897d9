//! Confirming that it is you: the bodies of the server functions in `app/api/step_up.rs`, and what stands in front of the
//! calls that are marked [`StepUp`](crate::app::api::protocol::StepUp). The rule is
//! [`auth::step_up`](super::auth::step_up).

use super::{
    account::{answer, hashing, refresh_cookie, refused, unavailable},
    auth::{account_digest::AccountDigest, refresh_token::RefreshToken, step_up},
    bearer::bearer,
    call::{Principal, caller},
    cookies::RefreshCookie,
    login::{Attempts, counted, known_device},
    pages::caller_device,
    profile::own,
    refresh::{in_time, presented, rotate},
    state::AppState,
    store::users::UserRow,
};
use crate::app::{
    error::{ApiError, Code},
    types::{Happened, Secret, StepUpMethod, StepUpView, TokenAnswer},
};
use http::request::Parts;
use leptos::prelude::{expect_context, with_context};
use uuid::Uuid;

/// How often a password is verified again because the stored hash was another one by then.
const ATTEMPTS: usize = 3;

/// Refuses a call of a session whose last full sign-in or step-up is too long ago.
///
/// # Errors
/// [`Code::StepUpRequired`]; [`Code::SessionEnded`]; the database.
pub async fn require(state: &AppState, session: Uuid) -> Result<(), ApiError> {
    let view = look(state, session).await?;
    if view.required {
        return Err(ApiError { step_up: Some(Box::new(view)), ..Code::StepUpRequired.into() });
    }
    Ok(())
}

/// See [`crate::app::api::step_up::step_up_status`].
pub(crate) async fn status() -> Result<StepUpView, ApiError> {
    look(&expect_context(), caller()?.session).await
}

/// What the session's row says: an access token may be older than its last step-up, or younger than its last sign-in.
async fn look(state: &AppState, session: Uuid) -> Result<StepUpView, ApiError> {
    let row = state.store.session(session).await.map_err(|error| unavailable(&error))?.ok_or(Code::SessionEnded)?;
    if let Some(reason) = row.chain.ended {
        return Err(ApiError::from(Code::SessionEnded).because(reason));
    }
    let ttl = state.settings.account.step_up;
    Ok(StepUpView {
        required: !step_up::counts(row.stepped_up_at, state.clock.now(), ttl),
        authenticated_at: row.authentication.at,
        max_age: ttl.unsigned_abs() / 1000,
        methods: vec![StepUpMethod::Password],
    })
}

/// See [`crate::app::api::step_up::confirm_identity`].
pub(crate) async fn confirm(password: &Secret, sent_at: Option<u64>) -> Result<TokenAnswer, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let token = cookie_of(&state, &caller)?;
    if token.is_some() {
        in_time(&state, sent_at)?;
    }
    if password.reveal().is_empty() {
        return Err(ApiError::field("password", "Enter your password."));
    }
    let user = own(&state, &caller).await?;
    let account = state.account_digests.digest(&user.email_key);
    // Counted as a change of the password is, and together with it: there too the session is at hand, and the
    // password is not.
    let attempts = attempts_in_session(&state, &user, caller.session, account);
    let verified = counted(&state, attempts, account, verify(&state, &caller, &user, password)).await?.is_some();
    let (happened, device, now) = if verified {
        tracing::info!(event = "stepped_up", user = %user.id, session = %caller.session);
        (Happened::SteppedUp, caller_device(), state.clock.now())
    } else {
        tracing::warn!(event = "step_up_refused", user = %user.id, session = %caller.session);
        (Happened::StepUpRefused, caller_device(), state.clock.now())
    };
    state.sessions.activity.note(&user.id, Some(caller.session), happened, &device, now);
    if !verified {
        return Err(ApiError::field("password", "This is not your password."));
    }
    match token {
        Some(token) => rotate(&state, token).await,
        None => access_again(&state, &caller).await,
    }
}

/// Whose failures a password counts among that somebody who is signed in is asked for again. The session is at hand and the
/// password is not: whoever has stolen the one must not guess the other. So it counts for the device, or else for the
/// session, and not for the account: guessing here locks nobody out elsewhere, and guessing elsewhere nobody here.
pub(crate) fn attempts_in_session(state: &AppState, user: &UserRow, session: Uuid, account: AccountDigest) -> Attempts {
    let device = known_device(state, user);
    device.map_or(Attempts::Session(session), |device| Attempts::Device(device, account))
}

/// The refresh token of the caller's session, if its cookie came along. One of another session counts as none: it is not
/// that one whose person has confirmed anything.
fn cookie_of(state: &AppState, caller: &Principal) -> Result<Option<RefreshToken>, ApiError> {
    match refresh_cookie(state) {
        RefreshCookie::None | RefreshCookie::Several => Ok(None),
        cookie @ RefreshCookie::One(_) => {
            Ok(Some(presented(state, &cookie)?).filter(|token| token.session == caller.session))
        }
    }
}

/// Verifies the password and writes down that it was right; none if it is wrong.
async fn verify(
    state: &AppState,
    caller: &Principal,
    user: &UserRow,
    password: &Secret,
) -> Result<Option<()>, ApiError> {
    let mut user = user.clone();
    for _ in 0..ATTEMPTS {
        if !state.hasher.verify(password.reveal(), Some(&user.password_hash)).await.map_err(hashing)? {
            return Ok(None);
        }
        let done = state.sessions.step_up(caller.session, &user.password_hash, state.clock.now()).await;
        if done.map_err(|error| unavailable(&error))? {
            return Ok(Some(()));
        }
        // In the meantime the password was changed, or its hash made anew, or the session ended.
        look(state, caller.session).await?;
        user = own(state, caller).await?;
    }
    Err(ApiError::from(Code::Overloaded).after(1))
}

/// A new access token and nothing else, of the generation of the one that came along.
async fn access_again(state: &AppState, caller: &Principal) -> Result<TokenAnswer, ApiError> {
    let now = state.clock.now();
    let read = |parts: &Parts| state.sessions.access_tokens.read(&bearer(&parts.headers).ok()?, now);
    let claims = with_context(read).flatten().ok_or(Code::TokenNotFound)?;
    let granted = state.sessions.access_again(caller.session, claims.generation, now).await.map_err(refused)?;
    Ok(answer(state, granted))
}
