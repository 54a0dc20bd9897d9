//! The emails of flows: their content, and how many there may be.

use super::super::{
    auth::{
        account_digest::AccountDigest,
        challenge::ChallengeKind,
        email,
        email_kind::{ByAdmin, EmailKind},
        language::Language,
        mail::Mail,
        sessions::{Device, OnReplay},
        undo::Undo,
    },
    client_address::{ClientAddress, subnet},
    device::caller_device,
    gcra::Verdict,
    known_device::known_device,
    limits::{LoginLimitKey, limited},
    settings::Settings,
    state::AppState,
    store::{
        Store,
        outbox::{Facts, NewEmail, Undoable},
        users::UserRow,
    },
};
use crate::app::{
    device,
    error::{ApiError, Code},
    types::{Millis, Seconds},
};
use freshkey_core::causes::with_causes;
use http::{header::ACCEPT_LANGUAGE, request::Parts};
use leptos::prelude::with_context;
use std::sync::Arc;
use tracing::Instrument as _;
use uuid::Uuid;

/// An email of a challenge: where it goes, and its number within the challenge.
pub(crate) struct OfChallenge<'a> {
    pub(crate) id: Uuid,
    pub(crate) kind: ChallengeKind,
    pub(crate) to: &'a str,
    pub(crate) number: i64,
}

/// Makes an email of a challenge, in the language of the account or else of the caller. An email without a code is a
/// notice, and stays worth sending as long as any other notice.
pub(crate) fn email(
    state: &AppState,
    kind: EmailKind,
    user: Option<&UserRow>,
    of: &OfChallenge<'_>,
    now: Millis,
) -> NewEmail {
    let useful_for = if kind.has_code() { state.challenges.lifetimes.of_email(of.kind) } else { kind.useful_for() };
    NewEmail {
        challenge_id: Some(of.id.to_string()),
        number: of.number,
        useful_until: now + useful_for,
        ..notice(state, kind, user, of.to, now)
    }
}

/// Makes an email about something that happens now, on the caller's device.
pub(crate) fn notice(state: &AppState, kind: EmailKind, user: Option<&UserRow>, to: &str, now: Millis) -> NewEmail {
    let facts = facts(&caller_device(), now);
    let user_id = user.map(|user| user.id.clone());
    let language = language(&state.settings.mail.languages, user.and_then(|user| user.language.as_deref()));
    NewEmail { facts, user_id, ..NewEmail::new(kind, to, language, now) }
}

/// Makes the email one about an administrator's action. It names no device, since the administrator's is not the
/// user's.
pub(crate) fn by_admin(mut email: NewEmail, what: ByAdmin) -> NewEmail {
    (email.facts.device, email.facts.ip, email.facts.by_admin) = (None, None, Some(what));
    email
}

/// Adds a link that says "it was not me", and what the link restores.
pub(crate) fn undoable(state: &AppState, mut email: NewEmail, session: Option<Uuid>, undo: Option<Undo>) -> NewEmail {
    let until = email.created_at + state.settings.account.undo;
    email.facts.undo_until = Some(until);
    NewEmail { undoable: Some(Undoable { session, undo, until }), ..email }
}

