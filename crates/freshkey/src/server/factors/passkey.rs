//! Adds a passkey, for a user who is signed in or in the middle of a sign-in that asks for a second step.

use crate::{
    app::{
        error::{ApiError, Code},
        types::{Enrolled, Millis, PasskeyAnswer, PasskeyItem, PasskeyOptions, StepReason},
    },
    server::{
        auth::{
            browser_token::Browser,
            challenge::ChallengeKind,
            challenges::ChallengeStatus,
            email_kind::EmailKind,
            factor::FactorKind,
            passkey::{Bound, CredentialError, NewPasskey, provider},
            passkeys::PasskeyError,
            sessions::SecondFactor,
        },
        factors::{self, codes::Codes, named},
        refusal::unavailable,
        state::AppState,
        steps::{
            answer::digest_of,
            email_change::{count_change, uncount_change},
            enrol::{self, Ending, Enroller},
            enter, over,
            passkey::{present, refused, there},
            standing,
        },
        store::{
            challenges::{ChallengeRow, Finished},
            factors::{FactorChange, NewFactor, SessionsToEnd},
            users::UserRow,
        },
    },
};
use http::StatusCode;
use leptos::prelude::expect_context;
use leptos_axum::ResponseOptions;
use serde_json::Value;
use std::time::Duration;
use tokio::time::sleep;
use uuid::Uuid;

/// The name of a passkey that was given none and whose provider is not known.
const NAME: &str = "Passkey";
/// How often, and how far apart, a call checks whether an identical call was faster: that one is hashing recovery codes
/// meanwhile.
const LOOKS: u32 = 60;
const APART: Duration = Duration::from_millis(150);

/// See [`crate::app::api::factors::passkey_options`].
pub(crate) async fn creation_options() -> Result<PasskeyOptions, ApiError> {
    let (state, enroller): (AppState, _) = (expect_context(), Enroller::of_call()?);
    let passkeys = there(&state)?;
    let user = enroller.user(&state).await?;
    has_room(&state, &user).await?;
    let (browser, now) = (browser_of(&state, &enroller)?, state.clock.now());
    let options = passkeys.creation_options(&user, bound_of(&user, browser.as_deref()), now).await;
    options.map(PasskeyOptions).map_err(|error| refused(&state, error))
}

/// See [`crate::app::api::factors::add_passkey`].
pub(crate) async fn add(
    credential: Option<Value>,
    name: Option<&str>,
    end_others: bool,
) -> Result<PasskeyAnswer, ApiError> {
    let (state, enroller): (AppState, _) = (expect_context(), Enroller::of_call()?);
    let passkeys = there(&state)?;
    let user = enroller.user(&state).await?;
    let credential = present(credential)?;
    let answer = digest_of("passkey", &credential.to_string());
    if let Some(step) = enroller.step().filter(|step| step.finished_at.is_some()) {
        return again(&state, &user, step, &answer).await;
    }
    named(name, NAME)?;
    has_room(&state, &user).await?;
    let (browser, now) = (browser_of(&state, &enroller)?, state.clock.now());
    // Counted before the passkey's challenge is spent: otherwise the browser would keep a passkey that is refused here.
    count_change(&state, &user.id).await?;
    let made = passkeys.register(&credential, bound_of(&user, browser.as_deref()), now).await;
    let looks = if matches!(made, Err(PasskeyError::Refused { flaw: CredentialError::Used, .. })) { LOOKS } else { 1 };
    let prepared = match made.map_err(|error| refused(&state, error)) {
        Ok(made) => Box::pin(prepare(&state, &user, &enroller, made, name, &answer)).await,
        Err(refusal) => Err(refusal),
    };
    let Prepared { change, item, ending, codes } = match prepared {
        Ok(prepared) => prepared,
        Err(refusal) => {
            uncount_change(&state, &user.id).await;
            return Box::pin(quicker(&state, &user, &enroller, &answer, looks)).await?.ok_or(refusal);
        }
    };
    let change = FactorChange {
        ends: match enroller.session() {
            Some(session) if end_others => SessionsToEnd::OthersOf(session),
            _ => SessionsToEnd::Nobody,
        },
        ..change
    };
    // Boxed: the future of this call is large.
    match (Box::pin(factors::make(&state, change)).await?, ending) {
        (Finished::Done(_), None) => {
            expect_context::<ResponseOptions>().set_status(StatusCode::CREATED);
            Ok(PasskeyAnswer::Added(item))
        }
        (Finished::Done(_), Some(ending)) => {
            Box::pin(enrol::begin(&state, &user.id, ending, codes.told().unwrap_or_default())).await.map(session_of)
        }
        (Finished::NotOpen, _) => {
            let replaced = || over(enroller.step().map(|_| StepReason::Replaced));
            Box::pin(quicker(&state, &user, &enroller, &answer, 1)).await?.ok_or_else(replaced)
        }
        (Finished::Gone | Finished::Full, _) => Err(Code::TooMany.into()),
    }
}

