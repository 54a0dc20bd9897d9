//! Step-up, which confirms the user's identity again: the bodies of the server functions in `app/api/step_up.rs`, and
//! the guard of the calls that are marked [`StepUp`](crate::app::api::protocol::StepUp). The rule is
//! [`auth::step_up`](super::auth::step_up).

use super::{
    attempts::{Count, attempts_in_session, limit_failures},
    auth::{
        refresh_token::RefreshToken,
        sessions::{SecondFactor, SignInMethod},
        step_up,
    },
    bearer::{Principal, bearer},
    caller::{caller, own_account},
    cookies::RefreshCookie,
    device::caller_device,
    refresh::{answer, in_time, presented, refresh_cookie, rotate},
    refusal::{hashing, refused, unavailable},
    state::AppState,
    steps::{answer::Answer, onward, passkey::PasskeyOwner, second_factor, too_many_emails},
    store::{
        activity::Event,
        challenges::Finished,
        factors::{self, SecondStepTaken},
        users::UserRow,
    },
};
use crate::app::{
    error::{ApiError, Code},
    types::{
        AuditEvent, Millis, PasskeyOptions, SecondStepWay, Seconds, Secret, StepUpMethod, StepUpView, TokenAnswer,
    },
};
use http::request::Parts;
use leptos::prelude::{expect_context, with_context};
use serde_json::Value;
use uuid::Uuid;

/// How often a password is verified again because the stored hash has changed meanwhile.
const ATTEMPTS: usize = 3;

/// Refuses a call of a session whose last full sign-in or step-up is too long ago.
///
/// # Errors
/// [`Code::StepUpRequired`]; [`Code::SessionEnded`]; the database failed.
pub async fn require(state: &AppState, session: Uuid) -> Result<(), ApiError> {
    let view = offer(state, session).await?;
    if view.required {
        return Err(ApiError { step_up: Some(Box::new(view)), ..Code::StepUpRequired.into() });
    }
    Ok(())
}

/// See [`crate::app::api::step_up::step_up_status`].
pub(crate) async fn status() -> Result<StepUpView, ApiError> {
    offer(&expect_context(), caller()?.session).await
}

/// Reads the session's row: an access token may be older than the last step-up, or younger than the last sign-in.
async fn offer(state: &AppState, session: Uuid) -> Result<StepUpView, ApiError> {
    let row = state.store.session(session).await.map_err(|error| unavailable(&error))?.ok_or(Code::SessionEnded)?;
    if let Some(reason) = row.chain.ended {
        return Err(ApiError::from(Code::SessionEnded).because(reason));
    }
    let ttl = state.settings.account.step_up;
    let user = state.store.user_by_id(&row.user.id).await.map_err(|error| unavailable(&error))?;
    let (methods, passkey_options) = methods(state, &user.ok_or(Code::SessionEnded)?).await?;
    Ok(StepUpView {
        required: !step_up::counts(row.stepped_up_at, state.clock.now(), ttl),
        authenticated_at: row.authentication.at,
        max_age: ttl.whole_seconds(),
        methods,
        passkey_options,
    })
}

/// Returns how the user can confirm their identity.
async fn methods(state: &AppState, user: &UserRow) -> Result<(Vec<StepUpMethod>, Option<PasskeyOptions>), ApiError> {
    let (second, passkey_options) = onward::second_steps(state, user, PasskeyOwner::SignedIn(user)).await?;
    let by_code = user.two_step().on && second.contains(&SecondStepWay::Code);
    // With two-step sign-in on, the password alone is not enough.
    let by_password = by_code || !user.two_step().on;
    let methods = [
        by_password.then_some(StepUpMethod::Password),
        by_code.then_some(StepUpMethod::Code),
        passkey_options.is_some().then_some(StepUpMethod::Passkey),
    ];
    Ok((methods.into_iter().flatten().collect(), passkey_options))
}

/// What the user confirms their identity with.
pub(crate) struct Proof<'a> {
    /// The password, or nothing.
    pub(crate) password: &'a Secret,
    /// The code that accompanies it.
    pub(crate) code: Option<&'a Secret>,
    /// A passkey's answer, which is enough by itself.
    pub(crate) credential: Option<Value>,
}

/// See [`crate::app::api::step_up::confirm_identity`].
pub(crate) async fn confirm(proof: Proof<'_>, sent_at: Option<Millis>) -> Result<TokenAnswer, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let token = cookie_of(&state, &caller)?;
    if token.is_some() {
        in_time(&state, sent_at)?;
    }
    let user = own_account(&state, &caller).await?;
    let offered = typed(&user, proof)?;
    let account = state.account_digests.digest(&user.email_key);
    // Counted like a password change, and together with it: there too the caller has the session, but not yet the
    // password.
    let attempts = attempts_in_session(&state, &user, caller.session, account);
    let mut refused = ApiError::from(Code::Internal);
    let verify = async {
        match verify(&state, &caller, &user, &offered).await? {
            Ok(()) => Ok(Some(())),
            Err(wrong) => {
                refused = wrong;
                Ok::<_, ApiError>(None)
            }
        }
    };
    let verified = limit_failures(&state, Count::Login, attempts, account, verify).await?.is_some();
    let (kind, device, now) = if verified {
        tracing::info!(event = "stepped_up", user = %user.id, session = %caller.session);
        (AuditEvent::SteppedUp, caller_device(), state.clock.now())
    } else {
        tracing::warn!(event = "step_up_refused", user = %user.id, session = %caller.session);
        (AuditEvent::StepUpRefused, caller_device(), state.clock.now())
    };
    state.sessions.activity.note(&user.id, Some(caller.session), kind, &device, now);
    if !verified {
        return Err(refused);
    }
    match token {
        Some(token) => rotate(&state, token).await,
        None => reissue_access(&state, &caller).await,
    }
}

