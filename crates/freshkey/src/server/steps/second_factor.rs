//! The second step of a sign-in: an app's code, a recovery code, or a passkey.
//!
//! The threat: an attacker who knows the password guesses codes. The choice: five guesses per challenge, and beside
//! them a count for the account, separate from that of failed logins; a device that signed in before has its own count.
//! After three wrong guesses the owner is told that somebody knows the password.

use super::{
    super::{
        attempts::{Count, attempts, limit_failures},
        auth::{
            challenge::ChallengeKind,
            challenges::ChallengeStatus,
            device_trust::Trust,
            email_kind::EmailKind,
            factors::{FactorError, TypedCode},
            sessions::{FirstFactor, SecondFactor},
            sign_in::SignInProgress,
        },
        device::caller_device,
        known_device::{keep_trust, known_device},
        refusal::{hashing, unavailable},
        state::AppState,
        store::{
            activity::Event,
            challenges::{ChallengeRow, Finished, FinishedBy},
            factors::{Proof, RESTS_AFTER, SecondStepTaken},
            outbox::NewEmail,
            users::UserRow,
        },
    },
    answer::Answer,
    enter, notice, onward, over,
    passkey::{self, PasskeyOwner},
    standing, tell_of_second_step, too_many_emails, undoable,
};
use crate::app::{
    error::{ApiError, Code},
    types::{AuditEvent, Millis, SignInAnswer, StepReason},
};
use leptos::prelude::expect_context;
use std::time::Duration;
use tokio::time::sleep;
use uuid::Uuid;

/// How many wrong answers in a row it takes to tell the owner.
const TOLD_AFTER: i64 = 3;
/// How often, and how far apart, a call checks whether an identical call was faster.
const LOOKS: u32 = 10;
const APART: Duration = Duration::from_millis(50);

/// See [`crate::app::api::factors::second_factor`].
pub(crate) async fn confirm(challenge: Option<&str>, answer: Answer, trust: bool) -> Result<SignInAnswer, ApiError> {
    let state: AppState = expect_context();
    let row = match standing(&state, challenge, ChallengeKind::SecondFactor, None).await? {
        ChallengeStatus::Open(row, _) => row,
        ChallengeStatus::Repeat(row, _) => return repeated(&state, &row, &answer, trust).await,
        ChallengeStatus::Over(reason) => return Err(over(reason)),
    };
    let so_far = onward::so_far(&state, &row)?;
    let user = state.store.user_by_id(row.user_id.as_deref().unwrap_or_default()).await;
    let user = user.map_err(|error| unavailable(&error))?.filter(|user| user.disabled_at.is_none());
    let user = user.ok_or_else(|| over(Some(StepReason::Replaced)))?;
    let account = state.account_digests.digest(&user.email_key);
    let step = Taking { row: &row, user: &user, answer: &answer, so_far, trust };
    let mut refused = ApiError::from(Code::InvalidCode);
    let verify = async {
        match take(&state, &step).await? {
            Ok(answer) => Ok(Some(answer)),
            Err(wrong) => {
                refused = wrong;
                Ok::<_, ApiError>(None)
            }
        }
    };
    let attempts = attempts(&state, Some(&user), account);
    if let Some(answer) = limit_failures(&state, Count::SecondFactor, attempts, account, verify).await? {
        return Ok(answer);
    }
    wrong(&state, &user, so_far.method.first).await?;
    Err(refused)
}

/// An attempt at the second step.
struct Taking<'a> {
    row: &'a ChallengeRow,
    user: &'a UserRow,
    answer: &'a Answer,
    so_far: SignInProgress,
    trust: bool,
}

