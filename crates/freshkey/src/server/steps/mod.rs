//! Flows of several calls: what they have in common. The first call begins a challenge and writes an email; the last
//! one comes with the email's code, from the browser that began it, or with its link. See
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
        challenges::{Challenges, CodeVerdict, Registrant, Standing},
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
        challenges::{ChallengeRow, NewChallenge, Whose},
        outbox::NewEmail,
        users::UserRow,
    },
};
use crate::app::{
    error::{ApiError, Code},
    types::{Happened, StepReason, StepStatus, StepView},
};
use http::{StatusCode, request::Parts};
use leptos::prelude::{expect_context, provide_context, use_context, with_context};
use leptos_axum::ResponseOptions;
use std::sync::Arc;
use uuid::Uuid;

/// How long a browser is known that has begun a flow, in seconds.
const PENDING_SECONDS: i64 = 24 * 60 * 60;

/// Flows of several calls, in this database.
pub(super) fn challenges(settings: &Settings, store: Store, secret: &RootSecret) -> Result<Challenges, KeyError> {
    let seal = secret.seal_key(Purpose::Challenges).map_err(|_| KeyError::Unusable)?;
    let secrets = MailedSecrets::new(secret.mac_key(Purpose::MailedSecrets));
    let browsers = BrowserKey::new(secret.mac_key(Purpose::Browser));
    let grace = settings.sessions.rotation.grace;
    Ok(Challenges::new(store, secrets, seal, browsers, settings.account.lifetimes, grace))
}

/// What people prove besides the password, in this database.
pub(super) fn factors(store: Store, secret: &RootSecret) -> Result<Factors, KeyError> {
    let seal = secret.seal_key(Purpose::Factors).map_err(|_| KeyError::Unusable)?;
    Ok(Factors::new(store, seal))
}

/// Makes what an email has in it that is written down nowhere.
pub(super) fn prepare(challenges: Arc<Challenges>, clock: Clock) -> Prepare {
    Arc::new(move |email| {
        let (challenges, now) = (Arc::clone(&challenges), clock.now());
        Box::pin(async move { challenges.prepare(&email, now).await })
    })
}

/// The sender of emails.
///
/// # Errors
/// [`Code::NotFound`]: this server sends none, and what needs one is not there.
pub(crate) fn mail(state: &AppState) -> Result<&Mail, ApiError> {
    if state.mail.is_on() { Ok(&state.mail) } else { Err(Code::NotFound.into()) }
}

/// A flow that begins.
pub(crate) struct Begin<'a> {
    pub(crate) kind: ChallengeKind,
    pub(crate) email_kind: EmailKind,
    /// The address as it was typed: what the page of the step shows. The email goes to the account's.
    pub(crate) to: &'a str,
    /// The address as it is compared.
    pub(crate) key: &'a str,
    /// The account that it is about.
    pub(crate) user: Option<&'a UserRow>,
    /// Whether no code is right.
    pub(crate) decoy: bool,
    /// Whether the email is never sent.
    pub(crate) silent: bool,
    /// Of somebody who is signed in: no other browser is bound to it.
    pub(crate) signed_in: bool,
    /// What an administrator does by it.
    pub(crate) by_admin: Option<ByAdmin>,
    /// What the last step needs.
    pub(crate) registrant: Option<Registrant>,
    /// What the activity says of it.
    pub(crate) event: Option<Happened>,
}

/// Begins a flow: 202, with the step that comes next. What is done is the same whether or not there is an account.
pub(crate) async fn begin(state: &AppState, begin: Begin<'_>) -> Result<StepView, ApiError> {
    mail(state)?;
    let (new, email) = challenge_of(state, &begin)?;
    let challenge = new.id;
    if !state.challenges.begin(new, Some(email)).await.map_err(|error| unavailable(&error))? {
        return Err(too_many_emails());
    }
    // As much where there is no account: the answer's speed tells nothing.
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

/// The same for a reset of a password that stops working with it, both or neither.
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

/// The device that the activity tells of. An administrator's is none of the user's.
fn device(begin: &Begin<'_>) -> Device {
    if begin.by_admin.is_some() { Device::default() } else { caller_device() }
}

/// It is begun: its email is sent, and the answer is the step that comes next.
fn begun(state: &AppState, challenge: Uuid) -> Result<StepView, ApiError> {
    mail(state)?.wake();
    Ok(next_step(state, &challenge.to_string()))
}

/// The challenge, and its first email.
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

/// 202: a code, from an email, comes next.
fn next_step(state: &AppState, challenge: &str) -> StepView {
    expect_context::<ResponseOptions>().set_status(StatusCode::ACCEPTED);
    let expires_in = state.challenges.lifetimes.code.unsigned_abs() / 1000;
    StepView::new(StepStatus::CheckMail, challenge.to_owned(), expires_in)
}

/// The browser that calls, if it has begun a flow before.
pub(crate) fn browser(state: &AppState) -> Option<Browser> {
    with_context(|parts: &Parts| {
        let tokens = cookies::every(&state.settings.http, &parts.headers, CookieName::Pending);
        state.challenges.browsers.find(tokens)
    })
    .flatten()
}

/// The browser that calls: from now on it is known.
pub(crate) fn enter(state: &AppState) -> Result<Browser, ApiError> {
    if let Some(entered) = use_context::<Entered>() {
        return Ok(entered.0);
    }
    let known = browser(state).or_else(|| state.challenges.browser([])).ok_or(Code::Internal)?;
    let token = state.challenges.browsers.token(known);
    set_cookies([cookies::set_lax(&state.settings.http, CookieName::Pending, &token, PENDING_SECONDS)]);
    provide_context(Entered(known));
    Ok(known)
}

/// The browser that this call has told its name to: a call that asks twice gets the same one.
#[derive(Clone, Copy)]
struct Entered(Browser);

/// The challenge that a code goes to: the one that is named, or else the browser's newest of this kind.
///
/// # Errors
/// [`Code::ChallengeOver`]; why, where it is this browser's.
pub(crate) async fn standing(
    state: &AppState,
    challenge: Option<&str>,
    kind: ChallengeKind,
    user: Option<&str>,
) -> Result<Standing, ApiError> {
    let browser = browser(state).map(Browser::digest);
    let whose = user.map(Whose::User).or(browser.as_deref().map(Whose::Browser));
    let challenge = challenge.filter(|id| !id.is_empty());
    let unavailable = |error| unavailable(&error);
    let row = state.challenges.find(challenge, whose, Some(kind)).await.map_err(unavailable)?;
    state.challenges.standing(row, whose, state.clock.now()).await.map_err(unavailable)
}

/// What was typed as a code.
///
/// # Errors
/// [`Code::Validation`].
pub(crate) fn typed(code: &str) -> Result<String, ApiError> {
    let sentence = if code.trim().is_empty() { "Enter the code from the email." } else { "The code has 8 digits." };
    typed_code(code).ok_or_else(|| ApiError::field("code", sentence))
}

/// Whether the code is the right one for an open challenge.
///
/// # Errors
/// [`Code::InvalidCode`]; [`Code::ChallengeOver`] after five wrong ones.
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

/// The step is over.
pub(crate) fn over(reason: Option<StepReason>) -> ApiError {
    let refused = ApiError::from(Code::ChallengeOver);
    match reason {
        Some(reason) => refused.saying(reason.text()),
        None => refused,
    }
}

/// A fault of ours in finishing a challenge.
pub(crate) fn broken(what: &'static str) -> ApiError {
    internal(&std::io::Error::other(what))
}
