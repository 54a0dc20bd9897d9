//! The forms of our own pages, sent by a browser without WASM that does not say where they came from.

use crate::support::{HtmlForm, PASSWORD, Signed, TestApp, attribute, cookie, location};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use miniz_oxide::inflate::decompress_to_vec_zlib;
use serde_json::Value;

const TOO_OLD: &str = "This page was too old. Press the button again.";

fn refresh(session: &Signed) -> String {
    format!("refresh={}", session.cookie)
}

/// What the answer keeps of the form for the page that shows it again.
fn kept(answer: &reqwest::Response) -> Value {
    let [first, rest] = ["form", "form-rest"].map(|name| cookie(answer, name).expect("what was typed"));
    let packed = URL_SAFE_NO_PAD.decode(first + &rest).unwrap();
    serde_json::from_slice(&decompress_to_vec_zlib(&packed).unwrap()).unwrap()
}

/// The cookies in which it is kept.
fn echo(answer: &reqwest::Response) -> String {
    let [first, rest] = ["form", "form-rest"].map(|name| cookie(answer, name).unwrap_or_default());
    format!("form={first}; form-rest={rest}")
}

async fn html(app: &TestApp, path: &str, cookies: &str) -> String {
    let answer = app.page(path, cookies).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// The page that an answer leads to, for a browser that keeps its cookies.
async fn follow(app: &TestApp, answer: &reqwest::Response, cookies: &str) -> String {
    html(app, &location(answer), &format!("{cookies}; {}", echo(answer))).await
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
async fn what_the_call_reads_is_kept_but_for_secrets() {
    let app = TestApp::start().await;
    let page = html(&app, "/register", "").await;
    let form = HtmlForm::find(&page, "/api/register").with("email", "ada").with("name", "Ada").with("remember", "on");
    let others = ["password", "new_password", "recovery_code", "pin", "colour", "", "_csrf"];
    let form = others.iter().fold(form, |form, name| form.with(name, "violet-harbour"));
    let refused = app.submit(&form, "").await;
    let echo = kept(&refused);
    let expected = serde_json::json!([["email", "ada"], ["name", "Ada"], ["remember", "on"]]);
    assert_eq!(echo["values"], expected, "{echo}");
    assert!(!echo.to_string().contains("violet-harbour") && !location(&refused).contains("ada"));

    let long = form.with("name", &(letters(0x4e00..0x7000) + &letters(0x7000..0xa000)));
    let echo = kept(&app.submit(&long, "").await);
    assert_eq!(echo["values"], serde_json::json!([["email", "ada"], ["remember", "on"]]), "the longest goes");
    app.stop().await;
}

/// Characters in no order, so that nothing makes the text shorter.
fn letters(of: std::ops::Range<u32>) -> String {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        of.start + u32::try_from(state >> 33).unwrap() % (of.end - of.start)
    };
    std::iter::repeat_with(|| char::from_u32(next()).unwrap()).take(2000).collect()
}

#[tokio::test]
async fn the_longest_note_comes_back() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let form = HtmlForm::find(&html(&app, "/app", &refresh(&session)).await, "/api/notes").with("_csrf", "stale");
    let texts = [
        "\u{1f600}".repeat(2000),
        "\n\"".repeat(1000) + "a",
        letters(0x21..0x26),
        letters(0x4e00..0xa000),
        letters(0x1f300..0x1fb00),
        letters(0x20000..0x2a6e0),
    ];
    for text in texts {
        let refused = app.submit(&form.clone().with("text", &text.replace('\n', "\r\n")), &refresh(&session)).await;
        let cookies: Vec<_> =
            refused.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
        assert!(cookies.iter().all(|cookie| cookie.len() <= 4096), "a browser takes each");
        let line = format!("cookie: {}; {}\r\n", refresh(&session), echo(&refused));
        assert!(line.len() <= 8 * 1024, "a proxy takes them all: {}", line.len());
        let shown = follow(&app, &refused, &refresh(&session)).await;
        let area = shown.split("<textarea").nth(1).unwrap().split_once('>').unwrap().1;
        let area = area.split("</textarea>").next().unwrap().replace("&lt;", "<").replace("&amp;", "&");
        assert_eq!(area.replace("\r\n", "\n"), text, "{TOO_OLD}");
    }

    // What is left of a longer one is no part of the next.
    let long = app.submit(&form.clone().with("text", &letters(0x4e00..0xa000)), &refresh(&session)).await;
    let short = app.submit(&form.with("text", "Milk"), &format!("{}; {}", refresh(&session), echo(&long))).await;
    assert_eq!(cookie(&short, "form-rest").as_deref(), Some(""));
    assert!(follow(&app, &short, &refresh(&session)).await.contains(">Milk</textarea>"));
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