/// Checks the answer and goes on, or returns what is wrong with it. A wrong answer counts for the step; one that could
/// not be judged does not.
async fn take(state: &AppState, step: &Taking<'_>) -> Result<Result<SignInAnswer, ApiError>, ApiError> {
    let (proof, wrong) = match prove(state, step.user, step.answer, PasskeyOwner::InStep(step.user)).await {
        Ok(proof) => (proof, Code::InvalidCode.into()),
        Err(wrong) if wrong.code == Code::InvalidPasskey => (None, wrong),
        Err(error) => return Err(error),
    };
    // Counted at once, right or wrong: simultaneous guesses can't overtake the count.
    let left = state.challenges.count_try(step.row, proof.is_some()).await.map_err(|error| unavailable(&error))?;
    if let (Some(_), Some(proof)) = (left, proof)
        && let Some(answer) = finish(state, step, proof).await?
    {
        return Ok(Ok(answer));
    }
    match (quicker(state, step).await?, left) {
        (Some(answer), _) => Ok(Ok(answer)),
        (None, Some(left)) => Ok(Err(ApiError { attempts_left: u32::try_from(left).ok(), ..wrong })),
        // The answer was judged all the same, so it counts for the account.
        (None, None) => Ok(Err(over(Some(StepReason::Attempts)))),
    }
}

/// Returns the answer to an identical call that came at the same time and was faster: it has used up this call's proof.
async fn quicker(state: &AppState, step: &Taking<'_>) -> Result<Option<SignInAnswer>, ApiError> {
    // A passkey's challenge is spent some moments before the step is finished.
    let looks = if matches!(step.answer, Answer::Passkey(_)) { LOOKS } else { 1 };
    for look in 1..=looks {
        match standing(state, Some(&step.row.id), ChallengeKind::SecondFactor, None).await? {
            ChallengeStatus::Repeat(row, _) if row.answer.as_deref() == Some(&step.answer.digest(&row.id)) => {
                return repeated(state, &row, step.answer, step.trust).await.map(Some);
            }
            ChallengeStatus::Open(..) if look < looks => sleep(APART).await,
            _ => break,
        }
    }
    Ok(None)
}

/// Returns the proof that the answer is right; none if it is wrong.
pub(crate) async fn prove(
    state: &AppState,
    user: &UserRow,
    answer: &Answer,
    owner: PasskeyOwner<'_>,
) -> Result<Option<Proof>, ApiError> {
    let code = match answer {
        Answer::Passkey(credential) => {
            return passkey::verify(state, credential, owner).await.map(|_| Some(Proof::Passkey));
        }
        Answer::Code(code) => code,
    };
    // After too many wrong codes, app codes are refused: otherwise guessing would never end. A recovery code and a
    // passkey can't be guessed.
    let rests = user.second_step_failures >= RESTS_AFTER && known_device(state, user).is_none();
    let can_be_guessed = match code {
        TypedCode::App(_) => true,
        TypedCode::Recovery(_) => false,
    };
    if rests && can_be_guessed {
        return Ok(None);
    }
    match state.factors.prove(&state.hasher, &user.id, code, state.clock.now()).await {
        Ok(proof) => Ok(proof),
        Err(FactorError::Store(error)) => Err(unavailable(&error)),
        Err(FactorError::Hash(error)) => Err(hashing(error)),
    }
}

