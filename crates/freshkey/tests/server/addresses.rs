//! Addresses and names: compared by what people mean, refused where nobody sees what is in them.

use crate::support::{GRACE, PASSWORD, TestApp, code, signed};
use reqwest::Response;
use serde_json::{Value, json};

async fn register(app: &TestApp, email: &str, name: Option<&str>) -> Response {
    let body = json!({"email": email, "password": PASSWORD, "name": name});
    app.post("/api/register").json(&body).send().await.unwrap()
}

async fn sentence(answer: Response, field: &str) -> String {
    assert_eq!(answer.status(), 422);
    let body: Value = answer.json().await.unwrap();
    body["fields"][field].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

#[tokio::test]
async fn a_domain_is_one_in_unicode_and_in_punycode() {
    let app = TestApp::with(&["--rate-limit", "off", "--refresh-grace", "0s"]).await;
    let registered = register(&app, "lena@xn--mnchen-3ya.de", None).await;
    assert_eq!(registered.status(), 201);
    for same in ["lena@münchen.de", "LENA@MÜNCHEN.DE", "lena@mu\u{308}nchen.de", "lena@München。de"] {
        assert_eq!(app.login(same, PASSWORD).await.status(), 200, "{same}");
        assert_eq!(code(register(&app, same, None).await).await, "EMAIL_TAKEN", "{same}");
    }
    let typed = register(&app, "Max@München.de", None).await;
    assert_eq!(typed.json::<Value>().await.unwrap()["user"]["email"], "Max@München.de", "shown as it was typed");
    app.stop().await;
}

#[tokio::test]
async fn a_local_part_is_folded_in_full_and_nothing_more() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    for (one, other, same) in [
        ("straße@example.com", "STRASSE@example.com", true),
        ("οδος@example.com", "ΟΔΟΣ@example.com", true),
        ("ıris@example.com", "iris@example.com", false),
        ("ﬁn@example.com", "FIN@example.com", true),
    ] {
        assert_eq!(register(&app, one, None).await.status(), 201, "{one}");
        let status = app.login(other, PASSWORD).await.status();
        assert_eq!(status == 200, same, "{one} {other}: {status}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_nobody_sees_in_an_address_is_refused_with_a_sentence() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    register(&app, "ada@example.com", None).await;
    for bad in [
        "\u{202a}ada@example.com\u{202c}",
        "a\u{200b}da@example.com",
        "\u{feff}ada@example.com",
        "ada\u{ad}@example.com",
        "ada@exam\u{2060}ple.com",
        "ada\u{e0041}@example.com",
        "ada\u{3164}@example.com",
        "ada\u{0}@example.com",
    ] {
        let said = sentence(register(&app, bad, None).await, "email").await;
        assert!(said.contains("invisible"), "{bad:?}: {said}");
        assert_eq!(code(app.login(bad, PASSWORD).await).await, "INVALID_CREDENTIALS", "{bad:?}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_name_is_judged_by_what_it_shows_and_isolated_where_it_is_shown() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    for bad in [
        "\u{200b}",
        "\u{feff}\u{ad}",
        "\u{3164}",
        "Ada\u{202e}",
        "\u{2067}Ada",
        "A\u{2028}B",
        "A\u{2029}B",
        "\u{301}",
        "\u{2800}",
    ] {
        assert!(!sentence(register(&app, "ada@example.com", Some(bad)).await, "name").await.is_empty(), "{bad:?}");
    }
    let session = signed(register(&app, "ada@example.com", Some("Ada")).await).await;
    for good in ["👩\u{200d}💻", "می\u{200c}خواهم", "❤\u{fe0f}", "שלום", "Ada Łącka"] {
        let request = app.post("/api/profile/name").bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
        let answer = request.json(&json!({"name": good})).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{good}");
        let page = app.get("/app").header("cookie", format!("refresh={}", session.cookie)).send().await.unwrap();
        let html = page.text().await.unwrap();
        assert!(html.contains(&format!("<bdi>{good}<")), "{good}: {html}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_note_that_shows_nothing_is_none() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let request = app.post("/api/notes").bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
    let answer = request.json(&json!({"text": "\u{200b}\u{feff}"})).send().await.unwrap();
    assert!(sentence(answer, "text").await.contains("Write something"));
    app.stop().await;
}

/// Accounts of before, whose addresses by today's rules are none, or another account's.
#[tokio::test]
async fn accounts_of_before_sign_in_as_ever() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    let accounts = [
        ("lena@münchen.de", "lena@münchen.de"),
        ("lena@xn--mnchen-3ya.de", "lena@xn--mnchen-3ya.de"),
        ("\u{202a}bob@example.com", "\u{202a}bob@example.com"),
        ("ıris@example.com", "iris@example.com"),
    ];
    let database = app.database().connect().await;
    for (index, (email, key)) in accounts.iter().enumerate() {
        let made = format!("made{index}@example.com");
        assert_eq!(register(&app, &made, None).await.status(), 201);
        let sql = "UPDATE users SET email = $2, email_key = $3, email_key_version = 0 WHERE email_key = $1";
        sqlx::query(sql).bind(&made).bind(*email).bind(*key).execute(&database).await.unwrap();
    }
    database.close().await;
    let app = app.restart(&["--rate-limit", "off"]).await;
    for (email, _) in accounts {
        let answer = app.login(email, PASSWORD).await;
        assert_eq!(answer.status(), 200, "{email}");
        assert_eq!(answer.json::<Value>().await.unwrap()["user"]["email"], email);
    }
    assert_eq!(app.login("iris@example.com", PASSWORD).await.status(), 401, "another letter");
    assert_eq!(app.login("LENA@München.DE", PASSWORD).await.status(), 200);
    app.wait(GRACE);
    assert_eq!(code(register(&app, "lena@münchen.de", None).await).await, "EMAIL_TAKEN");
    app.stop().await;
}
