//! Passwords, as people and attackers meet them.

use crate::support::{PASSWORD, TestApp, eventually, signed};
use reqwest::Response;
use serde_json::{Value, json};
use starter::brand::BRAND;

async fn register(app: &TestApp, email: &str, password: &str) -> Response {
    let body = json!({"email": email, "password": password, "name": "Augusta King"});
    app.post("/api/register").json(&body).send().await.unwrap()
}

#[tokio::test]
async fn common_ones_and_those_made_of_a_name_are_refused_with_the_reason() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    for (password, reason) in [
        ("password1", "too common"),
        ("Password123!", "too common"),
        ("qwertyuiop", "too common"),
        ("12345678", "too common"),
        ("aaaaaaaaaaaa", "too common"),
        ("ada.lovelace1", "your email address"),
        ("AugustaKing!", "your name"),
        (&format!("{}123", BRAND.name.to_lowercase()), "the name of this site"),
        ("xkwqzvb", "at least 8"),
        ("", "Choose a password"),
    ] {
        let answer = register(&app, "ada.lovelace@example.com", password).await;
        assert_eq!(answer.status(), 422, "{password}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["code"], "VALIDATION");
        assert!(body["fields"]["password"].as_str().unwrap().contains(reason), "{password}: {body}");
    }
    app.stop().await;
}

/// What a page says while a password is typed is what the form would be answered.
#[tokio::test]
async fn a_page_and_a_registration_have_one_judge() {
    let app = TestApp::with(&["--rate-limit", "off", "--password-min", "10"]).await;
    let signed_in = signed(register(&app, "king@analytical.example", PASSWORD).await).await;
    for (index, (password, strength)) in [
        ("short", None),
        ("nine char", None),
        ("ten chars.", Some("good")),
        ("password12", None),
        ("qwertyuiop", None),
        ("31.12.1999", None),
        ("elephant-in-a-room", Some("strong")),
        ("analytical", None),
        ("AugustaKing!", None),
        (&format!("{}123", BRAND.name.to_lowercase()), None),
        ("          \u{e9}", Some("good")),
        (&"ab".repeat(512), Some("good")),
        (&"ab".repeat(513), None),
        (PASSWORD, Some("strong")),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("somebody{index}@analytical.example");
        let question = json!({"password": password, "email": email, "name": "Augusta King"});
        let answer = app.post("/api/password-strength").json(&question).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{password}");
        let verdict: Value = answer.json().await.unwrap();
        assert_eq!(verdict["strength"].as_str(), strength, "{password}: {verdict}");
        let form = [("password", password), ("email", &email), ("name", "Augusta King")];
        let answer = app.post("/api/password-strength").form(&form).send().await.unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap(), verdict, "{password}");

        let registered = register(&app, &email, password).await;
        if strength.is_some() {
            assert_eq!(registered.status(), 201, "{password}");
            continue;
        }
        assert_eq!(registered.status(), 422, "{password}");
        assert_eq!(registered.json::<Value>().await.unwrap()["fields"]["password"], verdict["message"]);
        let change = json!({"current_password": "not the right one", "new_password": password});
        let change = app.post("/api/profile/password").bearer_auth(&signed_in.access).json(&change);
        let changed = change.header("x-csrf-token", &signed_in.csrf).send().await.unwrap();
        assert_eq!(changed.status(), 422, "{password}");
        let body: Value = changed.json().await.unwrap();
        assert_eq!(body["fields"]["new_password"], verdict["message"], "{password}");
    }
    app.stop().await;
}

