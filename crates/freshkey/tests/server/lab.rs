//! `/lab`: what its throw-away sessions can do, and what they can't.

mod left_out;
mod settings;

use crate::support::{TestApp, code, settings};
use freshkey::{
    app::{token::Token, types::Millis},
    server::{
        gcra::{Limit, Limiter, Verdict},
        realm::clean_up_now,
        settings::Database,
        store::Store,
    },
};
use freshkey_lab::app::types::Bucket;
use futures::FutureExt;
use proptest::prelude::*;
use reqwest::Response;
use serde_json::{Value, json};
use std::time::Duration;

/// What spares a visitor the wait: the lab's own grace period.
const GRACE: Duration = Duration::from_secs(2);
const LIFE: Duration = Duration::from_mins(10);

async fn post(app: &TestApp, path: &str, access: &str, body: Value) -> Response {
    let request = app.post(path).json(&body);
    let request = if access.is_empty() { request } else { request.bearer_auth(access) };
    let answer = request.send().await.unwrap();
    assert!(answer.headers().get("set-cookie").is_none(), "{path} sets no cookie");
    answer
}

async fn begin(app: &TestApp, body: Value) -> Value {
    let answer = post(app, "/api/lab/begin", "", body).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap_or_else(|| panic!("{name} in {answer}"))
}

fn payload(token: &Token) -> Value {
    serde_json::from_str(&token.payload).unwrap()
}

/// The token in the name of somebody else.
fn forged(token: &Token) -> String {
    token.forged(token.header.clone(), token.payload.replace("visitor@lab.invalid", "admin@example.com")).to_string()
}

async fn protected(app: &TestApp, access: &str) -> Response {
    app.get("/api/lab/protected").bearer_auth(access).send().await.unwrap()
}

#[tokio::test]
async fn the_page_is_there_and_live_where_it_is_turned_on() {
    for (flags, live) in [
        (&[][..], true),
        (&["--lab", "off"], false),
        (&["--origin", "https://example.com"], false),
        (&["--origin", "https://example.com", "--lab", "on"], true),
    ] {
        let app = TestApp::with(flags).await;
        let page = app.get("/lab").send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(page.headers().get("set-cookie").is_none());
        let html = page.text().await.unwrap();
        assert_eq!(html.contains("Get a new token"), live, "{flags:?}");
        assert_eq!(html.contains("FRESHKEY_LAB=on"), !live, "{flags:?}");
        for text in ["HttpOnly", "Fetch Metadata", "Decision::Replay", "1 refresh instead of 12"] {
            assert!(html.contains(text), "explained all the same: {text}");
        }
        let begun = post(&app, "/api/lab/begin", "", json!({})).await;
        assert_eq!(begun.status(), if live { 200 } else { 404 });
        let terms: Value = app.get("/api/lab").send().await.unwrap().json().await.unwrap();
        assert_eq!(terms["live"], live);
        app.stop().await;
    }
}

#[tokio::test]
async fn the_guide_for_other_services_is_text() {
    let app = TestApp::with(&["--lab", "off"]).await;
    let guide = app.get("/lab/verify-tokens.md").send().await.unwrap();
    assert_eq!(guide.headers()["content-type"], "text/plain; charset=utf-8");
    assert!(guide.text().await.unwrap().contains("jwtVerify"));
    app.stop().await;
}

#[tokio::test]
async fn its_token_is_a_real_one_and_runs_out() {
    let app = TestApp::start().await;
    let begun = begin(&app, json!({"life": 1})).await;
    let access = text(&begun, "access_token");
    let token = Token::take_apart(access).unwrap();
    assert_eq!(payload(&token)["aud"], format!("{}/lab", app.origin));
    assert_eq!(protected(&app, access).await.status(), 200);
    app.wait(Duration::from_secs(1));
    let refused = protected(&app, access).await;
    assert_eq!(refused.status(), 401);
    assert!(refused.headers()["www-authenticate"].to_str().unwrap().contains("Token expired"));
    assert_eq!(code(refused).await, "TOKEN_EXPIRED");
    assert_eq!(code(protected(&app, &forged(&token)).await).await, "INVALID_TOKEN");
    app.stop().await;
}

