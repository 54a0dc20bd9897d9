//! Pages, as the server renders them.

use crate::support::{GRACE, PATIENCE, TestApp};
use freshkey::Freshkey;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::time::timeout;

#[tokio::test]
async fn a_protected_page_leads_to_the_sign_in_and_back_with_nothing_of_itself() {
    let app = TestApp::start().await;
    for (path, location) in
        [("/app", "/login?next=%2Fapp"), ("/app?a=1&b=%2F", "/login?next=%2Fapp%3Fa%3D1%26b%3D%252F")]
    {
        let answer = app.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()["location"], location);
        assert_eq!(answer.text().await.unwrap(), "");
    }
    let forged = app.get("/app").header("cookie", "refresh=AAAA").send().await.unwrap();
    assert_eq!(forged.status(), 303);
    app.stop().await;
}

#[tokio::test]
async fn it_is_rendered_signed_in_without_a_token_and_without_rotating() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let cookie = format!("refresh={}", session.cookie);
    app.wait(GRACE);
    for _ in 0..3 {
        let page = app.get("/app").header("cookie", &cookie).send().await.unwrap();
        assert_eq!((page.status().as_u16(), page.headers()["cache-control"].to_str().unwrap()), (200, "no-store"));
        assert!(page.headers().get("set-cookie").is_none(), "reading the cookie never rotates it");
        let html = page.text().await.unwrap();
        assert!(html.contains("ada@example.com") && html.contains("Sign out"));
        assert!(!html.contains(&session.cookie) && !html.contains("eyJ"));
    }
    assert!(app.refresh(&session.cookie).await.cookie.is_some(), "the token was still the current one");
    app.logout(&session.cookie).await;
    assert_eq!(app.get("/app").header("cookie", &cookie).send().await.unwrap().status(), 303);
    let login = app.get("/login").header("cookie", &cookie).send().await.unwrap().text().await.unwrap();
    assert!(login.contains("signed out."), "and the page says why");
    app.stop().await;
}

#[tokio::test]
async fn every_page_has_the_headers_of_the_contract() {
    let app = TestApp::start().await;
    let mut nonces = Vec::new();
    for (path, status) in [("/", 200), ("/login", 200), ("/register", 200), ("/nowhere", 404), ("/pkg/nothing.js", 404)]
    {
        let answer = app.get(path).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        let header =
            |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert!(!header("permissions-policy").is_empty() && !header("x-request-id").is_empty());
        let policy = header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        if header("content-type").starts_with("text/html") {
            let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
            let html = answer.text().await.unwrap();
            assert_eq!(html.matches("<script").count(), html.matches(&format!("nonce=\"{nonce}\"")).count(), "{path}");
            nonces.push(nonce);
        }
    }
    nonces.dedup();
    assert_eq!(nonces.len(), 5, "a nonce is for one answer");
    app.stop().await;
}

#[tokio::test]
async fn on_https_everything_is_pinned_to_it() {
    let app = TestApp::with(&["--origin", "https://example.com"]).await;
    let answer = app.login("nobody@example.com", "wrong password").await;
    assert!(answer.headers()["strict-transport-security"].to_str().unwrap().starts_with("max-age=63072000"));
    let body = serde_json::json!({"email": "ada@example.com", "password": crate::support::PASSWORD});
    let answer = app.post("/api/register").json(&body).send().await.unwrap();
    let set = crate::support::set_cookie(&answer, "__Host-refresh").unwrap();
    assert!(set.ends_with("; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=2592000"), "{set}");
    app.stop().await;
}

#[tokio::test]
async fn a_replay_that_comes_as_a_page_load_ends_the_session_too() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    app.wait(GRACE);
    let stolen = app.refresh(&session.cookie).await.cookie.unwrap();
    app.wait(GRACE);
    let thief = app.refresh(&stolen).await;
    app.wait(GRACE);

    // It may have been held up on the way: the browser is asked to come again with what it has by now.
    let cookie = format!("refresh={}", session.cookie);
    let first = app.get("/app?a=1").header("cookie", &cookie).send().await.unwrap();
    assert_eq!((first.status().as_u16(), first.headers()["location"].to_str().unwrap()), (303, "/app?a=1"));
    let again = crate::support::cookie(&first, "look-again").unwrap();
    assert_eq!(app.protected(thief.access()).await.status(), 200);
    let honest = format!("refresh={}; look-again={again}", thief.cookie.as_ref().unwrap());
    assert_eq!(app.get("/app").header("cookie", honest).send().await.unwrap().status(), 200);

    let same = app.get("/app?a=1").header("cookie", format!("{cookie}; look-again={again}")).send().await.unwrap();
    assert_eq!(same.headers()["location"], "/login?next=%2Fapp%3Fa%3D1");
    assert_eq!(app.protected(thief.access()).await.status(), 401, "the thief is out");
    assert_eq!(app.refresh(thief.cookie.as_ref().unwrap()).await.reason(), "replay");
    app.stop().await;
}

