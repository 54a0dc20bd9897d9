//! "It was not me": the reader of an email says whether what it reports was their doing. See
//! [`undo`](super::super::auth::undo) for the consequences. It begins no session, and skips nothing that a sign-in asks
//! for.

use super::{
    super::{
        auth::{
            browser_token::Browser, challenge::ChallengeKind, email_kind::EmailKind, mailed_secret::LinkPurpose,
            password, sessions::Device,
        },
        cookies::{self, set_cookies},
        device::caller_device,
        refresh::cookie_session,
        refusal::{hashing, unavailable},
        state::AppState,
        store::{
            activity::Event,
            challenges::NewChallenge,
            changes::{Answered, ChangeRow, Securing},
            users::UserRow,
        },
    },
    OfChallenge, browser, email, enter, link, notice, too_many_emails,
};
use crate::app::{
    error::{ApiError, Code},
    types::{Alarm, AlarmAnswer, AlarmView, AuditEvent, Millis, Secret, SecureStatus, SecureView, StepReason},
};
use http::request::Parts;
use leptos::prelude::{expect_context, with_context};
use uuid::Uuid;

/// How long the page shows the answer that was given.
const SHOWN_FOR: Millis = Millis::from_mins(10);

/// See [`crate::app::api::steps::secure`].
pub(crate) async fn answer(
    token: Option<&Secret>,
    form: Option<&str>,
    answer: Option<&str>,
) -> Result<SecureView, ApiError> {
    let state: AppState = expect_context();
    super::mail(&state)?;
    let id = link::named(&state, LinkPurpose::Secure, token, form)?;
    // The link is genuine, so the change existed once.
    let gone = || link::invalid(Some(StepReason::Expired));
    let row = find(&state, id).await?.ok_or_else(gone)?;
    let answer = [AlarmAnswer::Me, AlarmAnswer::NotMe].into_iter().find(|known| Some(known.text()) == answer);
    let answer = answer.ok_or_else(|| ApiError::field("answer", "Choose one of the two."))?;
    let status = match answer {
        AlarmAnswer::Me => SecureStatus::Noted,
        AlarmAnswer::NotMe => SecureStatus::Secured,
    };
    if let Some(reason) = row.change().over(state.clock.now()) {
        return if is_repeat(&state, &row, answer) {
            Ok(done(&state, status))
        } else {
            Err(link::invalid(Some(reason)))
        };
    }
    let answered = match answer {
        AlarmAnswer::Me => was_me(&state, &row).await?,
        AlarmAnswer::NotMe => was_not_me(&state, &row).await?,
    };
    match answered {
        Answered::Done(ended) => {
            if cookie_session(&state).is_some_and(|present| ended.contains(&present)) {
                set_cookies(cookies::clear(&state.settings.http));
            }
            Ok(done(&state, status))
        }
        Answered::Full => Err(too_many_emails()),
        Answered::NotOpen => {
            let row = find(&state, id).await?.ok_or_else(gone)?;
            let reason = row.change().over(state.clock.now());
            if is_repeat(&state, &row, answer) { Ok(done(&state, status)) } else { Err(link::invalid(reason)) }
        }
    }
}

async fn find(state: &AppState, id: Uuid) -> Result<Option<ChangeRow>, ApiError> {
    state.store.change(id).await.map_err(|error| unavailable(&error))
}

/// Whether the same browser repeats its answer: a double click.
fn is_repeat(state: &AppState, row: &ChangeRow, answer: AlarmAnswer) -> bool {
    let (now, grace_period) = (state.clock.now(), state.settings.sessions.rotation.grace_period);
    let same = row.answer.as_deref() == Some(answer.text());
    let own = row.answered_by.is_some() && row.answered_by == browser(state).map(Browser::digest);
    same && own && row.answered_at.is_some_and(|at| now - at < grace_period)
}

fn done(state: &AppState, status: SecureStatus) -> SecureView {
    link::forget(state);
    SecureView { status }
}