#[tokio::test]
async fn a_token_is_checked_as_for_a_protected_call() {
    let app = TestApp::with(&["--rate-limit", "8/1m"]).await;
    let (member, begun) = (app.register("ada@example.com").await, begin(&app, json!({})).await);
    let (access, refresh) = (text(&begun, "access_token"), json!({"refresh_token": begun["refresh_token"]}));
    let token = Token::take_apart(access).unwrap();
    let said = async |token: &str| -> Value {
        let checked = post(&app, "/api/lab/check", access, json!({"access_token": token})).await;
        assert_eq!(checked.status(), 200, "and not 429: it counts for the session of the good token");
        checked.json::<Value>().await.unwrap()["refused"].clone()
    };
    for _ in 0..10 {
        assert_eq!(said(&forged(&token)).await, "INVALID_TOKEN");
    }
    assert_eq!(said(access).await, Value::Null);
    assert_eq!(said(&member.access).await, "INVALID_TOKEN");
    assert_eq!(said("line\nbreak").await, "INVALID_TOKEN");
    app.wait(GRACE);
    let fresh: Value = post(&app, "/api/lab/refresh", access, refresh.clone()).await.json().await.unwrap();
    assert_eq!(said(text(&fresh, "access_token")).await, Value::Null);
    protected(&app, text(&fresh, "access_token")).await;
    app.wait(GRACE);
    app.lab_confirmed().await;
    post(&app, "/api/lab/refresh", access, refresh).await;
    assert_eq!(said(access).await, "SESSION_ENDED");
    let brief = begin(&app, json!({"life": 1})).await;
    app.wait(Duration::from_secs(1));
    assert_eq!(said(text(&brief, "access_token")).await, "TOKEN_EXPIRED");
    app.stop().await;
}

#[tokio::test]
async fn it_is_no_account() {
    let app = TestApp::start().await;
    let (begun, member) = (begin(&app, json!({})).await, app.register("ada@example.com").await);
    let (access, refresh) = (text(&begun, "access_token"), text(&begun, "refresh_token"));
    for path in ["/api/protected", "/api/me", "/api/sessions", "/api/activity"] {
        let answer = app.get(path).bearer_auth(access).send().await.unwrap();
        assert_eq!(code(answer).await, "INVALID_TOKEN", "{path}");
    }
    for path in ["/api/protected", "/api/logout-all", "/api/sessions/revoke"] {
        let request = app.post(path).bearer_auth(access).header("x-csrf-token", text(&begun, "csrf_token"));
        assert_eq!(code(request.json(&json!({"id": "x"})).send().await.unwrap()).await, "INVALID_TOKEN", "{path}");
    }
    assert_eq!(app.refresh(refresh).await.code(), "INVALID_REFRESH_TOKEN", "no cookie either");
    let page = app.get("/app").header("cookie", format!("refresh={refresh}")).send().await.unwrap();
    assert_eq!(page.status(), 303);
    let name = payload(&Token::take_apart(access).unwrap())["sub"].as_str().unwrap().to_owned();
    for address in ["visitor@lab.invalid".to_owned(), format!("throw-away:{name}")] {
        assert_eq!(app.login(&address, "").await.status(), 422);
        assert_eq!(code(app.login(&address, "a wrong brown horse").await).await, "INVALID_CREDENTIALS");
    }
    let database = app.database().connect().await;
    let accounts: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users").fetch_one(&database).await.unwrap();
    assert_eq!(accounts, 1, "only the member is an account");
    database.close().await;

    // Nor is an account anything in the lab.
    assert_eq!(code(protected(&app, &member.access).await).await, "INVALID_TOKEN");
    let stolen = post(&app, "/api/lab/refresh", "", json!({"refresh_token": member.cookie})).await;
    assert_eq!(code(stolen).await, "INVALID_REFRESH_TOKEN");
    let form = app.post("/api/lab/protected").header("cookie", format!("refresh={}", member.cookie));
    assert_eq!(code(form.form(&[("_csrf", &member.csrf)]).send().await.unwrap()).await, "TOKEN_NOT_FOUND");
    assert_eq!(app.protected(&member.access).await.status(), 200, "the visitor's own session goes on");
    assert!(app.refresh(&member.cookie).await.status == 200);
    app.stop().await;
}

#[tokio::test]
async fn a_replay_ends_the_throw_away_session() {
    let app = TestApp::start().await;
    let begun = begin(&app, json!({})).await;
    let (stolen, counted) = (json!({"refresh_token": begun["refresh_token"]}), text(&begun, "access_token"));
    app.wait(GRACE);
    let first: Value = post(&app, "/api/lab/refresh", counted, stolen.clone()).await.json().await.unwrap();
    assert_eq!(first["generation"], 1);
    let loser: Value = post(&app, "/api/lab/refresh", counted, stolen.clone()).await.json().await.unwrap();
    assert_eq!(loser["refresh_token"], first["refresh_token"], "within the grace it gets the same successor");
    assert_eq!(protected(&app, text(&first, "access_token")).await.status(), 200);
    app.wait(GRACE);
    app.lab_confirmed().await;
    let replayed = post(&app, "/api/lab/refresh", counted, stolen).await;
    let replayed: Value = replayed.json().await.unwrap();
    assert_eq!((text(&replayed, "code"), text(&replayed, "reason")), ("INVALID_REFRESH_TOKEN", "replay"));
    let over: Value = protected(&app, text(&first, "access_token")).await.json().await.unwrap();
    assert_eq!((text(&over, "code"), text(&over, "reason")), ("SESSION_ENDED", "replay"));
    app.stop().await;
}

