//! Where sessions probably are, with a city database and without one.

use crate::support::{PASSWORD, Signed, TestApp, eventually, signed};
use serde_json::{Value, json};
use std::time::Duration;

/// A city database of made-up places.
pub const CITIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/freshkey-core/src/services/places/cities.mmdb");
const BERLIN: &str = "203.0.113.7";
const PROXY: [&str; 2] = ["--trusted-proxies", "127.0.0.1"];
const ADA: &str = "ada@example.com";

async fn with_cities(flags: &[&str]) -> TestApp {
    TestApp::with(&[&["--places-file", CITIES], &PROXY[..], flags].concat()).await
}

async fn sign_in_from(app: &TestApp, address: &str) -> Signed {
    // The lists are in the order of time.
    app.wait(Duration::from_secs(1));
    let body = json!({"email": ADA, "password": PASSWORD});
    let answer = app.post("/api/login").header("x-forwarded-for", address).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    signed(answer).await
}

async fn read(app: &TestApp, session: &Signed, path: &str) -> Value {
    app.get(path).bearer_auth(&session.access).send().await.unwrap().json().await.unwrap()
}

/// The address and the place of each entry.
fn places(list: &Value) -> Vec<[Option<&str>; 2]> {
    list.as_array().unwrap().iter().map(|item| ["ip", "place"].map(|name| item[name].as_str())).collect()
}

/// The activity, once this many sign-ins are in it.
async fn activity(app: &TestApp, session: &Signed, sign_ins: usize) -> Value {
    eventually("the sign-ins are written", async || {
        let list = read(app, session, "/api/activity").await;
        let found = list.as_array().unwrap().iter().filter(|item| item["event"] == "signed_in").count();
        (found == sign_ins).then_some(list)
    })
    .await
}

async fn page(app: &TestApp, session: &Signed, path: &str) -> String {
    let page = app.get(path).header("cookie", format!("refresh={}", session.cookie));
    page.send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn sessions_and_activity_say_where_they_are() {
    let app = with_cities(&[]).await;
    app.register(ADA).await;
    sign_in_from(&app, "192.0.2.7").await;
    sign_in_from(&app, "10.0.0.7").await;
    sign_in_from(&app, "2001:db8::7").await;
    let berlin = sign_in_from(&app, BERLIN).await;
    let expected = [
        [Some(BERLIN), Some("Berlin, Germany")],
        [Some("2001:db8::7"), Some("Austria")],
        [Some("10.0.0.7"), None],
        [Some("192.0.2.7"), None],
        [Some("127.0.0.1"), None],
    ];
    let sessions = read(&app, &berlin, "/api/sessions").await;
    assert_eq!(places(&sessions), expected);
    assert!(sessions[2].get("place").is_none(), "what is not known is left out: {sessions}");
    let happened = activity(&app, &berlin, 5).await;
    assert_eq!(places(&happened)[..4], expected[..4]);

    let html = page(&app, &berlin, "/app/sessions").await;
    assert!(html.contains("203.0.113.7 (likely Berlin, Germany)") && html.contains("(likely Austria)"), "{html}");
    assert!(html.contains(">10.0.0.7<"), "{html}");
    let html = page(&app, &berlin, "/app/security").await;
    assert!(html.contains("203.0.113.7 (likely Berlin, Germany)"), "{html}");
    app.stop().await;
}

#[tokio::test]
async fn an_administrator_sees_the_places_of_an_account() {
    let app = with_cities(&[]).await;
    app.register(ADA).await;
    let session = sign_in_from(&app, BERLIN).await;
    let pool = app.database().connect().await;
    sqlx::query("UPDATE users SET role = 'admin'").execute(&pool).await.unwrap();
    pool.close().await;
    let me = read(&app, &session, "/api/me").await;
    let html = page(&app, &session, &format!("/app/admin/users/{}", me["id"].as_str().unwrap())).await;
    assert!(html.contains("203.0.113.7 (likely Berlin, Germany)"), "{html}");
    app.stop().await;
}

#[tokio::test]
async fn an_email_about_a_new_device_says_where_it_is() {
    let app = TestApp::start().await;
    app.register(ADA).await;
    let app = app.restart(&["--places-file", CITIES, PROXY[0], PROXY[1], "--mail", "dev"]).await;
    sign_in_from(&app, BERLIN).await;
    let email = crate::steps::email(&app, ADA, "new_device", 1).await;
    let text = email["text"].as_str().unwrap();
    assert!(text.contains("203.0.113.7") && text.contains("Place (estimated): Berlin, Germany"), "{text}");
    app.stop().await;
}

#[tokio::test]
async fn without_a_database_nothing_is_said() {
    let app = TestApp::with(&PROXY).await;
    app.register(ADA).await;
    let session = sign_in_from(&app, BERLIN).await;
    let sessions = read(&app, &session, "/api/sessions").await;
    let names: Vec<_> = sessions[0].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 6, "{names:?}");
    for list in [sessions, activity(&app, &session, 2).await] {
        assert!(list.as_array().unwrap().iter().all(|item| item.get("place").is_none()), "{list}");
    }
    let html = page(&app, &session, "/app/sessions").await;
    assert!(html.contains(">203.0.113.7<") && !html.contains("likely"), "{html}");
    app.stop().await;
}
