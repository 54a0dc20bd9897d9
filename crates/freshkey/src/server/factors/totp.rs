//! Adds an authenticator app: it counts only after its first code.

use super::{begun, both, change, codes::Codes, named, present};
use crate::{
    app::{
        error::{ApiError, Code},
        types::{Millis, Seconds, Secret, StepReason, TotpAnswer, TotpEnrolment, TwoStepView},
    },
    server::{
        auth::{
            challenge::ChallengeKind, challenges::ChallengeStatus, email_kind::EmailKind, factor::FactorKind,
            sessions::SecondFactor, totp::Seed,
        },
        bearer::Principal,
        caller::{caller, own_account},
        refusal::{internal, unavailable},
        state::AppState,
        steps::{
            answer::digest_of,
            enrol::{self, Enroller},
            over,
        },
        store::{
            challenges::{ChallengeOwner, ChallengeRow, Finished, FinishedBy, NewChallenge},
            factors::{FactorChange, SessionsToEnd},
            users::UserRow,
        },
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leptos::prelude::expect_context;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of an app that was given none.
const NAME: &str = "Authenticator app";

/// An app that waits for its first code.
#[derive(Serialize, Deserialize)]
struct Waiting {
    seed: String,
    name: String,
    /// The session or the step in which it was begun; only that one may see the seed again.
    #[serde(default)]
    of: String,
}

/// See [`crate::app::api::factors::add_totp`].
pub(crate) async fn begin(name: Option<&str>) -> Result<TotpEnrolment, ApiError> {
    let (state, enroller): (AppState, _) = (expect_context(), Enroller::of_call()?);
    let user = enroller.user(&state).await?;
    let name = named(name, NAME)?;
    let factors = state.store.factors_of(&user.id).await.map_err(|error| unavailable(&error))?;
    if factors.iter().filter(|factor| factor.is_totp()).count() >= FactorKind::Totp.most() {
        return Err(Code::TooMany.into());
    }
    let seed = Seed::generate().map_err(|error| internal(&error))?;
    let (id, now, kind) = (Uuid::now_v7(), state.clock.now(), ChallengeKind::Totp);
    let waiting = Waiting { seed: URL_SAFE_NO_PAD.encode(seed.bytes()), name, of: enroller.id() };
    let life = state.challenges.lifetimes.of(kind);
    let new = NewChallenge {
        id,
        kind,
        browser: None,
        user: Some(user.id.clone()),
        email: user.email.clone(),
        email_key: user.email_key.clone(),
        decoy: false,
        data: Some(state.challenges.seal(id, &waiting).ok_or(Code::Internal)?),
        created_at: now,
        expires_at: now + life,
        event: None,
    };
    begun(&state, new).await?;
    enrolment(&state, &user, id.to_string(), &seed, life)
}

/// See [`crate::app::api::factors::waiting_totp`].
pub(crate) async fn shown() -> Result<Option<TotpEnrolment>, ApiError> {
    let (state, caller): (AppState, Principal) = (expect_context(), caller()?);
    let user = own_account(&state, &caller).await?;
    waiting(&state, &user, &caller.session.to_string()).await
}

/// Returns the app that waits for its first code, if it was begun in this session or step.
pub(crate) async fn waiting(state: &AppState, user: &UserRow, of: &str) -> Result<Option<TotpEnrolment>, ApiError> {
    let (whose, now) = (Some(ChallengeOwner::User(&user.id)), state.clock.now());
    let unavailable = |error| unavailable(&error);
    let row = state.challenges.find(None, whose, Some(ChallengeKind::Totp)).await.map_err(unavailable)?;
    let ChallengeStatus::Open(row, _) = state.challenges.standing(row, whose, now).await.map_err(unavailable)? else {
        return Ok(None);
    };
    let Some(waiting) = state.challenges.open(&row).filter(|waiting: &Waiting| waiting.of == of) else {
        return Ok(None);
    };
    let seed = URL_SAFE_NO_PAD.decode(&waiting.seed).ok().and_then(|seed| Seed::of(&seed));
    let left = row.created_at + state.challenges.lifetimes.of(ChallengeKind::Totp) - now;
    seed.map(|seed| enrolment(state, user, row.id, &seed, left)).transpose()
}

/// Returns what the user needs to add the app within `life`.
fn enrolment(
    state: &AppState,
    user: &UserRow,
    id: String,
    seed: &Seed,
    life: Millis,
) -> Result<TotpEnrolment, ApiError> {
    let uri = seed.uri(state.app.brand().name, &user.email);
    let picture = super::qr::svg(&uri).ok_or_else(|| internal(&std::io::Error::other("too long for a QR code")))?;
    Ok(TotpEnrolment {
        id,
        secret: seed.base32().into(),
        uri: uri.into(),
        qr_svg: picture.into(),
        expires_in: life.whole_seconds().max(Seconds::ZERO),
    })
}

/// See [`crate::app::api::factors::confirm_totp`].
pub(crate) async fn confirm(id: &str, code: &Secret, end_others: bool) -> Result<TotpAnswer, ApiError> {
    let (state, enroller): (AppState, _) = (expect_context(), Enroller::of_call()?);
    let user = enroller.user(&state).await?;
    let ((), code) = both(present(id), typed(code.reveal()))?;
    let answer = digest_of(id, &code);
    let row = match standing(&state, id, &user).await? {
        ChallengeStatus::Open(row, _) => row,
        ChallengeStatus::Repeat(row, _) => return again(&state, &enroller, &row, &answer).await,
        ChallengeStatus::Over(reason) => return Err(over(reason)),
    };
    if let Some(step) = enroller.step().filter(|step| step.finished_at.is_some()) {
        // Something else has ended the step.
        return enrol::again(&state, step, &answer, Vec::new()).await.map(session);
    }
    let (seed, name, step) = first_code(&state, &row, &code).await?;
    let codes = Codes::if_none(&state, &user).await?;
    let second = SecondFactor::Code;
    let ending = enroller.step().map(|step| enrol::ending(&state, step, second, answer.clone())).transpose()?;
    let session_id = enroller.session().or(ending.as_ref().map(|ending| ending.session));
    let now = state.clock.now();
    let mut finishes = vec![(row.clone(), FinishedBy { answer: Some(answer.clone()), now, ..FinishedBy::default() })];
    finishes.extend(enroller.step().cloned().zip(ending.as_ref().map(|ending| ending.by.clone())));
    let made = FactorChange {
        add: Some(state.factors.app(&row.id, &name, &seed, step).ok_or(Code::Internal)?),
        two_step: Some(true),
        codes: codes.kept(),
        shows: codes.to_show(&state, &user, session_id),
        ends: match enroller.session() {
            Some(session) if end_others => SessionsToEnd::OthersOf(session),
            _ => SessionsToEnd::Nobody,
        },
        finishes,
        ..change(&state, &user, session_id, Some((EmailKind::FactorAdded, Some(FactorKind::Totp)))).await?
    };
    match super::make(&state, made).await? {
        Finished::Done(_) => match ending {
            None => Ok(TotpAnswer::Added(TwoStepView { two_step: true, recovery_codes: codes.told() })),
            Some(ending) => {
                let codes = codes.told().unwrap_or_default();
                enrol::begin(&state, &user.id, ending, codes).await.map(session)
            }
        },
        // Two identical calls at the same time count as one.
        Finished::NotOpen => match standing(&state, id, &user).await? {
            ChallengeStatus::Repeat(row, _) => again(&state, &enroller, &row, &answer).await,
            // The step of the sign-in in which the app was begun is over.
            ChallengeStatus::Open(..) => Err(over(enroller.step().map(|_| StepReason::Replaced))),
            ChallengeStatus::Over(reason) => Err(over(reason)),
        },
        Finished::Gone | Finished::Full => Err(Code::TooMany.into()),
    }
}

fn session(enrolled: crate::app::types::Enrolled) -> TotpAnswer {
    TotpAnswer::Session(Box::new(enrolled))
}

/// Checks the first code; returns the app's seed and name, and the time step of the code.
async fn first_code(state: &AppState, row: &ChallengeRow, code: &str) -> Result<(Seed, String, i64), ApiError> {
    let broken = || internal(&std::io::Error::other("an app that waits can't be opened"));
    let waiting: Waiting = state.challenges.open(row).ok_or_else(broken)?;
    let seed = URL_SAFE_NO_PAD.decode(&waiting.seed).ok().and_then(|seed| Seed::of(&seed)).ok_or_else(broken)?;
    let now = state.clock.now();
    let step = seed.accepts(code, now, 0);
    let left = state.challenges.count_try(row, step.is_some()).await.map_err(|error| unavailable(&error))?;
    let left = left.ok_or_else(|| over(Some(StepReason::Attempts)))?;
    let step = step.ok_or_else(|| ApiError {
        attempts_left: u32::try_from(left).ok(),
        clock_off_seconds: seed.clock_off(code, now),
        ..Code::InvalidCode.into()
    })?;
    Ok((seed, waiting.name, step))
}

/// Returns the answer to the first call, if this one is identical.
async fn again(
    state: &AppState,
    enroller: &Enroller,
    row: &ChallengeRow,
    answer: &str,
) -> Result<TotpAnswer, ApiError> {
    if row.answer.as_deref() != Some(answer) {
        return Err(over(Some(StepReason::Used)));
    }
    let user = row.user_id.as_deref().unwrap_or_default();
    match enroller {
        Enroller::SignedIn(principal) => {
            let recovery_codes = Codes::shown(state, user, principal.session).await?;
            Ok(TotpAnswer::Added(TwoStepView { two_step: true, recovery_codes }))
        }
        Enroller::Pending(step) => {
            // The step may have changed meanwhile.
            let step = state.challenges.find(Some(&step.id), None, None).await.map_err(|error| unavailable(&error))?;
            let step = step.ok_or_else(|| over(None))?;
            let begun = step.session_id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
            let codes = Codes::shown(state, user, begun.unwrap_or_default()).await?.unwrap_or_default();
            enrol::again(state, &step, answer, codes).await.map(session)
        }
    }
}

/// Returns whether the app still waits for its first code.
async fn standing(state: &AppState, id: &str, user: &UserRow) -> Result<ChallengeStatus, ApiError> {
    let whose = Some(ChallengeOwner::User(&user.id));
    let unavailable = |error| unavailable(&error);
    let row = state.challenges.find(Some(id), None, Some(ChallengeKind::Totp)).await.map_err(unavailable)?;
    state.challenges.standing(row, whose, state.clock.now()).await.map_err(unavailable)
}

fn typed(code: &str) -> Result<String, ApiError> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let sentence =
        if digits.is_empty() { "Enter the code that your app shows." } else { "The code of an app has 6 digits." };
    let good = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    good.then_some(digits).ok_or_else(|| ApiError::field("code", sentence))
}
