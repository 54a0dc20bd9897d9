//! What links lead to, where they are used without a page of ours, or another one was opened meanwhile.

use super::{Browser, MAIL, NEW, TestApp, asked, email, email_change::app_with, link, registration, token};
use crate::support::{HtmlForm, PASSWORD};
use serde_json::{Value, json};

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn the_link_that_was_opened_needs_no_field() {
    let app = TestApp::with(MAIL).await;
    let (mut ada, mut phone) = (Browser::default(), Browser::default());
    asked(&mut ada, &app, "/api/register", registration(ADA)).await;
    phone.open(&app, &link(&app, &email(&app, ADA, "register", 1).await)).await;
    let wrong = phone.post(&app, "/api/reset-password", json!({"new_password": NEW})).await;
    assert_eq!((wrong.0, &wrong.1["code"]), (403, &json!("CHALLENGE_OVER")), "it is for something else");
    let (status, answer) = phone.post(&app, "/api/register/confirm", json!({"password": NEW})).await;
    assert_eq!(status, 201, "{answer}");

    asked(&mut ada, &app, "/api/forgot-password", json!({"email": ADA})).await;
    phone.open(&app, &link(&app, &email(&app, ADA, "reset", 1).await)).await;
    let named = json!({"challenge": "0198c0de-0000-7000-8000-000000000001", "new_password": PASSWORD});
    assert_eq!(phone.post(&app, "/api/reset-password", named).await.1["code"], "CHALLENGE_OVER");
    assert_eq!(phone.post(&app, "/api/reset-password", json!({"new_password": PASSWORD})).await.0, 204);
    assert_eq!(app.login(ADA, PASSWORD).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn a_link_for_something_else_that_took_its_place_is_told() {
    let (app, [_]) = app_with([ADA], &[]).await;
    let alarm = link(&app, &email(&app, ADA, "new_device", 1).await);
    let mut phone = Browser::default();
    asked(&mut phone, &app, "/api/forgot-password", json!({"email": ADA})).await;
    let reset = link(&app, &email(&app, ADA, "reset", 1).await);
    let mut forms = Vec::new();
    for (link, page, action) in [(&alarm, "/secure", "/api/secure"), (&reset, "/reset", "/api/reset-password")] {
        phone.open(&app, link).await;
        let (_, html) = phone.open(&app, page).await;
        forms.push(HtmlForm::find(&html, action).field("link").to_owned());
    }
    let replaced = (403, json!("INVALID_LINK"), json!("replaced"));
    let refusal = |(status, body): (u16, Value)| (status, body["code"].clone(), body["reason"].clone());
    let answer = json!({"link": forms[0], "answer": "not_me"});
    assert_eq!(refusal(phone.post(&app, "/api/secure", answer).await), replaced);
    phone.open(&app, &alarm).await;
    let body = json!({"link": forms[1], "new_password": NEW});
    assert_eq!(refusal(phone.post(&app, "/api/reset-password", body).await), replaced);
    app.stop().await;
}

#[tokio::test]
async fn a_name_is_judged_in_the_browser_that_registered_as_well() {
    let app = TestApp::with(MAIL).await;
    let mut ada = Browser::default();
    asked(&mut ada, &app, "/api/register", registration(ADA)).await;
    let link = link(&app, &email(&app, ADA, "register", 1).await);
    let named = |name: &str| json!({"token": token(&link), "name": name});
    let (status, refused) = ada.post(&app, "/api/register/confirm", named("Ada\nLovelace")).await;
    assert_eq!((status, refused["fields"]["name"].is_string()), (422, true), "{refused}");
    let (status, answer) = ada.post(&app, "/api/register/confirm", named("Ada Lovelace")).await;
    assert_eq!((status, &answer["user"]["name"]), (201, &json!("Ada Lovelace")));
    app.stop().await;
}