/// A proof, as far as it could be read.
enum Offered<'a> {
    /// The password, and the second step if the user has one.
    Password(&'a Secret, Option<Answer>),
    /// A passkey.
    Passkey(Answer),
}

/// Reads the proof, as far as it can be judged before anything is looked up.
fn typed<'a>(user: &UserRow, proof: Proof<'a>) -> Result<Offered<'a>, ApiError> {
    if let Some(credential) = proof.credential {
        return Ok(Offered::Passkey(Answer::Passkey(credential)));
    }
    let password = if proof.password.reveal().is_empty() {
        Err(ApiError::field("password", "Enter your password."))
    } else {
        Ok(proof.password)
    };
    let code = if user.two_step().on { Answer::of(proof.code, None).map(Some) } else { Ok(None) };
    match (password, code) {
        (Ok(password), Ok(code)) => Ok(Offered::Password(password, code)),
        (Err(wrong), Ok(_)) | (Ok(_), Err(wrong)) => Err(wrong),
        (Err(mut wrong), Err(code)) => {
            wrong.fields.extend(code.fields);
            Err(wrong)
        }
    }
}

/// Returns the refresh token of the caller's session, if its cookie came along. A cookie of another session is ignored:
/// the user of that session has confirmed nothing.
fn cookie_of(state: &AppState, caller: &Principal) -> Result<Option<RefreshToken>, ApiError> {
    match refresh_cookie(state) {
        RefreshCookie::None | RefreshCookie::Several => Ok(None),
        cookie @ RefreshCookie::One(_) => {
            Ok(Some(presented(state, &cookie)?).filter(|token| token.session == caller.session))
        }
    }
}

/// Verifies the proof and records the step-up, or returns what is wrong with the proof.
async fn verify(
    state: &AppState,
    caller: &Principal,
    user: &UserRow,
    offered: &Offered<'_>,
) -> Result<Result<(), ApiError>, ApiError> {
    let mut user = user.clone();
    for _ in 0..ATTEMPTS {
        let (password, answer) = match offered {
            Offered::Password(password, answer) => (Some(*password), answer.as_ref()),
            Offered::Passkey(answer) => (None, Some(answer)),
        };
        if let Some(password) = password
            && !state.hasher.verify(password.reveal(), Some(&user.password_hash)).await.map_err(hashing)?
        {
            return Ok(Err(ApiError::field("password", "This is not your password.")));
        }
        let wrong = || ApiError::field("code", "This code is wrong, or was used already.");
        let proof = match answer {
            None => None,
            Some(answer) => match second_factor::prove(state, &user, answer, PasskeyOwner::SignedIn(&user)).await {
                Ok(Some(proof)) => Some(proof),
                Ok(None) => return Ok(Err(wrong())),
                Err(refused) if refused.code == Code::InvalidPasskey => return Ok(Err(refused)),
                Err(error) => return Err(error),
            },
        };
        let second = proof.as_ref().map(second_factor::second);
        let method = match (password, second) {
            (None, _) => SignInMethod::PASSKEY,
            (Some(_), Some(second)) => SignInMethod::PASSWORD.and(second),
            (Some(_), None) => SignInMethod::PASSWORD,
        };
        let second = match proof.zip(second) {
            None => None,
            Some((proof, second)) => Some(step(state, caller, &user, proof, second).await?),
        };
        let hash = password.map(|_| user.password_hash.as_str());
        let done = state.store.step_up(caller.session, method, hash, second, state.clock.now()).await;
        match done.map_err(|error| unavailable(&error))? {
            Finished::Done(_) => {
                state.mail.wake();
                return Ok(Ok(()));
            }
            Finished::Gone => return Ok(Err(wrong())),
            Finished::Full => return Err(too_many_emails()),
            // Meanwhile the password was changed or hashed anew, or the session ended.
            Finished::NotOpen => {}
        }
        offer(state, caller.session).await?;
        user = own_account(state, caller).await?;
    }
    Err(ApiError::from(Code::Overloaded).after(Seconds(1)))
}

/// Returns what to record about a second step that was right.
async fn step(
    state: &AppState,
    caller: &Principal,
    user: &UserRow,
    proof: factors::Proof,
    second: SecondFactor,
) -> Result<SecondStepTaken, ApiError> {
    let (session, now) = (Some(caller.session), state.clock.now());
    let (kind, notice) = second_factor::used_up(state, user, second, session, now).await?;
    let event = |kind| Event::new(&user.id, session, kind, &caller_device(), now);
    Ok(SecondStepTaken {
        user: user.id.clone(),
        proof,
        trust: None,
        events: kind.map(event).into_iter().collect(),
        notice,
    })
}

/// Returns a new access token of the same generation as the one in the request, and no cookie.
async fn reissue_access(state: &AppState, caller: &Principal) -> Result<TokenAnswer, ApiError> {
    let now = state.clock.now();
    let read = |parts: &Parts| state.sessions.access_tokens.read(&bearer(&parts.headers).ok()?, now);
    let claims = with_context(read).flatten().ok_or(Code::TokenNotFound)?;
    let granted = state.sessions.reissue_access(caller.session, claims.generation, now).await.map_err(refused)?;
    Ok(answer(state, granted))
}
