//! What the flows of several calls have in common. The first call begins a challenge and writes an email. The last call
//! brings the email's code, from the browser that began it, or the token of its link. See
//! [`challenges`](super::auth::challenges).

pub(crate) mod answer;
pub(crate) mod email_change;
mod emails;
pub(crate) mod enrol;
pub(crate) mod keep;
pub(crate) mod link;
pub(crate) mod onward;
pub(crate) mod passkey;
pub(crate) mod prove;
pub(crate) mod register;
pub(crate) mod resend;
pub(crate) mod reset;
pub(crate) mod second_factor;
pub(crate) mod secure;
pub(crate) mod session;
pub(crate) mod sign_in;

pub(crate) use emails::{
    OfChallenge, by_admin, count_email, email, notice, tell_of_new_device, tell_of_replay, tell_of_second_step,
    too_many_emails, undoable,
};

use super::{
    auth::{
        browser_token::{Browser, BrowserKey},
        challenge::{ChallengeKind, Emailed},
        challenges::{ChallengeStatus, Challenges, CodeVerdict, Registrant},
        email,
        email_kind::{ByAdmin, EmailKind},
        factors::Factors,
        keyring::KeyError,
        mail::{Mail, Prepare},
        mailed_secret::{MailedSecrets, typed_code},
        root_secret::{Purpose, RootSecret},
        sessions::Device,
    },
    clock::Clock,
    cookies::{self, set_cookies},
    device::caller_device,
    refusal::{internal, unavailable},
    settings::{CookieName, Settings},
    state::AppState,
    store::{
        Store,
        account_changes::NewPassword,
        activity::Event,
        challenges::{ChallengeOwner, ChallengeRow, NewChallenge},
        outbox::NewEmail,
        users::UserRow,
    },
};
use crate::app::{
    error::{ApiError, Code},
    types::{AuditEvent, Millis, Seconds, StepReason, StepStatus, StepView},
};
use http::{StatusCode, request::Parts};
use leptos::prelude::{expect_context, provide_context, use_context, with_context};
use leptos_axum::ResponseOptions;
use std::sync::Arc;
use uuid::Uuid;

/// How long the server recognizes a browser that has begun a flow.
const PENDING: Seconds = Millis::from_days(1).whole_seconds();

/// Opens the challenges in this database.
pub(super) fn challenges(settings: &Settings, store: Store, secret: &RootSecret) -> Result<Challenges, KeyError> {
    let seal = secret.seal_key(Purpose::Challenges).map_err(KeyError::unusable)?;
    let secrets = MailedSecrets::new(secret.mac_key(Purpose::MailedSecrets));
    let browsers = BrowserKey::new(secret.mac_key(Purpose::Browser));
    let grace_period = settings.sessions.rotation.grace_period;
    Ok(Challenges::new(store, secrets, seal, browsers, settings.account.lifetimes, grace_period))
}

/// Opens the second factors in this database.
pub(super) fn factors(store: Store, secret: &RootSecret) -> Result<Factors, KeyError> {
    let seal = secret.seal_key(Purpose::Factors).map_err(KeyError::unusable)?;
    Ok(Factors::new(store, seal))
}

/// Returns the function that makes the parts of an email that are not stored, such as its code.
pub(super) fn prepare(challenges: Arc<Challenges>, clock: Clock) -> Prepare {
    Arc::new(move |email| {
        let (challenges, now) = (Arc::clone(&challenges), clock.now());
        Box::pin(async move { challenges.prepare(&email, now).await })
    })
}

/// Returns the sender of emails.
///
/// # Errors
/// [`Code::NotFound`]: this server sends no emails, so calls that need one do not exist.
pub(crate) fn mail(state: &AppState) -> Result<&Mail, ApiError> {
    if state.mail.is_on() { Ok(&state.mail) } else { Err(Code::NotFound.into()) }
}

