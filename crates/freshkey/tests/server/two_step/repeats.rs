//! Second steps that are sent again, and what counts as a wrong one; whom a tick is for.

use super::{ADA, Protected, STEP, add, call, emails};
use crate::{
    steps::{
        self, email,
        email_change::app_with,
        full::{drain, fill},
    },
    support::{Browser, PASSWORD, TestApp, at_once, code_at, cookie, seed},
};
use serde_json::{Value, json};

const BOB: &str = "bob@example.com";

/// The same call several times at once, by a browser that has taken the first step.
pub async fn assert_one_session(app: &TestApp, browser: &Browser, path: &str, body: &Value) {
    let request = || app.post(path).header("cookie", browser.header()).json(body);
    let answers = at_once((0..4).map(|_| request()).collect()).await;
    let mut cookies = Vec::new();
    for (_, answer) in answers {
        let (status, set) = (answer.status(), cookie(&answer, "refresh"));
        assert_eq!(status, 200, "{}", answer.text().await.unwrap());
        cookies.push(set.expect("a session"));
    }
    cookies.dedup();
    assert_eq!(cookies.len(), 1, "they are one sign-in");
}

#[tokio::test]
async fn a_code_that_is_sent_again_at_the_same_time_is_one_sign_in() {
    let it = Protected::with(&["--login-rate-limit", "off"]).await;
    let mut ada = Browser::default();
    for n in 0..4 {
        it.password(&mut ada).await;
        it.app.wait(STEP);
        let code = if n % 2 == 0 { it.code() } else { it.recovery[n].clone() };
        assert_one_session(&it.app, &ada, "/api/login/second-factor", &json!({"code": code})).await;
    }
    it.app.stop().await;
}

#[tokio::test]
async fn the_last_try_is_one_however_often_it_is_sent_at_once() {
    let it = Protected::with(&["--login-rate-limit", "off"]).await;
    let mut ada = Browser::default();
    for _ in 0..4 {
        it.password(&mut ada).await;
        it.app.wait(STEP);
        let wrong = code_at(&it.seed, it.app.now() - 3_600_000);
        for left in (1..5).rev() {
            let (_, refused) = ada.post(&it.app, "/api/login/second-factor", json!({"code": wrong})).await;
            assert_eq!(refused["attempts_left"], left, "{refused}");
        }
        assert_one_session(&it.app, &ada, "/api/login/second-factor", &json!({"code": it.code()})).await;
    }
    it.app.stop().await;
}

#[tokio::test]
async fn of_many_guesses_at_once_five_are_judged() {
    let it = Protected::with(&["--login-rate-limit", "off"]).await;
    let mut ada = Browser::default();
    it.password(&mut ada).await;
    it.app.wait(STEP);
    let wrong = json!({"code": code_at(&it.seed, it.app.now() - 3_600_000)});
    let request = || it.app.post("/api/login/second-factor").header("cookie", ada.header()).json(&wrong);
    let mut codes = Vec::new();
    for (_, answer) in at_once((0..12).map(|_| request()).collect()).await {
        assert_eq!(answer.status(), 403);
        codes.push(answer.json::<Value>().await.unwrap()["code"].as_str().unwrap().to_owned());
    }
    codes.sort();
    assert_eq!(codes.iter().filter(|code| *code == "INVALID_CODE").count(), 5, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| *code == "CHALLENGE_OVER").count(), 7, "{codes:?}");
    let right = json!({"code": it.code()});
    let (_, refused) = ada.post(&it.app, "/api/login/second-factor", right).await;
    assert_eq!((&refused["code"], &refused["reason"]), (&json!("CHALLENGE_OVER"), &json!("attempts")));
    it.app.stop().await;
}

