//! The forms of our own pages, sent by a browser without WASM that does not say where they came from.

use crate::support::{HtmlForm, PASSWORD, Signed, TestApp, attribute, cookie, location};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

const TOO_OLD: &str = "This page was too old. Press the button again.";

fn refresh(session: &Signed) -> String {
    format!("refresh={}", session.cookie)
}

/// What the answer keeps of the form for the page that shows it again.
fn kept(answer: &reqwest::Response) -> Value {
    let cookie = cookie(answer, "form").expect("what was typed");
    assert!(cookie.len() < 3900, "a browser takes it");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cookie).unwrap()).unwrap()
}

async fn html(app: &TestApp, path: &str, cookies: &str) -> String {
    let answer = app.page(path, cookies).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// The page that an answer leads to, for a browser that keeps its cookies.
async fn follow(app: &TestApp, answer: &reqwest::Response, cookies: &str) -> String {
    let echo = cookie(answer, "form").unwrap_or_default();
    html(app, &location(answer), &format!("{cookies}; form={echo}")).await
}

#[tokio::test]
async fn every_form_that_is_too_old_leads_back_to_its_page_and_says_so() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    let admin = app.register("admin@example.com").await;
    let other = app.register("bob@example.com").await;
    app.sign_in("admin@example.com").await;
    let database = app.database().connect().await;
    sqlx::query("UPDATE users SET role = 'admin' WHERE email = 'admin@example.com'").execute(&database).await.unwrap();
    database.close().await;
    let users: Value =
        app.get("/api/admin/users").bearer_auth(&admin.access).send().await.unwrap().json().await.unwrap();
    let bob = users["accounts"].as_array().unwrap().iter().find(|user| user["email"] == "bob@example.com").unwrap();
    let note: Value = app
        .post("/api/notes")
        .bearer_auth(&admin.access)
        .header("x-csrf-token", &admin.csrf)
        .json(&serde_json::json!({"text": "Milk"}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let note = note["id"].as_str().unwrap();

    let mut forms = 0;
    for page in [
        "/",
        "/lab",
        "/app",
        &format!("/app?edit={note}"),
        &format!("/app?deleted={note}"),
        "/app/sessions",
        "/app/security",
        "/app/profile",
        "/app/admin",
        &format!("/app/admin/users/{}", bob["id"].as_str().unwrap()),
    ] {
        for form in HtmlForm::all(&html(&app, page, &refresh(&admin)).await) {
            // That of a session of somebody else.
            let refused = app.submit(&form.clone().with("_csrf", &other.csrf), &refresh(&admin)).await;
            let path = page.split('?').next().unwrap();
            let to = location(&refused);
            assert_eq!(to.split('?').next(), Some(path), "{}", form.action);
            assert!(to.ends_with("error=INVALID_CSRF_TOKEN"), "{to}");
            let shown = follow(&app, &refused, &refresh(&admin)).await;
            assert_eq!(shown.matches(TOO_OLD).count(), 1, "{page}: {}", form.action);
            // A new note has a new id each time.
            let again = HtmlForm::all(&shown).into_iter().map(|again| again.with("id", ""));
            assert!(again.collect::<Vec<_>>().contains(&form.clone().with("id", "")), "{page}: the button is there");
            forms += 1;
        }
    }
    assert!(forms > 20, "{forms}");
    app.stop().await;
}

#[tokio::test]
async fn what_was_wrong_is_said_on_the_page_of_the_form() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let form = HtmlForm::find(&html(&app, "/app/profile", &refresh(&session)).await, "/api/profile/password");
    let form = form.with("current_password", "a wrong password").with("new_password", "violet harbour town");
    let refused = app.submit(&form, &refresh(&session)).await;
    assert_eq!(location(&refused), "/app/profile?error=VALIDATION");
    let shown = follow(&app, &refused, &refresh(&session)).await;
    assert!(shown.contains("This is not your current password.") && !shown.contains("violet harbour"));
    let echo = kept(&refused).to_string();
    assert!(!echo.contains("violet harbour") && !echo.contains("a wrong password"));
    app.stop().await;
}

/// The person signed in anew while the page was open; what was typed there is sent once more.
#[tokio::test]
async fn a_form_of_the_session_before_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let before = app.register("ada@example.com").await;
    let form = HtmlForm::find(&html(&app, "/app/profile", &refresh(&before)).await, "/api/profile/name");
    let form = form.with("name", "Ada <i>Lovelace</i>");

    let now = app.sign_in("ada@example.com").await;
    let refused = app.submit(&form, &refresh(&now)).await;
    let shown = follow(&app, &refused, &refresh(&now)).await;
    assert!(shown.contains(TOO_OLD));
    let input = shown.split("<input").find(|input| input.contains(r#" id="name""#)).unwrap();
    let typed = attribute(input, "value").unwrap();
    assert_eq!(typed, "Ada <i>Lovelace</i>");
    let again = HtmlForm::find(&shown, "/api/profile/name").with("name", &typed);
    assert_eq!(location(&app.submit(&again, &refresh(&now)).await), "/app/profile?saved=name");

    // Nobody is signed in: the way leads over the sign-in, and back to the form.
    app.logout(&now.cookie).await;
    let refused = app.submit(&again, &refresh(&now)).await;
    let echo = format!("form={}", cookie(&refused, "form").unwrap());
    let asked = app.page(&location(&refused), &format!("{}; {echo}", refresh(&now))).await;
    let login = app.page(&location(&asked), &echo).await;
    assert_eq!(cookie(&login, "form"), None, "what was typed waits for its own page");
    let sign_in = HtmlForm::find(&login.text().await.unwrap(), "/api/login");
    let sign_in = sign_in.with("email", "ada@example.com").with("password", PASSWORD);
    let signed_in = app.submit(&sign_in, "").await;
    let cookies = format!("refresh={}; {echo}", cookie(&signed_in, "refresh").unwrap());
    let shown = html(&app, &location(&signed_in), &cookies).await;
    assert!(shown.contains(TOO_OLD) && shown.contains("Ada &lt;i&gt;Lovelace"));
    app.stop().await;
}

#[tokio::test]
async fn every_field_is_kept_that_is_no_secret() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let form = HtmlForm::find(&html(&app, "/app/profile", &refresh(&session)).await, "/api/profile/name");
    let kept_fields =
        [("name", "Ada"), ("colour", "green"), ("postcode", "SW1A"), ("remember", "on"), ("", "nameless")];
    let secrets =
        ["password", "new_password", "Password2", "recovery_code", "totp-code", "pin", "reset-token", "secret"];
    let form = kept_fields.iter().fold(form.with("_csrf", "stale"), |form, (name, value)| form.with(name, value));
    let form = secrets.iter().fold(form, |form, name| form.with(name, "violet-harbour"));
    let refused = app.submit(&form, &refresh(&session)).await;
    let echo = kept(&refused);
    for (name, value) in kept_fields {
        assert!(echo["values"].as_array().unwrap().contains(&serde_json::json!([name, value])), "{name}: {echo}");
    }
    assert!(!echo.to_string().contains("violet-harbour") && !echo.to_string().contains("stale"), "{echo}");
    assert!(!location(&refused).contains("Ada"));

    let long = form.with("text", &"ä".repeat(2000));
    let echo = kept(&app.submit(&long, &refresh(&session)).await).to_string();
    assert!(echo.contains("green") && !echo.contains("ää"), "of what is too much the longest goes");
    app.stop().await;
}

/// What was typed into one form never turns up in another, nor on a page that no form led to.
#[tokio::test]
async fn what_was_typed_is_shown_in_its_own_form_only() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let form = HtmlForm::find(&html(&app, "/app/profile", &refresh(&session)).await, "/api/profile/name");
    let refused = app.submit(&form.with("name", "violet\u{7}harbour"), &refresh(&session)).await;
    assert_eq!(location(&refused), "/app/profile?error=VALIDATION");
    let cookies = format!("{}; form={}", refresh(&session), cookie(&refused, "form").unwrap());
    assert!(html(&app, "/app/profile?error=VALIDATION", &cookies).await.contains("harbour"));
    for other in ["/register?error=VALIDATION", "/login?error=VALIDATION", "/app?error=VALIDATION", "/app/profile"] {
        let html = html(&app, other, &cookies).await;
        let body = html.split("<body").nth(1).unwrap();
        let visible = body.split("<script").next().unwrap();
        assert!(!visible.contains("harbour"), "{other}");
    }
    app.stop().await;
}