#[tokio::test]
async fn what_is_no_page_does_not_depend_on_the_visitor() {
    let app = TestApp::start().await;
    let session = app.register("ada@example.com").await;
    let cookie = format!("refresh={}", session.cookie);
    let keys = app.get("/.well-known/jwks.json").header("cookie", &cookie).send().await.unwrap();
    assert_eq!(keys.headers()["cache-control"], "public, max-age=300");
    let nothing = app.get("/pkg/nothing.js").send().await.unwrap();
    assert_eq!(nothing.status(), 404);
    assert!(nothing.text().await.unwrap().contains("Page not found"));
    app.stop().await;
}

#[tokio::test]
async fn web_files_are_compressed_and_cached_and_nothing_hidden_is_among_them() {
    let site = tempfile::tempdir().unwrap();
    let write = |name: &str| std::fs::write(site.path().join(name), name).unwrap();
    std::fs::create_dir_all(site.path().join("pkg")).unwrap();
    std::fs::create_dir_all(site.path().join(".git")).unwrap();
    for name in ["js", "wasm", "css"] {
        write(&format!("pkg/freshkey.a1B2c3.{name}"));
        write(&format!("pkg/freshkey.a1B2c3.{name}.br"));
    }
    [".env", ".git/config", "robots.txt"].into_iter().for_each(write);
    let app = TestApp::with(&["--site-root", site.path().to_str().unwrap()]).await;
    let get = async |path: &str| app.get(path).header("accept-encoding", "br").send().await.unwrap();
    let script = get("/pkg/freshkey.a1B2c3.js").await;
    assert_eq!(script.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(
        (&script.headers()["content-encoding"], &script.headers()["vary"]),
        (&"br".parse().unwrap(), &"accept-encoding".parse().unwrap())
    );
    let plain = app.get("/pkg/freshkey.a1B2c3.js").send().await.unwrap();
    assert_eq!(plain.headers()["vary"], "accept-encoding", "or a cache gives one to who can't read it");
    assert_eq!(get("/robots.txt").await.status(), 200);
    for path in ["/.env", "/.git/config", "/%2egit/config", "/%2Eenv", "/pkg/../.env", "/pkg/%2e%2e/.env"] {
        let answer = get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert!(answer.text().await.unwrap().contains("Page not found"));
    }
    app.stop().await;
}

#[tokio::test]
async fn whoever_asks_for_an_icon_by_its_old_name_is_led_to_it() {
    let app = TestApp::start().await;
    let answer = app.get("/favicon.ico").send().await.unwrap();
    assert_eq!(
        (answer.status(), &answer.headers()["location"]),
        (308.try_into().unwrap(), &"/favicon.svg".parse().unwrap())
    );
    app.stop().await;
}

#[tokio::test]
async fn a_dot_in_its_name_makes_no_protected_page_public() {
    let app = TestApp::start().await;
    let answer = app.get("/app/report.pdf").send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/login?next=%2Fapp%2Freport.pdf");
    app.stop().await;
}

#[tokio::test]
async fn the_style_guide_is_in_development_only() {
    let app = TestApp::start().await;
    let answer = app.get("/styleguide").send().await.unwrap();
    assert_eq!(answer.status(), if cfg!(debug_assertions) { 200 } else { 404 });
    assert_eq!(answer.text().await.unwrap().contains("data-theme=\"dark\""), cfg!(debug_assertions));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_gets_its_data_while_another_app_of_the_process_starts() {
    let app = TestApp::start().await;
    let cookie = format!("refresh={}", app.register("ada@example.com").await.cookie);
    let over = AtomicBool::new(false);
    let starting = async {
        for _ in 0..8 {
            let other =
                Freshkey::new(starter::brand::BRAND, crate::extending::Pages).describe(crate::extending::operations);
            TestApp::of(other, &[]).await.stop().await;
        }
        over.store(true, Ordering::SeqCst);
    };
    let looking = async {
        while !over.load(Ordering::SeqCst) {
            let page = timeout(PATIENCE * 10, app.page("/app/sessions", &cookie)).await.expect("it is rendered");
            assert!(page.text().await.unwrap().contains("This device"));
        }
    };
    tokio::join!(starting, looking);
    app.stop().await;
}
