//! "It was not me": the account is put back as it was before what an email tells of, and whoever holds the older email
//! wins.

use super::{
    Browser, MAIL, NEW, PASSWORD, TestApp, code, email,
    email_change::{app_with, change, post, profile},
    link, mailbox, token,
};
use crate::support::{GRACE, HtmlForm, Signed, at_once, elements, eventually, signed};
use serde_json::{Value, json};
use std::time::Duration;

const OLD: &str = "ada@example.com";
const UNDO: Duration = Duration::from_hours(72);

/// The token in the newest email of this kind, of which there are so many.
async fn alarm(app: &TestApp, address: &str, kind: &str, count: usize) -> String {
    let email = email(app, address, kind, count).await;
    let lines = email["text"].as_str().unwrap().lines();
    let link =
        lines.filter_map(|line| line.trim().strip_prefix(&app.origin)).find(|link| link.starts_with("/secure?t="));
    token(link.unwrap_or_else(|| panic!("{email}"))).to_owned()
}

async fn answer(app: &TestApp, browser: &mut Browser, token: &str, answer: &str) -> (u16, Value) {
    browser.post(app, "/api/secure", json!({"token": token, "answer": answer})).await
}

async fn secured(app: &TestApp, token: &str) {
    let (status, body) = answer(app, &mut Browser::default(), token, "not_me").await;
    assert_eq!((status, &body), (200, &json!({"status": "secured"})));
}

async fn refused(app: &TestApp, token: &str) -> (u16, Value, Value) {
    let (status, body) = answer(app, &mut Browser::default(), token, "not_me").await;
    (status, body["code"].clone(), body["reason"].clone())
}

/// Chooses a new password by the newest email for that, signs in, and returns the address that the account has.
async fn comes_back(app: &TestApp, address: &str, resets: usize) -> Signed {
    let reset = link(app, &email(app, address, "reset", resets).await);
    let body = json!({"token": token(&reset), "new_password": NEW});
    assert_eq!(Browser::default().post(app, "/api/reset-password", body).await.0, 204);
    let answer = app.login(address, NEW).await;
    assert_eq!(answer.status(), 200);
    signed(answer).await
}

