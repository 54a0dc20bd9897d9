use super::*;
use crate::store::{Store, StoreError, testing};

const NOW: Millis = Millis(1_795_474_112_345);
const LEASE: Millis = Millis::from_mins(1);

async fn write(store: &Store, email: NewEmail) -> Result<bool, StoreError> {
    store.write(email, |connection, email| Box::pin(async move { insert(connection, &email).await })).await
}

fn email() -> NewEmail {
    let facts = Facts { at: Some(NOW), device: Some("Firefox on Linux".to_owned()), ..Facts::default() };
    NewEmail { facts, ..NewEmail::new(EmailKind::Register, "ada@example.com", Language::De, NOW) }
}

async fn claim(store: &Store, sender: &str, now: Millis) -> Option<OutboxEmail> {
    let id = store.due_emails(now, 1).await.expect("read").pop()?;
    store.claim_email(id, sender.to_owned(), now, now + LEASE).await.expect("written")
}

#[tokio::test]
async fn an_email_is_claimed_once_and_ended_by_whoever_claimed_it() {
    let (store, _folder) = testing::store().await;
    assert!(write(&store, email()).await.expect("written"));
    let first = claim(&store, "one", NOW).await.expect("it is due");
    assert_eq!((first.known_kind(), first.language(), first.tries), (Some(EmailKind::Register), Language::De, 1));
    assert_eq!(first.facts(), email().facts);
    assert!(claim(&store, "two", NOW + LEASE).await.is_none(), "it is the first one's");

    let second = claim(&store, "two", NOW + LEASE + Millis(1)).await.expect("the first one died");
    assert!(
        !store.begin_delivery(&first, NOW + LEASE + Millis(1)).await.expect("written"),
        "a late sender sends nothing"
    );
    assert!(!store.end_email(&first, Outcome::Sent, None, NOW).await.expect("written"));
    assert!(store.begin_delivery(&second, NOW + LEASE + Millis(1)).await.expect("written"));
    assert!(store.end_email(&second, Outcome::Sent, None, NOW + LEASE + Millis(2)).await.expect("written"));
    assert!(claim(&store, "three", NOW + LEASE * 10).await.is_none());
    let figures = store.mail_figures().await.expect("read");
    assert_eq!((figures.waiting, figures.last_sent_at), (0, Some(NOW + LEASE + Millis(2))));
    store.close().await;
}

#[tokio::test]
async fn what_was_handed_over_twice_without_an_answer_is_not_handed_over_again() {
    let (store, _folder) = testing::store().await;
    assert!(write(&store, email()).await.expect("written"));
    let mut now = NOW;
    for (may, answered) in [(true, true), (true, false), (true, false), (false, false)] {
        let email = claim(&store, "one", now).await.expect("it is due");
        assert_eq!(email.is_exhausted(), !may);
        assert_eq!(store.begin_delivery(&email, now).await.expect("written"), may);
        now += Millis::from_secs(1);
        store.delay_email(&email, now, "no answer".to_owned(), answered).await.expect("written");
    }
    assert_eq!(store.last_mail_error().await.expect("read").as_deref(), Some("no answer"));
    store.close().await;
}

#[tokio::test]
async fn nothing_is_sent_past_its_use() {
    let (store, _folder) = testing::store().await;
    let new = email();
    assert!(write(&store, new.clone()).await.expect("written"));
    let claimed = claim(&store, "one", new.useful_until - Millis(1)).await.expect("it is due");
    assert!(!store.begin_delivery(&claimed, new.useful_until).await.expect("written"));
    assert!(store.give_up_emails(new.useful_until).await.expect("written").is_empty(), "somebody has it");
    assert!(claim(&store, "two", new.useful_until + LEASE * 2).await.is_none());
    let given_up = store.give_up_emails(new.useful_until + LEASE * 2).await.expect("written");
    assert_eq!(given_up, [(new.id.to_string(), "register".to_owned())]);
    store.close().await;
}

#[tokio::test]
async fn a_decoy_waits_its_turn_and_shows_nowhere() {
    let (store, _folder) = testing::store().await;
    let decoy = || NewEmail { decoy: true, ..email() };
    assert!(write(&store, decoy()).await.expect("written"));
    let claimed = claim(&store, "one", NOW).await.expect("it is due");
    assert!(claimed.is_decoy() && store.begin_delivery(&claimed, NOW).await.expect("written"));
    assert!(store.end_email(&claimed, Outcome::Decoy, None, NOW).await.expect("written"));
    let late = decoy();
    assert!(write(&store, late.clone()).await.expect("written"));
    assert!(store.give_up_emails(late.useful_until).await.expect("written").is_empty(), "nobody misses it");
    assert!(claim(&store, "one", NOW).await.is_none());
    assert!(store.latest_emails(10).await.expect("read").is_empty());
    let figures = store.mail_figures().await.expect("read");
    assert_eq!((figures.waiting, figures.last_sent_at), (0, None));
    assert!(store.delete_old_emails(NOW + Millis(1)).await.expect("written"));
    store.close().await;
}

#[tokio::test]
async fn ten_thousand_may_wait() {
    let (store, _folder) = testing::store().await;
    let filled = store.write((), |connection, ()| {
        Box::pin(async move {
            let sql = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)
                       INSERT INTO outbox (id, kind, language, email, number, facts, created_at, useful_until, next_try_at)
                       SELECT CAST(n AS TEXT), 'test', 'en', 'ada@example.com', 1, '{}', $2, $3, $2 FROM numbers";
            sqlx::query(sql).bind(WAITING).bind(NOW).bind(NOW + Millis(60_000)).execute(connection).await.map(drop)
        })
    });
    filled.await.expect("written");
    assert!(!write(&store, email()).await.expect("written"), "full");
    assert!(!write(&store, NewEmail { decoy: true, ..email() }).await.expect("written"), "for decoys, too");
    let one = claim(&store, "one", NOW).await.expect("it is due");
    store.end_email(&one, Outcome::GivenUp, None, NOW).await.expect("written");
    assert!(write(&store, email()).await.expect("written"));
    assert_eq!(store.mail_figures().await.expect("read").waiting, WAITING);
    store.close().await;
}

#[tokio::test]
async fn the_last_email_of_an_account_leaves_no_address_behind() {
    let (store, _folder) = testing::store().await;
    for kind in [EmailKind::Deleted, EmailKind::PasswordChanged] {
        assert!(write(&store, NewEmail::new(kind, "ada@example.com", Language::De, NOW)).await.expect("written"));
        let one = claim(&store, "one", NOW).await.expect("it is due");
        assert_eq!(one.email, "ada@example.com", "until it is sent");
        store.end_email(&one, Outcome::Sent, None, NOW).await.expect("written");
    }
    let left: Vec<(String,)> =
        store.rows(sqlx::query_as("SELECT email FROM outbox ORDER BY email")).await.expect("read");
    assert_eq!(left, [(String::new(),), ("ada@example.com".to_owned(),)]);
    store.close().await;
}