/// A flow to begin.
pub(crate) struct Begin<'a> {
    pub(crate) kind: ChallengeKind,
    pub(crate) email_kind: EmailKind,
    /// The address as the user typed it, for the page of the step. The email goes to the account's address.
    pub(crate) to: &'a str,
    /// The address in the form that is compared.
    pub(crate) key: &'a str,
    /// The account that the flow is about.
    pub(crate) user: Option<&'a UserRow>,
    /// Whether no code is right.
    pub(crate) decoy: bool,
    /// Whether the email is never sent.
    pub(crate) silent: bool,
    /// Whether a signed-in user begins it: then it is bound to no browser.
    pub(crate) signed_in: bool,
    /// What an administrator does with it.
    pub(crate) by_admin: Option<ByAdmin>,
    /// The data of the last step.
    pub(crate) registrant: Option<Registrant>,
    /// The event for the activity.
    pub(crate) event: Option<AuditEvent>,
}

/// Begins a flow: 202, with the next step. It does the same work whether or not there is an account.
pub(crate) async fn begin(state: &AppState, begin: Begin<'_>) -> Result<StepView, ApiError> {
    mail(state)?;
    let (new, email) = challenge_of(state, &begin)?;
    let challenge = new.id;
    if !state.challenges.begin(new, Some(email)).await.map_err(|error| unavailable(&error))? {
        return Err(too_many_emails());
    }
    // The same work without an account, so that the answer's time reveals nothing.
    if let Some(event) = begin.event {
        let (account, now) = (state.account_digests.digest(begin.key), state.clock.now());
        tracing::info!(event = event.text(), user = begin.user.map(|user| user.id.as_str()), %account);
        match begin.user {
            Some(user) => state.sessions.activity.note(&user.id, None, event, &device(&begin), now),
            None => state.sessions.activity.note_nobody(&account.0, now),
        }
    }
    begun(state, challenge)
}

/// The same for a reset that also makes the present password stop working: both are written, or neither.
pub(crate) async fn begin_locking(
    state: &AppState,
    begin: Begin<'_>,
    locked: NewPassword,
) -> Result<StepView, ApiError> {
    let (new, email) = challenge_of(state, &begin)?;
    let event = begin.event.map(|event| Event::new(&locked.user, None, event, &device(&begin), locked.now));
    let (challenge, new) = (new.id, NewChallenge { event, ..new });
    if !state.sessions.begin_locking(new, email, locked).await.map_err(|error| unavailable(&error))? {
        return Err(too_many_emails());
    }
    begun(state, challenge)
}

/// Returns the device for the activity. An administrator's device is not the user's.
fn device(begin: &Begin<'_>) -> Device {
    if begin.by_admin.is_some() { Device::default() } else { caller_device() }
}

/// Sends the email of a flow that was begun, and answers with the next step.
fn begun(state: &AppState, challenge: Uuid) -> Result<StepView, ApiError> {
    mail(state)?.wake();
    Ok(next_step(state, &challenge.to_string()))
}

/// Returns the challenge and its first email.
fn challenge_of(state: &AppState, begin: &Begin<'_>) -> Result<(NewChallenge, NewEmail), ApiError> {
    let (id, now) = (Uuid::now_v7(), state.clock.now());
    let browser = if begin.signed_in { None } else { Some(enter(state)?.digest()) };
    let sealed = |registrant| state.challenges.seal(id, registrant).ok_or(Code::Internal);
    let to = begin.user.map_or(begin.to, |user| &user.email);
    let of = OfChallenge { id, kind: begin.kind, to, number: 1 };
    let email = NewEmail { decoy: begin.silent, ..email(state, begin.email_kind, begin.user, &of, now) };
    let email = match begin.by_admin {
        Some(what) => by_admin(email, what),
        None => email,
    };
    let new = NewChallenge {
        id,
        kind: begin.kind,
        browser,
        user: begin.user.map(|user| user.id.clone()),
        email: begin.to.to_owned(),
        email_key: begin.key.to_owned(),
        decoy: begin.decoy,
        data: begin.registrant.as_ref().map(sealed).transpose()?,
        created_at: now,
        expires_at: now + state.challenges.lifetimes.of(begin.kind),
        event: None,
    };
    Ok((new, email))
}

