//! The emails of flows: what is in them, and how many there may be.

use super::super::{
    auth::{account_digest::AccountDigest, challenge::ChallengeKind, email, email_kind::EmailKind, language::Language},
    gcra::Verdict,
    guard::{
        client_address::{ClientAddress, subnet},
        rate_limit::limited,
    },
    login::{Attempts, known_device},
    pages::caller_device,
    state::AppState,
    store::{
        outbox::{Facts, NewEmail},
        users::UserRow,
    },
};
use crate::app::{
    device,
    error::{ApiError, Code},
};
use freshkey_core::causes::with_causes;
use http::{header::ACCEPT_LANGUAGE, request::Parts};
use leptos::prelude::with_context;
use tracing::Instrument as _;
use uuid::Uuid;

/// An email of a challenge: where it goes, and which of the challenge's it is.
pub(crate) struct OfChallenge<'a> {
    pub(crate) id: Uuid,
    pub(crate) kind: ChallengeKind,
    pub(crate) to: &'a str,
    pub(crate) number: i64,
}

/// An email of a challenge, in the account's language or that of whoever asks for it.
pub(crate) fn email(
    state: &AppState,
    kind: EmailKind,
    user: Option<&UserRow>,
    of: &OfChallenge<'_>,
    now: i64,
) -> NewEmail {
    NewEmail {
        challenge_id: Some(of.id.to_string()),
        number: of.number,
        useful_until: now + state.challenges.lifetimes.of_email(of.kind),
        ..notice(state, kind, user, of.to, now)
    }
}

/// An email that tells what happens now, on the caller's device.
pub(crate) fn notice(state: &AppState, kind: EmailKind, user: Option<&UserRow>, to: &str, now: i64) -> NewEmail {
    let caller = caller_device();
    let facts = Facts {
        at: Some(now),
        device: caller.user_agent.as_deref().map(|agent| device::name(Some(agent))),
        ip: caller.ip,
        ..Facts::default()
    };
    let user_id = user.map(|user| user.id.clone());
    NewEmail { facts, user_id, ..NewEmail::new(kind, to, language(state, user), now) }
}

/// The language that the user has chosen, or else the one that the caller prefers.
fn language(state: &AppState, user: Option<&UserRow>) -> Language {
    let offered = &state.settings.mail.languages;
    let chosen = user.and_then(|user| Language::parse(user.language.as_deref()?));
    let accept = |parts: &Parts| {
        parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let preferred = || Language::best(&with_context(accept).unwrap_or_default(), offered);
    chosen.filter(|language| offered.contains(language)).unwrap_or_else(preferred)
}

/// Tells the user of a sign-in from a device that is new to the account. Beside the answer: nobody waits for it.
pub(crate) fn tell_of_new_device(state: &AppState, user: &UserRow, now: i64) {
    if !state.mail.is_on() || known_device(state, user).is_some() {
        return;
    }
    let (state, email) = (state.clone(), notice(state, EmailKind::NewDevice, Some(user), &user.email, now));
    let write = async move {
        match state.store.write_notice(email).await {
            Ok(_) => state.mail.wake(),
            Err(error) => tracing::error!(event = "database_unavailable", error = %with_causes(&error)),
        }
    };
    tokio::spawn(write.in_current_span());
}

/// Counts an email that somebody asks for who is not signed in: for the address, whether or not it has an account, and
/// for where the call comes from. A device that the account knows counts for itself.
///
/// # Errors
/// 429.
pub(crate) async fn count_email(state: &AppState, key: &str, user: Option<&UserRow>) -> Result<(), ApiError> {
    let source = with_context(|parts: &Parts| parts.extensions.get::<ClientAddress>().map(|ClientAddress(ip)| *ip));
    let account = mailbox(state, key);
    let device = user.and_then(|user| known_device(state, user));
    let address = device.map_or(Attempts::Account(account), |device| Attempts::Device(device, account)).to_string();
    let counts = [
        (&state.limits.mail_source, source.flatten().map(|ip| subnet(ip).to_string())),
        (&state.limits.mail, Some(address)),
    ];
    for (limiter, key) in counts {
        let (Some(limiter), Some(key)) = (limiter, key) else { continue };
        if let Verdict::Refused { retry_after_ms } = limiter.count(&key, state.clock.monotonic()).await {
            tracing::warn!(event = "email_limited", by = limiter.name(), %account);
            return Err(limited(limiter, retry_after_ms));
        }
    }
    Ok(())
}

/// A digest of the mailbox: `ada+shop@…` is that of `ada@…`.
fn mailbox(state: &AppState, key: &str) -> AccountDigest {
    state.account_digests.digest(&email::without_tag(key))
}

/// Too many emails wait already.
pub(crate) fn too_many_emails() -> ApiError {
    tracing::error!(event = "outbox_full");
    ApiError::from(Code::Overloaded).after(60)
}
