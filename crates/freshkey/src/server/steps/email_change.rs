//! Changes the user's address. Nothing changes before a code proves the new address. The old address gets an email with
//! a link that undoes the change, and stays reserved as long as the link works.

use super::{
    super::{
        auth::{
            challenge::ChallengeKind,
            email::{Email, keys},
            email_kind::EmailKind,
            undo::Undo,
        },
        bearer::Principal,
        caller::{caller, own_account},
        device::caller_device,
        limits::LimitedAction,
        refusal::{refused, unavailable},
        state::AppState,
        store::{
            activity::Event,
            challenges::{Address, ChallengeRow, EmailChange, Finished, FinishedBy, NewChallenge},
            outbox::NewEmail,
            users::UserRow,
        },
    },
    OfChallenge, count_email, email, next_step, notice, too_many_emails, undoable,
};
use crate::app::{
    error::{ApiError, Code},
    types::{AuditEvent, EmailAnswer, Millis, UserView},
};
use leptos::prelude::expect_context;
use std::time::Duration;
use uuid::Uuid;

/// Changes of an account that send an email.
const CHANGES: LimitedAction = LimitedAction::new("change", 20, Duration::from_hours(24));

/// Counts a change of the account, if an email tells the user about it.
///
/// # Errors
/// 429.
pub(crate) async fn count_change(state: &AppState, user: &str) -> Result<(), ApiError> {
    if state.mail.is_on() { CHANGES.count(user).await } else { Ok(()) }
}

/// Takes back the count of a change that is not made.
pub(crate) async fn uncount_change(state: &AppState, user: &str) {
    if state.mail.is_on() {
        CHANGES.give_back(user).await;
    }
}

/// See [`crate::app::api::profile::change_email`].
pub(crate) async fn ask(text: &str) -> Result<EmailAnswer, ApiError> {
    let (state, caller): (AppState, _) = (expect_context(), caller()?);
    let wanted = Email::parse(text).map_err(|sentence| ApiError::field("email", sentence))?;
    let user = own_account(&state, &caller).await?;
    let keys = keys(text);
    if keys.contains(&user.email_key) {
        return Err(ApiError::field("email", "This is your address already."));
    }
    if !state.mail.is_on() {
        return at_once(&state, &caller, user, &wanted).await.map(EmailAnswer::User);
    }
    let (id, now, kind) = (Uuid::now_v7(), state.clock.now(), ChallengeKind::Email);
    let other = state.store.user_by_email(&keys).await.map_err(|error| unavailable(&error))?;
    // Counted for the account that has the address, not for the caller's: otherwise the caller's own device would count
    // as known, and anybody with an account could have any number of emails sent to that address.
    count_email(&state, wanted.key(), other.as_ref()).await?;
    let reserved = state.store.is_reserved(wanted.key(), &user.id, now).await.map_err(|error| unavailable(&error))?;
    let (email_kind, to, reader) = match &other {
        // The owner is told, at the address in their account.
        Some(other) => (EmailKind::EmailWanted, other.email.as_str(), other),
        None => (EmailKind::EmailConfirm, wanted.as_typed(), &user),
    };
    let of = OfChallenge { id, kind, to, number: 1 };
    let silent = other.is_none() && reserved;
    let email = NewEmail { decoy: silent, ..email(&state, email_kind, Some(reader), &of, now) };
    let new = NewChallenge {
        id,
        kind,
        browser: None,
        user: Some(user.id),
        email: wanted.as_typed().to_owned(),
        email_key: wanted.key().to_owned(),
        decoy: other.is_some() || reserved,
        data: None,
        created_at: now,
        expires_at: now + state.challenges.lifetimes.of(kind),
        event: None,
    };
    if !state.challenges.begin(new, Some(email)).await.map_err(|error| unavailable(&error))? {
        return Err(too_many_emails());
    }
    state.mail.wake();
    Ok(EmailAnswer::Step(next_step(&state, &id.to_string())))
}

/// Changes the address without proof, because there is no mail.
async fn at_once(state: &AppState, caller: &Principal, user: UserRow, wanted: &Email) -> Result<UserView, ApiError> {
    let now = state.clock.now();
    let new = Address { email: wanted.as_typed().to_owned(), key: wanted.key().to_owned(), verified_at: None };
    let change = change(caller, &user, new, Vec::new(), now);
    let finished = state.sessions.change_email(None, change).await;
    match finished.map_err(|error| unavailable(&error))? {
        Finished::Done(_) => {}
        Finished::Full => return Err(too_many_emails()),
        Finished::NotOpen | Finished::Gone => return Err(Code::EmailTaken.into()),
    }
    let user = own_account(state, caller).await?;
    state.sessions.with_own_claims(user.into()).await.map_err(refused)
}

/// Changes the address to the one of a challenge whose code was right.
pub(super) async fn finish(state: &AppState, caller: &Principal, row: &ChallengeRow) -> Result<Finished, ApiError> {
    count_change(state, &caller.user.id).await?;
    let (user, now) = (own_account(state, caller).await?, state.clock.now());
    let undo = Undo::Email { email: user.email.clone(), key: user.email_key.clone() };
    let old = notice(state, EmailKind::EmailChanged, Some(&user), &user.email, now);
    let notices = vec![
        undoable(state, old, Some(caller.session), Some(undo)),
        notice(state, EmailKind::EmailNew, Some(&user), &row.email, now),
    ];
    let new = Address { email: row.email.clone(), key: row.email_key.clone(), verified_at: Some(now) };
    let change = change(caller, &user, new, notices, now);
    let by = FinishedBy { now, ..FinishedBy::default() };
    let finished = state.sessions.change_email(Some((row.clone(), by)), change).await;
    let finished = finished.map_err(|error| unavailable(&error))?;
    if let Finished::Done(_) = finished {
        state.mail.wake();
    }
    Ok(finished)
}

fn change(caller: &Principal, user: &UserRow, new: Address, notices: Vec<NewEmail>, now: Millis) -> EmailChange {
    let old = Address { email: user.email.clone(), key: user.email_key.clone(), verified_at: user.email_verified_at };
    let event = Event::new(&user.id, Some(caller.session), AuditEvent::EmailChanged, &caller_device(), now);
    EmailChange { user: user.id.clone(), session: caller.session, old, new, event, notices }
}