/// Finishes the step and goes on; none if the code was used meanwhile.
async fn finish(state: &AppState, step: &Taking<'_>, proof: Proof) -> Result<Option<SignInAnswer>, ApiError> {
    let Taking { row, user, answer, so_far, trust: ticked } = *step;
    let second = second(&proof);
    let method = so_far.method.and(second);
    let (so_far, onward) = onward::plan(state, user, SignInProgress { method, ..so_far }).await?;
    let (browser, now, session) = (enter(state)?, state.clock.now(), onward.session());
    let chosen = trust_chosen(state, row, ticked);
    let trust = chosen.map(|(trust, life)| (trust.digest(), now + life));
    let (used, notice) = used_up(state, user, second, session, now).await?;
    let trusted = trust.is_some().then_some(AuditEvent::DeviceTrusted);
    let event = |kind| Event::new(&user.id, session, kind, &caller_device(), now);
    let events: Vec<Event> = [used, trusted].into_iter().flatten().map(event).collect();
    let by = FinishedBy {
        browser: Some(browser.digest()),
        session,
        answer: Some(answer.digest(&row.id)),
        data: state.challenges.seal(row.uuid(), &so_far),
        next: onward.challenge(),
        now,
    };
    let step = SecondStepTaken { user: user.id.clone(), proof, trust, events, notice };
    let finished = state.store.finish_second_factor(row, by, step).await;
    match finished.map_err(|error| unavailable(&error))? {
        Finished::Done(_) => {
            state.mail.wake();
            if let Some((trust, _)) = chosen {
                keep_trust(state, &user.id, trust);
            }
            onward::go(state, user, so_far, onward).await.map(Some)
        }
        // Two identical calls at the same time count as one.
        Finished::NotOpen => match standing(state, Some(&row.id), ChallengeKind::SecondFactor, None).await? {
            ChallengeStatus::Repeat(row, _) => repeated(state, &row, answer, ticked).await.map(Some),
            ChallengeStatus::Open(..) => Err(over(None)),
            ChallengeStatus::Over(reason) => Err(over(reason)),
        },
        Finished::Gone => Ok(None),
        Finished::Full => Err(too_many_emails()),
    }
}

/// Returns the answer to the first of two calls, if this one is identical.
async fn repeated(
    state: &AppState,
    row: &ChallengeRow,
    answer: &Answer,
    trust: bool,
) -> Result<SignInAnswer, ApiError> {
    if row.answer.as_deref() != Some(&answer.digest(&row.id)) {
        return Err(over(Some(StepReason::Used)));
    }
    if let Some((trust, _)) = trust_chosen(state, row, trust) {
        keep_trust(state, row.user_id.as_deref().unwrap_or_default(), trust);
    }
    onward::again(state, row).await
}

/// Returns the token that makes this browser trusted from this step on, and for how long, if the box was ticked.
fn trust_chosen(state: &AppState, row: &ChallengeRow, ticked: bool) -> Option<(Trust, Millis)> {
    let life = state.settings.account.trust_device.filter(|_| ticked)?;
    Some((state.trust.of_step(row.user_id.as_deref()?, &row.id), life))
}

/// Returns the kind of the second factor.
pub(crate) fn second(proof: &Proof) -> SecondFactor {
    match proof {
        Proof::App { .. } => SecondFactor::Code,
        Proof::RecoveryCode { .. } => SecondFactor::RecoveryCode,
        Proof::Passkey => SecondFactor::Passkey,
    }
}

/// Returns the event and the email about a used recovery code.
pub(crate) async fn used_up(
    state: &AppState,
    user: &UserRow,
    second: SecondFactor,
    session: Option<Uuid>,
    now: Millis,
) -> Result<(Option<AuditEvent>, Option<NewEmail>), ApiError> {
    if second != SecondFactor::RecoveryCode {
        return Ok((None, None));
    }
    let left = state.store.recovery_codes_left(&user.id).await.map_err(|error| unavailable(&error))?.left;
    let mut email = notice(state, EmailKind::RecoveryCodeUsed, Some(user), &user.email, now);
    email.facts.left = Some(left.saturating_sub(1));
    let email = state.mail.is_on().then(|| undoable(state, email, session, None));
    Ok((Some(AuditEvent::RecoveryCodeUsed), email))
}

/// Records a wrong answer, and tells the owner after several: that somebody knows the password, if that was the first
/// step.
async fn wrong(state: &AppState, user: &UserRow, first: FirstFactor) -> Result<(), ApiError> {
    tracing::warn!(event = "second_factor_refused", user = %user.id);
    let (device, now) = (caller_device(), state.clock.now());
    state.sessions.activity.note(&user.id, None, AuditEvent::SecondFactorRefused, &device, now);
    if known_device(state, user).is_some() {
        return Ok(());
    }
    let failures = state.store.count_wrong_second_step(&user.id).await.map_err(|error| unavailable(&error))?;
    if first == FirstFactor::Password && failures % TOLD_AFTER == 0 {
        tell_of_second_step(state, user, now).await;
    }
    Ok(())
}