/// Answers 202: a code from an email comes next.
fn next_step(state: &AppState, challenge: &str) -> StepView {
    expect_context::<ResponseOptions>().set_status(StatusCode::ACCEPTED);
    let expires_in = state.challenges.lifetimes.code.whole_seconds();
    StepView::new(StepStatus::CheckMail, challenge.to_owned(), expires_in)
}

/// Returns the calling browser, if it has begun a flow before.
pub(crate) fn browser(state: &AppState) -> Option<Browser> {
    with_context(|parts: &Parts| {
        let tokens = cookies::every(&state.settings.http, &parts.headers, CookieName::Pending);
        state.challenges.browsers.find(tokens)
    })
    .flatten()
}

/// Returns the calling browser, and sets the cookie by which the server recognizes it from now on.
pub(crate) fn enter(state: &AppState) -> Result<Browser, ApiError> {
    if let Some(entered) = use_context::<Entered>() {
        return Ok(entered.0);
    }
    let known = browser(state).or_else(|| state.challenges.browser([])).ok_or(Code::Internal)?;
    let token = state.challenges.browsers.token(known);
    set_cookies([cookies::set_lax(&state.settings.http, CookieName::Pending, &token, PENDING)]);
    provide_context(Entered(known));
    Ok(known)
}

/// The browser that this call has already set the cookie for: asked again, the call gets the same one.
#[derive(Clone, Copy)]
struct Entered(Browser);

/// Returns the challenge that a code belongs to: the named one, or else the browser's newest of this kind.
///
/// # Errors
/// [`Code::ChallengeOver`], with the reason if the challenge belongs to this browser.
pub(crate) async fn standing(
    state: &AppState,
    challenge: Option<&str>,
    kind: ChallengeKind,
    user: Option<&str>,
) -> Result<ChallengeStatus, ApiError> {
    let browser = browser(state).map(Browser::digest);
    let whose = user.map(ChallengeOwner::User).or(browser.as_deref().map(ChallengeOwner::Browser));
    let challenge = challenge.filter(|id| !id.is_empty());
    let unavailable = |error| unavailable(&error);
    let row = state.challenges.find(challenge, whose, Some(kind)).await.map_err(unavailable)?;
    state.challenges.standing(row, whose, state.clock.now()).await.map_err(unavailable)
}

/// Reads a typed code.
///
/// # Errors
/// [`Code::Validation`].
pub(crate) fn typed(code: &str) -> Result<String, ApiError> {
    let sentence = if code.trim().is_empty() { "Enter the code from the email." } else { "The code has 8 digits." };
    typed_code(code).ok_or_else(|| ApiError::field("code", sentence))
}

/// Checks the code of an open challenge.
///
/// # Errors
/// [`Code::InvalidCode`]; [`Code::ChallengeOver`] after five wrong codes.
pub(crate) async fn check_code(
    state: &AppState,
    row: &ChallengeRow,
    emails: &[Emailed],
    code: &str,
) -> Result<(), ApiError> {
    let tried = state.challenges.try_code(row, emails, code, state.clock.now()).await;
    let verdict = tried.map_err(|error| unavailable(&error))?;
    if verdict != CodeVerdict::Right {
        tracing::warn!(event = "code_refused", kind = row.kind, challenge = row.id);
    }
    match verdict {
        CodeVerdict::Right => Ok(()),
        CodeVerdict::Expired(left) => Err(wrong_code(left).saying(StepReason::Expired.text())),
        CodeVerdict::Wrong(left) => Err(wrong_code(left)),
        CodeVerdict::TooMany => Err(over(Some(StepReason::Attempts))),
    }
}

fn wrong_code(left: i64) -> ApiError {
    ApiError { attempts_left: u32::try_from(left).ok(), ..Code::InvalidCode.into() }
}

/// Refuses a call because its step is over.
pub(crate) fn over(reason: Option<StepReason>) -> ApiError {
    let refused = ApiError::from(Code::ChallengeOver);
    match reason {
        Some(reason) => refused.saying(reason.text()),
        None => refused,
    }
}

/// Logs an internal error in finishing a challenge.
pub(crate) fn broken(what: &'static str) -> ApiError {
    internal(&std::io::Error::other(what))
}
