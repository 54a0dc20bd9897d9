//! What the ASVS asks of every answer, every page and every call at once (docs/asvs.md), so that a new one can't
//! forget it.

use crate::support::{APP, PASSWORD, Signed, TestApp, cookie};
use freshkey::server::router;
use reqwest::Response;
use serde_json::Value;
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// Nothing here is about limits.
const UNLIMITED: &[&str] =
    &["--rate-limit", "off", "--session-rate-limit", "off", "--login-rate-limit", "off", "--lab", "on"];
const PAGES: [&str; 6] = ["/", "/lab", "/app", "/app/sessions", "/app/security", "/app/profile"];

fn api_paths() -> Vec<String> {
    let paths: Vec<_> = router::paths(&APP).filter(|path| path.starts_with("/api/")).collect();
    assert!(paths.len() > 20, "{paths:?}");
    paths
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn page(app: &TestApp, path: &str, session: Option<&Signed>) -> String {
    let cookie = session.map(|session| format!("refresh={}", session.cookie)).unwrap_or_default();
    let answer = app.get(path).header("cookie", cookie).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn no_answer_of_the_api_can_be_shown_as_a_page_or_embedded() {
    let app = TestApp::with(UNLIMITED).await;
    let session = app.register("ada@example.com").await;
    for path in api_paths() {
        for method in ["GET", "POST", "PATCH"] {
            let opened = app.request(method, &path).header("sec-fetch-dest", "document").header("accept", "text/html");
            let answer = opened.bearer_auth(&session.access).send().await.unwrap();
            let what = format!("{method} {path}: {}", answer.status());
            assert!(answer.status() != 500, "{what}");
            assert!(header(&answer, "content-security-policy").contains("sandbox"), "{what}");
            assert_eq!(header(&answer, "x-content-type-options"), "nosniff", "{what}");
            assert_eq!(header(&answer, "cross-origin-resource-policy"), "same-origin", "{what}");
            assert_eq!(header(&answer, "cache-control"), "no-store", "{what}");
            let kind = header(&answer, "content-type");
            assert!(kind.starts_with("application/json") || answer.text().await.unwrap().is_empty(), "{what}: {kind}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn no_safe_method_changes_anything() {
    let app = TestApp::with(UNLIMITED).await;
    let session = app.register("ada@example.com").await;
    let description: Value = app.get("/api/openapi.json").send().await.unwrap().json().await.unwrap();
    let only_posted = description["paths"].as_object().unwrap().iter().filter(|(_, calls)| calls.get("get").is_none());
    let only_posted: Vec<_> = only_posted.map(|(path, _)| path.clone()).collect();
    assert!(only_posted.len() > 10 && only_posted.contains(&"/api/logout".to_owned()), "{only_posted:?}");
    for path in only_posted {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let request = app.request(method, &path).bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
            let answer = request.header("cookie", format!("refresh={}", session.cookie)).send().await.unwrap();
            assert_eq!(answer.status(), 405, "{method} {path}");
            assert!(!answer.headers().contains_key("set-cookie"), "{method} {path}");
        }
    }
    assert_eq!(app.protected(&session.access).await.status(), 200, "the session goes on");
    app.stop().await;
}

#[tokio::test]
async fn no_other_origin_may_read_an_answer_but_the_public_keys() {
    let app = TestApp::with(UNLIMITED).await;
    let session = app.register("ada@example.com").await;
    let allowed = |answer: &Response| {
        let names = answer.headers().keys().map(|name| name.as_str().to_owned());
        names.filter(|name| name.starts_with("access-control-")).collect::<Vec<_>>()
    };
    for path in router::paths(&APP).filter(|path| !path.contains([':', '{'])) {
        for method in ["GET", "OPTIONS"] {
            let request = app.request(method, &path).header("origin", "https://evil.example");
            let request = request.header("access-control-request-method", "POST").bearer_auth(&session.access);
            let answer = request.send().await.unwrap();
            if (method, path.as_str()) == ("GET", "/.well-known/jwks.json") {
                assert_eq!(header(&answer, "access-control-allow-origin"), "*");
                assert_eq!(allowed(&answer).len(), 1);
            } else {
                assert!(allowed(&answer).is_empty(), "{method} {path}");
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn nothing_is_answered_as_a_script() {
    let app = TestApp::with(UNLIMITED).await;
    let session = app.register("ada@example.com").await;
    for query in ["callback=f", "jsonp=f", "_callback=f", "format=js"] {
        let answer = app.get(&format!("/api/me?{query}")).bearer_auth(&session.access).send().await.unwrap();
        assert!(header(&answer, "content-type").starts_with("application/json"), "{query}");
        assert!(answer.text().await.unwrap().starts_with('{'), "{query}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_script_is_the_same_for_everybody() {
    let site = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(site.path().join("pkg")).unwrap();
    for name in ["js", "wasm", "css"] {
        std::fs::write(site.path().join(format!("pkg/freshkey.a1B2c3.{name}")), name).unwrap();
    }
    let app = TestApp::with(&["--site-root", site.path().to_str().unwrap()]).await;
    let session = app.register("ada@example.com").await;
    for name in ["js", "wasm", "css"] {
        let file = format!("/pkg/freshkey.a1B2c3.{name}");
        let signed_in =
            app.get(&file).bearer_auth(&session.access).header("cookie", format!("refresh={}", session.cookie));
        assert_eq!(signed_in.send().await.unwrap().text().await.unwrap(), name);
    }
    for folder in ["/pkg", "/pkg/"] {
        assert_eq!(app.get(folder).send().await.unwrap().status(), 404, "a folder is not listed");
    }
    app.stop().await;
}

/// The values of an attribute, wherever it stands in the page.
fn attribute<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    html.split(&format!(" {name}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn a_page_loads_nothing_from_elsewhere_and_shows_the_way_out() {
    let app = TestApp::with(UNLIMITED).await;
    let session = app.register("ada@example.com").await;
    for path in PAGES {
        let html = page(&app, path, Some(&session)).await;
        assert!(html.contains("Sign out"), "{path}");
        let loaded =
            html.split('<').filter(|tag| ["script", "link", "img", "iframe"].iter().any(|name| tag.starts_with(name)));
        for address in loaded.flat_map(|tag| [attribute(tag, "src"), attribute(tag, "href")].concat()) {
            assert!(address.starts_with('/') && !address.starts_with("//"), "{path} loads {address}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn opening_a_page_signs_nobody_in() {
    let app = TestApp::with(UNLIMITED).await;
    let session = app.register("ada@example.com").await;
    for path in router::paths(&APP).filter(|path| !path.contains([':', '{'])) {
        for query in [String::new(), format!("?access_token={}&token={}", session.access, session.cookie)] {
            let answer = app.get(&format!("{path}{query}")).send().await.unwrap();
            assert_eq!(cookie(&answer, "refresh"), None, "{path}{query}");
            assert!(!answer.text().await.unwrap().contains("ada@example.com"), "{path}{query}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn a_password_field_hides_what_is_typed_and_nothing_is_asked_that_others_could_know() {
    let app = TestApp::with(UNLIMITED).await;
    let session = app.register("ada@example.com").await;
    let forms = [
        ("/login", None, "current-password"),
        ("/register", None, "new-password"),
        ("/app/profile", Some(&session), "new-password"),
    ];
    for (path, session, autocomplete) in forms {
        let html = page(&app, path, session).await;
        let inputs: Vec<_> = html.split("<input").skip(1).filter_map(|rest| rest.split('>').next()).collect();
        let secret: Vec<_> = inputs
            .iter()
            .filter(|input| attribute(input, "name").iter().any(|name| name.contains("password")))
            .collect();
        assert!(!secret.is_empty(), "{path}");
        assert!(secret.iter().all(|input| input.contains("type=\"password\"")), "{path}: {secret:?}");
        assert!(secret.iter().any(|input| input.contains(&format!("autocomplete=\"{autocomplete}\""))), "{path}");
        let known =
            "_csrf email form name new_password next password current_password remember theme theme-menu username"
                .split(' ')
                .collect::<Vec<_>>();
        for name in inputs.iter().flat_map(|input| attribute(input, "name")) {
            assert!(known.contains(&name), "{path} asks for {name}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn a_form_and_json_are_one_way_in() {
    let app = TestApp::with(&["--rate-limit", "off", "--login-rate-limit", "2/15m"]).await;
    app.register("ada@example.com").await;
    let fields = |password: &'static str| [("email", "ada@example.com"), ("password", password)];
    assert_eq!(app.login("ada@example.com", "a wrong password").await.status(), 401);
    let form = app.post("/api/login").header("accept", "text/html").form(&fields("a wrong password"));
    assert!(header(&form.send().await.unwrap(), "location").contains("INVALID_CREDENTIALS"));
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 429, "both were counted");
    let form = app.post("/api/login").header("accept", "text/html").form(&fields(PASSWORD)).send().await.unwrap();
    assert!(header(&form, "location").contains("RATE_LIMITED"));
    assert_eq!(cookie(&form, "refresh"), None);
    app.stop().await;
}

#[tokio::test]
async fn a_password_does_not_grow_old_and_is_kept_as_argon2id() {
    let app = TestApp::start().await;
    let pool = app.database().connect().await;
    let accounts: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM users").fetch_one(&pool).await.unwrap();
    assert_eq!(accounts.0, 0, "a new server has no account");
    app.register("ada@example.com").await;
    let (hash,): (String,) = sqlx::query_as("SELECT password_hash FROM users").fetch_one(&pool).await.unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "the floor that OWASP names");
    pool.close().await;
    app.wait(Duration::from_hours(24 * 365 * 3));
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn what_is_random_comes_once_also_when_many_ask_together() {
    let app = Arc::new(TestApp::with(UNLIMITED).await);
    let session = app.register("ada@example.com").await;
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (app, refresh) = (Arc::clone(&app), session.cookie.clone());
        tasks.spawn(async move {
            let mut drawn = Vec::new();
            for _ in 0..40 {
                let page = app.get("/login").send().await.unwrap();
                let policy = header(&page, "content-security-policy");
                drawn.push(policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned());
                drawn.push(header(&page, "x-request-id"));
                drawn.push(app.refresh(&refresh).await.access().to_owned());
            }
            drawn
        });
    }
    let drawn: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!((drawn.len(), drawn.iter().collect::<HashSet<_>>().len()), (960, 960));
    Arc::into_inner(app).unwrap().stop().await;
}

#[tokio::test]
async fn no_answer_says_what_it_is_made_with() {
    let app = TestApp::with(UNLIMITED).await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/nowhere"),
        ("GET", "/api/me"),
        ("POST", "/api/login"),
        ("PUT", "/"),
        ("GET", "/readyz"),
    ] {
        let answer = app.request(method, path).send().await.unwrap();
        for name in ["server", "x-powered-by", "via", "x-aspnet-version"] {
            assert!(!answer.headers().contains_key(name), "{path}: {name}");
        }
        let text = answer.text().await.unwrap().to_lowercase();
        for word in ["axum/", "hyper/", "leptos/", "sqlx::", "rustc", "panicked"] {
            assert!(!text.contains(word), "{method} {path} says {word}");
        }
    }
    app.stop().await;
}