async fn events(app: &TestApp, session: &Signed) -> Vec<String> {
    let items: Value =
        app.get("/api/activity").bearer_auth(&session.access).send().await.unwrap().json().await.unwrap();
    items.as_array().unwrap().iter().map(|item| item["event"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_old_address_gets_the_account_back_and_nothing_of_the_thiefs_works_any_more() {
    let (app, [thief]) = app_with([OLD], &[]).await;
    change(&app, &thief, "eve@evil.example").await;
    let body = json!({"current_password": PASSWORD, "new_password": "a thief chose this one"});
    assert_eq!(post(&app, &thief, "/api/profile/password", body).await.status(), 204);
    let mut eve = Browser::default();
    eve.post(&app, "/api/forgot-password", json!({"email": "eve@evil.example"})).await;
    let thiefs = code(&email(&app, "eve@evil.example", "reset", 1).await);
    let token = alarm(&app, OLD, "email_changed", 1).await;

    let mut ada = Browser::default();
    let (status, body) = answer(&app, &mut ada, &token, "not_me").await;
    assert_eq!((status, &body), (200, &json!({"status": "secured"})));
    assert_eq!(answer(&app, &mut ada, &token, "not_me").await.0, 200, "a double click");
    assert_eq!(app.refresh(&thief.cookie).await.reason(), "secured");
    let codes = json!({"code": thiefs, "new_password": "a thief chose that one"});
    assert_eq!(eve.post(&app, "/api/reset-password", codes).await.1["reason"], "replaced");
    for (address, password) in
        [(OLD, PASSWORD), ("eve@evil.example", "a thief chose this one"), (OLD, "a thief chose this one")]
    {
        assert_eq!(app.login(address, password).await.status(), 401, "{address} {password}");
    }
    let told = email(&app, "eve@evil.example", "undone", 1).await;
    assert!(!told["text"].as_str().unwrap().contains("?t="), "it opens nothing");
    email(&app, OLD, "secured", 1).await;
    let later = alarm(&app, "eve@evil.example", "password_changed", 1).await;
    assert_eq!(refused(&app, &later).await, (403, json!("INVALID_LINK"), json!("replaced")));

    let back = comes_back(&app, OLD, 1).await;
    let now = profile(&app, &back).await;
    assert_eq!((&now["email"], &now["undo_until"]), (&json!(OLD), &Value::Null));
    let events = events(&app, &back).await;
    for event in ["account_secured", "email_change_undone", "email_changed"] {
        assert!(events.iter().any(|happened| happened == event), "{event}: {events:?}");
    }
    app.wait(GRACE);
    assert_eq!(refused(&app, &token).await, (403, json!("INVALID_LINK"), json!("used")));
    app.stop().await;
}

#[tokio::test]
async fn of_two_emails_the_older_one_counts() {
    for older_first in [true, false] {
        let (app, [ada]) = app_with([OLD], &[]).await;
        change(&app, &ada, "b@example.com").await;
        change(&app, &ada, "c@example.com").await;
        let (a, b) =
            (alarm(&app, OLD, "email_changed", 1).await, alarm(&app, "b@example.com", "email_changed", 1).await);
        if older_first {
            secured(&app, &a).await;
            assert_eq!(refused(&app, &b).await, (403, json!("INVALID_LINK"), json!("replaced")));
        } else {
            secured(&app, &b).await;
            let b = comes_back(&app, "b@example.com", 1).await;
            assert_eq!(profile(&app, &b).await["email"], "b@example.com");
            secured(&app, &a).await;
            assert_eq!(app.refresh(&b.cookie).await.reason(), "secured");
            email(&app, "b@example.com", "undone", 1).await;
            let later = alarm(&app, "b@example.com", "password_changed", 1).await;
            assert_eq!(refused(&app, &later).await.2, "replaced", "what whoever holds the newer one did since");
        }
        let back = comes_back(&app, OLD, 1).await;
        assert_eq!(profile(&app, &back).await["email"], OLD);
        app.stop().await;
    }
}

#[tokio::test]
async fn it_was_me_changes_nothing_and_a_link_is_used_once() {
    let (app, [ada]) = app_with([OLD], &[]).await;
    change(&app, &ada, "ada@new.example").await;
    let token = alarm(&app, OLD, "email_changed", 1).await;
    let mut reader = Browser::default();
    for nothing in
        [json!({"token": token}), json!({"token": token, "answer": ""}), json!({"token": token, "answer": "yes"})]
    {
        let (status, body) = reader.post(&app, "/api/secure", nothing).await;
        assert_eq!((status, body["fields"]["answer"].is_string()), (422, true), "{body}");
    }
    assert_eq!(answer(&app, &mut reader, &token, "me").await, (200, json!({"status": "noted"})));
    assert_eq!(answer(&app, &mut reader, &token, "not_me").await.1["reason"], "used");
    assert_eq!(refused(&app, &token).await, (403, json!("INVALID_LINK"), json!("used")));
    assert_eq!(app.protected(&ada.access).await.status(), 200);
    assert_eq!(profile(&app, &ada).await["email"], "ada@new.example");
    assert!(events(&app, &ada).await.contains(&"alarm_answered".to_owned()));
    app.stop().await;
}

#[tokio::test]
async fn of_a_session_what_was_done_in_it_is_undone_and_no_more() {
    let (app, [ada]) = app_with([OLD], &[]).await;
    change(&app, &ada, "ada@new.example").await;
    app.wait(Duration::from_mins(10));
    let thief = app.sign_in("ada@new.example").await;
    let token = alarm(&app, "ada@new.example", "new_device", 1).await;
    change(&app, &thief, "eve@evil.example").await;
    secured(&app, &token).await;
    let back = comes_back(&app, "ada@new.example", 1).await;
    assert_eq!(profile(&app, &back).await["email"], "ada@new.example");
    // What it undid can't be undone again; the older change still can.
    secured(&app, &alarm(&app, OLD, "email_changed", 1).await).await;
    assert_eq!(profile(&app, &comes_back(&app, OLD, 1).await).await["email"], OLD);
    app.stop().await;
}

#[tokio::test]
async fn a_thief_who_signs_in_twice_does_not_keep_what_the_untold_session_did() {
    let (app, [_]) = app_with([OLD], &[]).await;
    let told = alarm(&app, OLD, "new_device", 1).await;
    // Of one kind one is sent in ten minutes.
    let untold = app.sign_in(OLD).await;
    change(&app, &untold, "eve@evil.example").await;
    secured(&app, &told).await;
    email(&app, "eve@evil.example", "undone", 1).await;
    assert_eq!(profile(&app, &comes_back(&app, OLD, 1).await).await["email"], OLD);
    app.stop().await;
}

/// Waits until it is written that the newest token of the session was seen in use.
async fn seen_in_use(app: &TestApp) {
    let pool = app.database().connect().await;
    let sql = "SELECT COUNT(*) FROM sessions WHERE generation > 0 AND confirmed_generation < generation";
    eventually("the token is seen", async || {
        let (unseen,): (i64,) = sqlx::query_as(sql).fetch_one(&pool).await.unwrap();
        (unseen == 0).then_some(())
    })
    .await;
    pool.close().await;
}

#[tokio::test]
async fn an_old_copy_of_a_session_is_told_once_and_undone() {
    let (app, [ada]) = app_with([OLD], &[]).await;
    let mut thief = ada.clone();
    for _ in 0..2 {
        app.wait(GRACE);
        let next = app.refresh(&thief.cookie).await;
        let csrf = next.body["csrf_token"].as_str().unwrap().to_owned();
        thief = Signed { access: next.access().to_owned(), csrf, cookie: next.cookie.clone().unwrap() };
        assert_eq!(app.protected(&thief.access).await.status(), 200);
    }
    seen_in_use(&app).await;
    change(&app, &thief, "eve@evil.example").await;
    app.wait(GRACE);
    for _ in 0..2 {
        assert_eq!(app.refresh(&ada.cookie).await.reason(), "replay");
    }
    let token = alarm(&app, "eve@evil.example", "session_replayed", 1).await;
    secured(&app, &token).await;
    assert_eq!(profile(&app, &comes_back(&app, OLD, 1).await).await["email"], OLD);
    app.stop().await;
}

#[tokio::test]
async fn a_deletion_is_off_and_what_was_downloaded_is_told() {
    let (app, [ada]) = app_with([OLD], &[]).await;
    assert_eq!(post(&app, &ada, "/api/profile/export", json!({})).await.status(), 200);
    let exported = alarm(&app, OLD, "data_exported", 1).await;
    assert_eq!(post(&app, &ada, "/api/profile/delete", json!({})).await.status(), 200);
    secured(&app, &alarm(&app, OLD, "deletion_asked", 1).await).await;
    let back = comes_back(&app, OLD, 1).await;
    assert!(events(&app, &back).await.contains(&"deletion_undone".to_owned()));
    secured(&app, &exported).await;
    assert_eq!(app.refresh(&back.cookie).await.reason(), "secured", "the older email's link was not over");
    app.stop().await;
}

#[tokio::test]
async fn a_link_works_for_its_time_and_for_nothing_else() {
    let (app, [ada]) = app_with([OLD], &["--undo-ttl", "1h"]).await;
    change(&app, &ada, "ada@new.example").await;
    let token = alarm(&app, OLD, "email_changed", 1).await;
    let mut other = Browser::default();
    other.post(&app, "/api/forgot-password", json!({"email": "ada@new.example"})).await;
    let reset = link(&app, &email(&app, "ada@new.example", "reset", 1).await);
    assert_eq!(refused(&app, super::token(&reset)).await, (403, json!("INVALID_LINK"), Value::Null));
    let body = json!({"token": token, "new_password": NEW});
    assert_eq!(other.post(&app, "/api/reset-password", body).await.1["reason"], Value::Null);
    app.wait(Duration::from_hours(1));
    assert_eq!(refused(&app, &token).await, (403, json!("INVALID_LINK"), json!("expired")));
    app.wait(UNDO);
    app.stop().await;
}

#[tokio::test]
async fn many_answers_at_once_are_one() {
    let (app, [ada]) = app_with([OLD], &[]).await;
    change(&app, &ada, "ada@new.example").await;
    let token = alarm(&app, OLD, "email_changed", 1).await;
    let request = || app.post("/api/secure").json(&json!({"token": token, "answer": "not_me"}));
    let answers = at_once((0..4).map(|_| request()).collect()).await;
    let mut statuses: Vec<_> = answers.iter().map(|(_, answer)| answer.status().as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403, 403, 403]);
    email(&app, OLD, "reset", 1).await;
    app.stop().await;
}

#[tokio::test]
async fn without_script_the_page_asks_and_nothing_is_chosen() {
    let (app, [ada]) = app_with([OLD], &[]).await;
    change(&app, &ada, "ada@new.example").await;
    let token = alarm(&app, OLD, "email_changed", 1).await;
    let mut reader = Browser::default();
    assert_eq!(reader.open(&app, &format!("/secure?t={token}")).await, (303, "/secure".to_owned()));
    let (status, page) = reader.open(&app, "/secure").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("The email address of your account was changed.") && page.contains(OLD) && !page.contains(&token)
    );
    assert!(!page.contains("ada@new.example"), "only to whoever was told");
    let radios: Vec<_> = elements(&page).into_iter().filter(|tag| tag.contains("name=\"answer\"")).collect();
    assert!(radios.len() == 2 && radios.iter().all(|radio| !radio.contains("checked")), "{radios:?}");
    let form = HtmlForm::find(&page, "/api/secure");
    assert_eq!(reader.submit(&app, &form).await, "/secure?error=VALIDATION");
    let (_, page) = reader.open(&app, "/secure?error=VALIDATION").await;
    assert!(page.contains("Choose one of the two."));
    assert_eq!(reader.submit(&app, &form.with("answer", "not_me")).await, "/secure");
    let (_, page) = reader.open(&app, "/secure").await;
    assert!(page.contains("Your account is as it was before"), "{page}");
    let (_, page) = Browser::default().open(&app, "/secure").await;
    assert!(page.contains("This link can") && !page.contains(OLD));
    app.stop().await;
}

#[tokio::test]
async fn without_mail_it_is_not_there() {
    let app = TestApp::start().await;
    let answer = app.post("/api/secure").json(&json!({"answer": "me"})).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), app.page("/secure", "").await.status().as_u16()), (404, 404));
    let app = app.restart(MAIL).await;
    assert!(mailbox(&app, OLD).await.is_empty());
    app.stop().await;
}