/// A passkey that is about to be added.
struct Prepared {
    change: FactorChange,
    item: PasskeyItem,
    ending: Option<Ending>,
    codes: Codes,
}

/// Prepares the change that adds a passkey; it is already counted.
async fn prepare(
    state: &AppState,
    user: &UserRow,
    enroller: &Enroller,
    made: NewPasskey,
    name: Option<&str>,
    answer: &str,
) -> Result<Prepared, ApiError> {
    let name = named(name, provider(&made.aaguid).unwrap_or(NAME))?;
    let (id, now) = (Uuid::now_v7(), state.clock.now());
    let item = item(&made, id, &name, now);
    let ending = enroller.step();
    let ending = ending.map(|step| enrol::ending(state, step, SecondFactor::Passkey, answer.to_owned())).transpose()?;
    let codes = if ending.is_some() { Codes::if_none(state, user).await? } else { Codes::none() };
    let session = enroller.session().or(ending.as_ref().map(|ending| ending.session));
    let tells = Some((EmailKind::FactorAdded, Some(FactorKind::Passkey)));
    let change = FactorChange {
        add: Some(factor(made, id, &name)),
        two_step: ending.as_ref().map(|_| true),
        codes: codes.kept(),
        shows: codes.to_show(state, user, session),
        finishes: enroller.step().cloned().zip(ending.as_ref().map(|ending| ending.by.clone())).into_iter().collect(),
        ..factors::counted_change(state, user, session, tells)
    };
    Ok(Prepared { change, item, ending, codes })
}

/// Returns the answer to an identical call that came at the same time and was faster: it has spent the passkey's
/// challenge, and finishes the step some moments later.
async fn quicker(
    state: &AppState,
    user: &UserRow,
    enroller: &Enroller,
    answer: &str,
    looks: u32,
) -> Result<Option<PasskeyAnswer>, ApiError> {
    let Some(step) = enroller.step() else { return Ok(None) };
    for look in 1..=looks {
        match standing(state, Some(&step.id), ChallengeKind::Enrol, None).await? {
            ChallengeStatus::Repeat(step, _) if step.answer.as_deref() == Some(answer) => {
                return again(state, user, &step, answer).await.map(Some);
            }
            ChallengeStatus::Open(..) if look < looks => sleep(APART).await,
            _ => break,
        }
    }
    Ok(None)
}

/// Returns the answer of a finished step, for a browser that repeats the call.
async fn again(state: &AppState, user: &UserRow, step: &ChallengeRow, answer: &str) -> Result<PasskeyAnswer, ApiError> {
    let begun = step.session_id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
    let codes = Codes::shown(state, &user.id, begun.unwrap_or_default()).await?.unwrap_or_default();
    enrol::again(state, step, answer, codes).await.map(session_of)
}

fn session_of(enrolled: Enrolled) -> PasskeyAnswer {
    PasskeyAnswer::Session(Box::new(enrolled))
}

/// Returns the browser that a new passkey is bound to, for a user in the middle of a sign-in.
fn browser_of(state: &AppState, enroller: &Enroller) -> Result<Option<String>, ApiError> {
    enroller.step().map(|_| enter(state).map(Browser::digest)).transpose()
}

fn bound_of<'a>(user: &'a UserRow, browser: Option<&'a str>) -> Bound<'a> {
    match browser {
        Some(browser) => Bound::NewInStep { browser, user: &user.id },
        None => Bound::New { user: &user.id },
    }
}

async fn has_room(state: &AppState, user: &UserRow) -> Result<(), ApiError> {
    let has = state.store.passkeys_of(&user.id).await.map_err(|error| unavailable(&error))?.len();
    if has < FactorKind::Passkey.most() { Ok(()) } else { Err(Code::TooMany.into()) }
}

fn item(made: &NewPasskey, id: Uuid, name: &str, now: Millis) -> PasskeyItem {
    PasskeyItem {
        id: id.to_string(),
        credential_id: made.credential_id.clone(),
        name: name.to_owned(),
        created_at: now,
        last_used_at: None,
        synced: made.backup.done,
    }
}

fn factor(made: NewPasskey, id: Uuid, name: &str) -> NewFactor {
    NewFactor {
        algorithm: Some(made.public_key.algorithm()),
        public_key: Some(made.public_key.text()),
        credential_id: Some(made.credential_id),
        sign_count: Some(i64::from(made.sign_count)),
        backup_eligible: Some(made.backup.eligible),
        backed_up: Some(made.backup.done),
        transports: Some(made.transports.join(",")),
        aaguid: Some(made.aaguid),
        ..NewFactor::new(&id.to_string(), FactorKind::Passkey, name)
    }
}