/// Returns the language that the user has chosen, or else the one that the caller prefers.
fn language(offered: &[Language], chosen: Option<&str>) -> Language {
    let chosen = chosen.and_then(Language::parse).filter(|language| offered.contains(language));
    let accept = |parts: &Parts| {
        parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    chosen.unwrap_or_else(|| Language::best(&with_context(accept).unwrap_or_default(), offered))
}

/// Returns what an email says about something that happens now, on this device.
fn facts(device: &Device, now: Millis) -> Facts {
    Facts {
        at: Some(now),
        device: device.user_agent.as_deref().map(|agent| device::name(Some(agent))),
        ip: device.ip.clone(),
        ..Facts::default()
    }
}

/// Emails the user about a sign-in from a device that is new to the account.
pub(crate) async fn tell_of_new_device(state: &AppState, user: &UserRow, session: Uuid, now: Millis) {
    if !state.mail.is_on() || known_device(state, user).is_some() {
        return;
    }
    let email = notice(state, EmailKind::NewDevice, Some(user), &user.email, now);
    have_written(state, undoable(state, email, Some(session), None)).await;
}

/// Emails the user that somebody knows the password, and was stopped at the second step.
pub(crate) async fn tell_of_second_step(state: &AppState, user: &UserRow, now: Millis) {
    if !state.mail.is_on() {
        return;
    }
    let email = notice(state, EmailKind::SecondStepRefused, Some(user), &user.email, now);
    have_written(state, undoable(state, email, None, None)).await;
}

/// Emails users whose sessions ended because an old copy of their token was used. Runs beside the answer: nobody waits
/// for it.
pub(crate) fn tell_of_replay(settings: &Settings, store: Store, mail: Mail) -> OnReplay {
    let (languages, life) = (settings.mail.languages.clone(), settings.account.undo);
    Arc::new(move |row, device, now| {
        if !mail.is_on() {
            return;
        }
        let (store, mail, id, session) = (store.clone(), mail.clone(), row.user.id.clone(), row.id);
        let facts = Facts { undo_until: Some(now + life), ..facts(device, now) };
        let (preferred, languages) = (language(&languages, None), languages.clone());
        let tell = async move {
            let Ok(Some(user)) = store.user_by_id(&id).await else { return };
            let chosen = user.language.as_deref().and_then(Language::parse);
            let language = chosen.filter(|language| languages.contains(language)).unwrap_or(preferred);
            let email = NewEmail {
                facts,
                user_id: Some(user.id),
                undoable: Some(Undoable { session: Some(session), undo: None, until: now + life }),
                ..NewEmail::new(EmailKind::SessionReplayed, &user.email, language, now)
            };
            write(store, mail, email).await;
        };
        tokio::spawn(tell.in_current_span());
    })
}

/// Writes the email before the answer is sent: a server that is killed after its answer has lost no email. A caller who
/// disconnects does not stop the write. If the database fails, the error is logged, and the answer stays the same.
async fn have_written(state: &AppState, email: NewEmail) {
    let writing = tokio::spawn(write(state.store.clone(), state.mail.clone(), email).in_current_span());
    let _ = writing.await;
}

async fn write(store: Store, mail: Mail, email: NewEmail) {
    match store.write_notice(email).await {
        Ok(_) => mail.wake(),
        Err(error) => tracing::error!(event = "database_unavailable", error = %with_causes(&error)),
    }
}

/// Counts an email that a client requests without being signed in: for the address, whether or not it has an account,
/// and for the client's own address. A device that the account knows has its own count.
///
/// # Errors
/// 429.
pub(crate) async fn count_email(state: &AppState, key: &str, user: Option<&UserRow>) -> Result<(), ApiError> {
    let source = with_context(|parts: &Parts| parts.extensions.get::<ClientAddress>().map(|ClientAddress(ip)| *ip));
    let account = mailbox(state, key);
    let device = user.and_then(|user| known_device(state, user));
    let address =
        device.map_or(LoginLimitKey::Account(account), |device| LoginLimitKey::Device(device, account)).to_string();
    let counts = [
        (&state.limits.mail_source, source.flatten().map(|ip| subnet(ip).to_string())),
        (&state.limits.mail, Some(address)),
    ];
    for (limiter, key) in counts {
        let (Some(limiter), Some(key)) = (limiter, key) else { continue };
        if let Verdict::Refused { retry_after } = limiter.count(&key, state.clock.monotonic()).await {
            tracing::warn!(event = "email_limited", by = limiter.name(), %account);
            return Err(limited(limiter, retry_after));
        }
    }
    Ok(())
}

/// Returns a digest of the mailbox: `ada+shop@…` has that of `ada@…`.
fn mailbox(state: &AppState, key: &str) -> AccountDigest {
    state.account_digests.digest(&email::without_tag(key))
}

/// Refuses a call because too many emails are waiting.
pub(crate) fn too_many_emails() -> ApiError {
    tracing::error!(event = "outbox_full");
    ApiError::from(Code::Overloaded).after(Seconds(60))
}
