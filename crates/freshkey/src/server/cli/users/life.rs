//! What the operator does to an account's address, password and deletion.

use super::{
    super::{Failure, find},
    Done, changed,
};
use crate::{
    app::types::{AuditEvent, Millis},
    server::{
        auth::{
            challenge::ChallengeKind,
            clean_removals::remove_due,
            email_kind::{ByAdmin, EmailKind},
            language::Language,
            session::Device,
        },
        clock::Clock,
        settings::Settings,
        store::{
            Store,
            account_changes::Changed,
            activity::Event,
            challenges::NewChallenge,
            outbox::{Facts, NewEmail, Undoable},
            removal::Deletion,
            users::UserRow,
        },
    },
};
use uuid::Uuid;

/// Writes the email with which the user chooses another password; the server sends it.
pub(super) async fn start_reset(store: &Store, settings: &Settings, email: &str) -> Result<Done, Failure> {
    let user = find(store, email).await?;
    if !settings.mail.is_on() {
        return Err(Failure::Refused("there is no mail: set FRESHKEY_MAIL as the server has it".to_owned()));
    }
    if user.disabled_at.is_some() {
        return Err(Failure::Refused(format!("{} is disabled; enable it first", user.email)));
    }
    let (id, now, kind) = (Uuid::now_v7(), Clock::system().now(), ChallengeKind::Reset);
    let lifetimes = settings.account.lifetimes;
    let challenge = NewChallenge {
        id,
        kind,
        browser: None,
        user: Some(user.id.clone()),
        email: user.email.clone(),
        email_key: user.email_key.clone(),
        decoy: false,
        data: None,
        created_at: now,
        expires_at: now + lifetimes.of(kind),
        event: Some(event(&user, AuditEvent::ResetStartedByAdmin, now)),
    };
    let email = NewEmail {
        user_id: Some(user.id.clone()),
        challenge_id: Some(id.to_string()),
        facts: Facts { at: Some(now), by_admin: Some(ByAdmin::ResetStarted), ..Facts::default() },
        useful_until: now + lifetimes.of_email(kind),
        ..NewEmail::new(EmailKind::Reset, &user.email, language(&user, settings), now)
    };
    if store.begin_challenge(challenge, Some(email)).await? {
        Ok(Done::to(user, "is sent an email to choose a new password"))
    } else {
        Err(Failure::Refused("too many emails wait to be sent".to_owned()))
    }
}

/// Removes every second step of an account, and writes the email about it, whose link undoes the removal.
pub(super) async fn remove_factors(store: &Store, settings: &Settings, email: &str) -> Result<Done, Failure> {
    let user = find(store, email).await?;
    let now = Clock::system().now();
    let until = now + settings.account.undo;
    let by_admin = Some(ByAdmin::FactorsRemoved);
    let notice = NewEmail {
        user_id: Some(user.id.clone()),
        facts: Facts { at: Some(now), by_admin, undo_until: Some(until), ..Facts::default() },
        undoable: Some(Undoable { session: None, undo: None, until }),
        ..NewEmail::new(EmailKind::ByAdmin, &user.email, language(&user, settings), now)
    };
    let event = event(&user, AuditEvent::FactorsRemovedByAdmin, now);
    let removed = store.remove_factors(None, event, settings.mail.is_on().then_some(notice)).await?;
    changed(removed, user, "has no second step any more")
}

pub(super) async fn prove_email(store: &Store, email: &str) -> Result<Done, Failure> {
    let user = find(store, email).await?;
    let now = Clock::system().now();
    store.prove_email(&user.id, event(&user, AuditEvent::EmailProven, now)).await?;
    Ok(Done::to(user, "has a proven address"))
}

/// Marks an account for deletion, and writes the email about it, whose link undoes the deletion.
pub(super) async fn delete(store: &Store, settings: &Settings, email: &str) -> Result<Done, Failure> {
    let user = find(store, email).await?;
    let now = Clock::system().now();
    let (delete_at, until) = (now + settings.account.delete_after, now + settings.account.undo);
    let notice = NewEmail {
        user_id: Some(user.id.clone()),
        facts: Facts {
            at: Some(now),
            until: Some(delete_at),
            undo_until: Some(until),
            by_admin: Some(ByAdmin::DeletionAsked),
            ..Facts::default()
        },
        undoable: Some(Undoable { session: None, undo: None, until }),
        ..NewEmail::new(EmailKind::DeletionAsked, &user.email, language(&user, settings), now)
    };
    let wish = Deletion {
        user: user.id.clone(),
        email_key: user.email_key.clone(),
        delete_at,
        now,
        event: event(&user, AuditEvent::DeletionAsked, now),
        notice: settings.mail.is_on().then_some(notice),
    };
    let asked = store.ask_for_deletion(wish).await?;
    let at_once = settings.account.delete_after == Millis::ZERO && matches!(asked, Changed::Done(_));
    if at_once {
        remove_due(store, settings.mail.first_language(), now).await?;
    }
    changed(asked, user, if at_once { "is deleted" } else { "is going to be deleted" })
}

pub(super) async fn keep(store: &Store, email: &str) -> Result<Done, Failure> {
    let user = find(store, email).await?;
    let event = event(&user, AuditEvent::DeletionUndone, Clock::system().now());
    if store.keep_account(&user.id, event).await? {
        Ok(Done::to(user, "is kept"))
    } else {
        Err(Failure::Refused(format!("{} can't be kept: nobody asked to delete it, or it is too late", user.email)))
    }
}

fn event(user: &UserRow, kind: AuditEvent, now: Millis) -> Event {
    Event::new(&user.id, None, kind, &Device::default(), now)
}

/// Returns the language that the user has chosen, if it is still in `FRESHKEY_LANGUAGES`, or else the first of them.
fn language(user: &UserRow, settings: &Settings) -> Language {
    let offered = &settings.mail.languages;
    let chosen = user.language.as_deref().and_then(Language::parse).filter(|chosen| offered.contains(chosen));
    chosen.or(offered.first().copied()).unwrap_or(Language::En)
}
