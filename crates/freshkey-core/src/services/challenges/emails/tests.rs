use super::*;
use crate::{
    rules::{
        browser_token::BrowserKey, challenge::ChallengeLifetimes, email_kind::EmailKind, language::Language,
        mac::MacKey, mailed_secret::MailedSecrets, seal::SealKey,
    },
    settings::Database,
    store::{
        Store,
        challenges::{FinishedBy, NewChallenge},
    },
};
use tempfile::TempDir;

const LIFE: Millis = Millis::from_mins(10);

async fn challenges() -> (Challenges, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&Database::Sqlite(folder.path().join("freshkey.db"))).await.expect("it opens");
    let mac = || MacKey::new(&[1; 32], None);
    let seal = SealKey::new(&[1; 32], None).expect("a key");
    let lifetimes = ChallengeLifetimes { code: LIFE, register: LIFE };
    let made = Challenges::new(store, MailedSecrets::new(mac()), seal, BrowserKey::new(mac()), lifetimes, Millis::ZERO);
    (made, folder)
}

fn email(kind: EmailKind, of: Uuid) -> NewEmail {
    NewEmail {
        challenge_id: Some(of.to_string()),
        ..NewEmail::new(kind, "ada@example.com", Language::En, Millis::ZERO)
    }
}

/// Begins a challenge at the beginning of time.
async fn begin(challenges: &Challenges, first: EmailKind) -> ChallengeRow {
    let new = NewChallenge {
        id: Uuid::now_v7(),
        kind: ChallengeKind::Email,
        browser: None,
        user: None,
        email: "ada@example.com".to_owned(),
        email_key: "ada@example.com".to_owned(),
        decoy: false,
        data: None,
        created_at: Millis::ZERO,
        expires_at: LIFE,
        event: None,
    };
    let id = new.id;
    assert!(challenges.begin(new, Some(email(first, id))).await.expect("written"));
    challenges.store.challenge(id).await.expect("read").expect("it is there")
}

#[tokio::test]
async fn an_email_without_a_code_is_sent_however_late_and_one_with_a_code_is_not() {
    let (challenges, _folder) = challenges().await;
    for kind in [EmailKind::EmailWanted, EmailKind::HaveAccount, EmailKind::EmailConfirm] {
        let row = begin(&challenges, kind).await;
        let written = OutboxEmail::of(&email(kind, row.uuid()));
        let at_once = challenges.prepare(&written, Millis(1)).await.expect("read");
        let Prepared::Send(secrets) = at_once else { panic!("{kind:?}") };
        assert_eq!((secrets.code.is_some(), secrets.link.is_some()), (kind.has_code(), false), "{kind:?}");
        let late = challenges.prepare(&written, Millis::from_hours(2)).await.expect("read");
        assert_eq!(matches!(late, Prepared::Send(_)), !kind.has_code(), "{kind:?}");
    }
    challenges.store.close().await;
}

#[tokio::test]
async fn an_email_that_comes_too_late_for_its_step_says_so() {
    let (challenges, _folder) = challenges().await;
    let row = begin(&challenges, EmailKind::EmailConfirm).await;
    let another = || challenges.again(&row, |_| email(EmailKind::EmailConfirm, row.uuid()), RESEND_AFTER);
    // It was open when the caller looked, and then another request finished it.
    assert!(challenges.store.finish_challenge(&row, FinishedBy::default()).await.expect("written"));
    assert!(matches!(another().await, Err(ResendError::Over(Some(StepReason::Used)))));
    assert!(challenges.store.delete_old_challenges(LIFE + Millis(1)).await.expect("written"));
    assert!(matches!(another().await, Err(ResendError::Over(None))));
    challenges.store.close().await;
}

#[tokio::test]
async fn of_two_that_ask_for_another_email_one_is_too_soon() {
    let (challenges, _folder) = challenges().await;
    let row = begin(&challenges, EmailKind::EmailConfirm).await;
    let another = || challenges.again(&row, |_| email(EmailKind::EmailConfirm, row.uuid()), RESEND_AFTER);
    assert!(another().await.is_ok());
    assert!(matches!(another().await, Err(ResendError::TooSoon(RESEND_AFTER))));
    challenges.store.close().await;
}