#[tokio::test]
async fn a_right_code_that_could_not_be_followed_is_not_a_wrong_one() {
    let it = Protected::with(&[]).await;
    let mut ada = Browser::default();
    it.password(&mut ada).await;
    let (_, waiting) = call(&it.app, &it.session, "/api/factors/totp", json!({})).await;
    let code = code_at(&seed(waiting["secret"].as_str().unwrap()), it.app.now());
    let (by, confirm) = (json!({"code": it.recovery[0]}), json!({"id": waiting["id"], "code": code}));
    fill(&it.app).await;
    for time in 1..=6 {
        let (status, refused) = ada.post(&it.app, "/api/login/second-factor", by.clone()).await;
        assert_eq!((status, &refused["code"]), (503, &json!("OVERLOADED")), "the {time}. time");
        let (status, refused) = call(&it.app, &it.session, "/api/factors/totp/confirm", confirm.clone()).await;
        assert_eq!((status, &refused["code"]), (503, &json!("OVERLOADED")), "the {time}. time");
    }
    drain(&it.app).await;
    assert_eq!(ada.post(&it.app, "/api/login/second-factor", by).await.0, 200);
    assert_eq!(call(&it.app, &it.session, "/api/factors/totp/confirm", confirm).await.0, 200);
    it.app.stop().await;
}

#[tokio::test]
async fn whoever_came_by_a_mailed_code_is_not_said_to_know_the_password() {
    let it = Protected::with(&[]).await;
    let mut ada = Browser::default();
    ada.post(&it.app, "/api/login/code", json!({"email": ADA})).await;
    let mailed = steps::code(&email(&it.app, ADA, "sign_in_code", 1).await);
    assert_eq!(ada.post(&it.app, "/api/login/code/confirm", json!({"code": mailed})).await.0, 202);
    for _ in 0..3 {
        assert_eq!(ada.post(&it.app, "/api/login/second-factor", json!({"code": "000000"})).await.0, 403);
    }
    let mut eve = Browser::default();
    it.password(&mut eve).await;
    assert_eq!(emails(&it.app, "second_step_refused").await, 0);
    for _ in 0..3 {
        assert_eq!(eve.post(&it.app, "/api/login/second-factor", json!({"code": "000000"})).await.0, 403);
    }
    email(&it.app, ADA, "second_step_refused", 1).await;
    it.app.stop().await;
}

#[tokio::test]
async fn trust_is_of_the_browser_in_which_the_box_was_ticked() {
    let (app, [ada, bob]) = app_with([ADA, BOB], &[]).await;
    let seeds = [add(&app, &ada).await.0, add(&app, &bob).await.0];
    let second = async |browser: &mut Browser, n: usize, trust: bool| {
        let login = json!({"email": if n == 0 { ADA } else { BOB }, "password": PASSWORD});
        assert_eq!(browser.post(&app, "/api/login", login).await.0, 202);
        app.wait(STEP);
        let body = json!({"code": code_at(&seeds[n], app.now()), "trust": trust});
        assert_eq!(browser.clone().post(&app, "/api/login/second-factor", body.clone()).await.0, 200);
        assert_eq!(browser.post(&app, "/api/login/second-factor", body).await.0, 200, "the answer was lost");
    };
    let login = async |browser: &mut Browser, email: &str| {
        browser.post(&app, "/api/login", json!({"email": email, "password": PASSWORD})).await.0
    };
    let (mut ticked, mut beside) = (Browser::default(), Browser::default());
    second(&mut ticked, 0, true).await;
    second(&mut beside, 0, false).await;
    assert_eq!(ticked.value("device"), beside.value("device"), "from one address, by one name");
    assert_eq!(login(&mut beside, ADA).await, 202);
    second(&mut ticked, 1, true).await;
    assert!(ticked.header().len() < 4096);
    assert_eq!((login(&mut ticked, ADA).await, login(&mut ticked, BOB).await), (200, 200), "by both accounts");
    // What somebody plants is nothing that the account trusts.
    let planted = ticked.value("device").unwrap().to_owned();
    beside.set("trust", &planted);
    assert_eq!(login(&mut beside, ADA).await, 202);
    app.stop().await;
}