async fn was_me(state: &AppState, row: &ChangeRow) -> Result<Answered, ApiError> {
    let event = Event::new(&row.user_id, None, AuditEvent::AlarmAnswered, &caller_device(), state.clock.now());
    let answered = state.store.note_alarm(row, enter(state)?.digest(), event).await;
    answered.map_err(|error| unavailable(&error))
}

async fn was_not_me(state: &AppState, row: &ChangeRow) -> Result<Answered, ApiError> {
    let user = state.store.user_by_id(&row.user_id).await.map_err(|error| unavailable(&error))?;
    let user = user.ok_or_else(|| link::invalid(Some(StepReason::Expired)))?;
    // Nobody knows this password.
    let password_hash = state.hasher.hash(&password::made_up().ok_or(Code::Internal)?).await.map_err(hashing)?;
    let (browser, now) = (enter(state)?.digest(), state.clock.now());
    let securing = securing(state, &user, password_hash, browser.clone(), now);
    let answered = state.sessions.secure(row, browser, securing, now).await;
    let answered = answered.map_err(|error| unavailable(&error))?;
    if let Answered::Done(_) = answered {
        state.mail.wake();
    }
    Ok(answered)
}

/// Returns what to write. The addresses of its emails are known only when the change is made.
fn securing(state: &AppState, user: &UserRow, password_hash: String, browser: String, now: Millis) -> Securing {
    let (id, kind, device): (_, _, Device) = (Uuid::now_v7(), ChallengeKind::Reset, caller_device());
    let of = OfChallenge { id, kind, to: &user.email, number: 1 };
    let challenge = NewChallenge {
        id,
        kind,
        browser: Some(browser),
        user: Some(user.id.clone()),
        email: user.email.clone(),
        email_key: user.email_key.clone(),
        decoy: false,
        data: None,
        created_at: now,
        expires_at: now + state.challenges.lifetimes.of(kind),
        event: None,
    };
    Securing {
        password_hash,
        secured: notice(state, EmailKind::Secured, Some(user), &user.email, now),
        undone: notice(state, EmailKind::Undone, Some(user), &user.email, now),
        reset: (challenge, email(state, EmailKind::Reset, Some(user), &of, now)),
        device,
    }
}

/// See [`crate::app::api::steps::alarm`].
pub(crate) async fn alarm() -> Result<Option<AlarmView>, ApiError> {
    let state: AppState = expect_context();
    super::mail(&state)?;
    let token = with_context(|parts: &Parts| link::opened(&state, &parts.headers).map(str::to_owned)).flatten();
    let opened = token.and_then(|token| link::read(&state, LinkPurpose::Secure, &token));
    let (row, answered) = match opened {
        Some(id) => (find(&state, id).await?, false),
        None => (just_answered(&state).await?, true),
    };
    let Some(row) = row else { return Ok(None) };
    let facts = state.store.facts_of(&row).await.map_err(|error| unavailable(&error))?;
    let own = match cookie_session(&state) {
        Some(id) => state.store.session(id).await.map_err(|error| unavailable(&error))?,
        None => None,
    };
    let own = own.is_some_and(|session| session.user.id == row.user_id);
    let status = match row.answer.as_deref() {
        Some(answer) if answer == AlarmAnswer::NotMe.text() => SecureStatus::Secured,
        _ => SecureStatus::Noted,
    };
    Ok(Some(AlarmView {
        over: row.change().over(state.clock.now()),
        link: row.id,
        alarm: Alarm::known(&row.kind),
        email: row.email,
        at: row.at,
        device: facts.device,
        ip: facts.ip,
        until: row.until,
        own,
        answered: answered.then_some(status),
    }))
}

/// Returns what this browser has answered a moment ago: it has already forgotten the link.
async fn just_answered(state: &AppState) -> Result<Option<ChangeRow>, ApiError> {
    let Some(browser) = browser(state).map(Browser::digest) else { return Ok(None) };
    let since = state.clock.now() - SHOWN_FOR;
    state.store.answered_by(&browser, since).await.map_err(|error| unavailable(&error))
}