#[tokio::test]
async fn forgeries_bounce_and_the_page_itself_passes() {
    let app = TestApp::start().await;
    for forgery in ["another_site", "neighbour", "old_browser", "frame"] {
        let answer: Value = post(&app, "/api/lab/bounce", "", json!({"forgery": forgery})).await.json().await.unwrap();
        assert_eq!(answer["refused"], "CROSS_ORIGIN", "{forgery}");
        assert!(!answer["headers"].as_array().unwrap().is_empty());
    }
    assert_eq!(post(&app, "/api/lab/bounce", "", json!({"forgery": "x"})).await.status(), 422);
    let own = app.post("/api/lab/bounce").header("sec-fetch-site", "same-origin").json(&json!({}));
    let own: Value = own.send().await.unwrap().json().await.unwrap();
    assert_eq!(own["refused"], Value::Null);
    assert_eq!(own["headers"], json!([{"name": "sec-fetch-site", "value": "same-origin"}]));

    let (mine, other) = (begin(&app, json!({})).await, begin(&app, json!({})).await);
    let access = text(&mine, "access_token");
    for (token, status) in [("", 403), (text(&other, "csrf_token"), 403), (text(&mine, "csrf_token"), 200)] {
        let request = app.post("/api/lab/protected").bearer_auth(access).header("x-csrf-token", token);
        assert_eq!(request.json(&json!({})).send().await.unwrap().status(), status);
    }
    app.stop().await;
}

#[tokio::test]
async fn the_bucket_is_a_sessions_own_and_says_how_long_to_wait() {
    let app = TestApp::start().await;
    let (mine, other) = (begin(&app, json!({})).await, begin(&app, json!({})).await);
    let (mine, other) = (text(&mine, "access_token"), text(&other, "access_token"));
    for _ in 0..6 {
        assert_eq!(post(&app, "/api/lab/knock", mine, json!({})).await.status(), 204);
    }
    let refused = post(&app, "/api/lab/knock", mine, json!({})).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"3".parse().unwrap()));
    assert_eq!(refused.headers()["ratelimit-policy"], "\"lab\";q=6;w=18");
    assert_eq!(post(&app, "/api/lab/knock", other, json!({})).await.status(), 204);
    app.wait(Duration::from_secs(3));
    assert_eq!(post(&app, "/api/lab/knock", mine, json!({})).await.status(), 204);
    assert_eq!(code(post(&app, "/api/lab/knock", "", json!({})).await).await, "TOKEN_NOT_FOUND");
    app.stop().await;
}

#[tokio::test]
async fn it_counts_like_every_call() {
    let app = TestApp::with(&["--rate-limit", "3/1m", "--session-rate-limit", "5/1m"]).await;
    let begun = begin(&app, json!({"life": 1})).await;
    let access = text(&begun, "access_token");
    app.wait(Duration::from_secs(1));
    for _ in 0..5 {
        assert_eq!(protected(&app, access).await.status(), 401, "run out, it counts for its session");
    }
    assert_eq!(protected(&app, access).await.status(), 429);
    begin(&app, json!({})).await;
    assert_eq!(protected(&app, "forged").await.status(), 403);
    assert_eq!(post(&app, "/api/lab/begin", "", json!({})).await.status(), 429, "what is begun counts for the address");
    app.wait(LIFE);
    for _ in 0..3 {
        assert_eq!(protected(&app, access).await.status(), 401);
    }
    assert_eq!(protected(&app, access).await.status(), 429, "a session that is over has no allowance");
    app.stop().await;
}

#[tokio::test]
async fn what_was_thrown_away_is_cleared_up() {
    let folder = tempfile::tempdir().unwrap();
    let database = settings(folder.path(), &[]).data.database;
    let Database::Sqlite(_) = &database else { panic!("the default is a file") };
    let store = Store::open(&database).await.unwrap();
    for _ in 0..250 {
        store.insert_throw_away_user("visitor@lab.invalid", Millis(1000)).await.unwrap();
    }
    let young = store.insert_throw_away_user("visitor@lab.invalid", Millis(2000)).await.unwrap();
    clean_up_now(&store, Millis(5000), Millis(6001)).await.unwrap();
    let left: Vec<String> = store.accounts().await.unwrap().into_iter().map(|account| account.id).collect();
    assert_eq!(left, [young]);
    store.close().await;
}

proptest! {
    /// What is drawn is what the server counts: it refuses exactly when there is no room for one more.
    #[test]
    fn the_drawn_bucket_is_the_servers(steps in prop::collection::vec(0..5000_i32, 1..60)) {
        let (count, period) = (6, Millis::from_secs(18));
        let limiter = Limiter::new("test", Limit { count, period }, None);
        let (mut bucket, mut now) = (Bucket::default(), 0);
        for step in steps {
            now += step;
            let room = bucket.level(3000.0, f64::from(now)) + 1.0 <= f64::from(count) + 1e-9;
            let counted = limiter.count(&0, Millis(now.into())).now_or_never().expect("at once");
            prop_assert_eq!(counted == Verdict::Allowed, room);
            if room {
                bucket = bucket.filled(3000.0, f64::from(now));
            }
        }
    }
}