#[tokio::test]
async fn anybody_may_ask_how_good_a_password_is_but_not_without_end_nor_from_another_site() {
    let app = TestApp::with(&["--rate-limit", "4/1m"]).await;
    let ask = || app.post("/api/password-strength").json(&json!({"password": PASSWORD}));
    let asked = ask().send().await.unwrap();
    assert_eq!((asked.status().as_u16(), &asked.headers()["cache-control"]), (200, &"no-store".parse().unwrap()));
    assert!(!asked.headers().contains_key("set-cookie"));
    let in_a_url = app.get(&format!("/api/password-strength?password={PASSWORD}")).send().await.unwrap();
    assert_eq!(in_a_url.status(), 405);
    let nothing = app.post("/api/password-strength").json(&json!({"password": ""})).send().await.unwrap();
    assert_eq!(nothing.status(), 422);
    let foreign = ask().header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    assert_eq!(ask().send().await.unwrap().status(), 200);
    assert_eq!(ask().send().await.unwrap().status(), 429);
    app.stop().await;
}

#[tokio::test]
async fn any_other_one_will_do_and_is_compared_exactly() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "off"]).await;
    let long = format!("{}end", "ab cd ".repeat(170)); // 1023 characters
    for (index, password) in
        ["kqzvwjxphtmrdbn", "        \u{e9}", &"xk7".repeat(21), &format!("{long}!")].iter().enumerate()
    {
        let email = format!("somebody{index}@example.org");
        assert_eq!(register(&app, &email, password).await.status(), 201, "{password}");
        assert_eq!(app.login(&email, password).await.status(), 200);
        let shorter: String = password.chars().take(password.chars().count() - 1).collect();
        for wrong in [format!("{password} "), format!(" {password}"), password.to_uppercase(), shorter] {
            assert_eq!(app.login(&email, &wrong).await.status(), 401, "{wrong}");
        }
    }
    assert_eq!(register(&app, "more@example.org", &format!("{long}!!")).await.status(), 422);
    assert_eq!(app.login("somebody1@example.org", "        e\u{301}").await.status(), 200, "an accent is one");
    app.stop().await;
}

/// What somebody who guesses sees is one and the same.
#[tokio::test]
async fn a_login_that_fails_says_nothing_about_why() {
    let app = TestApp::with(&["--rate-limit", "off"]).await;
    app.register("ada@example.com").await;
    app.register("disabled@example.com").await;
    let database = app.database().connect().await;
    sqlx::query("UPDATE users SET disabled_at = 1 WHERE email = 'disabled@example.com'")
        .execute(&database)
        .await
        .unwrap();
    database.close().await;

    let mut answers = Vec::new();
    let too_long = "x".repeat(5000);
    for (email, password) in [
        ("ada@example.com", "a wrong password"),
        ("nobody@example.com", PASSWORD),
        ("disabled@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("ada@example.com", &too_long),
    ] {
        let answer = app.login(email, password).await;
        let mut headers = answer.headers().clone();
        headers.remove("x-request-id");
        headers.remove("date");
        answers.push((answer.status().as_u16(), headers, answer.text().await.unwrap()));
    }
    assert_eq!(answers[0].0, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    app.stop().await;
}

#[tokio::test]
async fn an_old_hash_is_made_anew_at_a_sign_in() {
    const OLD: &str = "$argon2id$v=19$m=256,t=1,p=1$";
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let database = app.database().connect().await;
    let stored = async || -> String {
        sqlx::query_scalar("SELECT password_hash FROM users WHERE email = 'ada@example.com'")
            .fetch_one(&database)
            .await
            .unwrap()
    };
    let old = old_hash();
    assert!(old.starts_with(OLD));
    sqlx::query("UPDATE users SET password_hash = $1 WHERE email = 'ada@example.com'")
        .bind(&old)
        .execute(&database)
        .await
        .unwrap();
    assert_eq!(app.login("ada@example.com", "a wrong password").await.status(), 401);
    assert_eq!(stored().await, old, "not at a failure");
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200);
    let another = async || Some(stored().await).filter(|stored| *stored != old);
    let renewed = eventually("the hash is made anew", another).await;
    assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{renewed}");
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200);
    assert_eq!(stored().await, renewed);
    database.close().await;
    app.stop().await;
}

/// As it was made when machines were slower.
fn old_hash() -> String {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
    let params = Params::new(256, 1, 1, Some(32)).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_with_salt(PASSWORD.as_bytes(), b"a salt of the past").unwrap().to_string()
}
