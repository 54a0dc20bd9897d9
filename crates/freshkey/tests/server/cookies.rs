//! Each cookie that the server sets, judged as a browser judges it (RFC 6265bis): on https, where a
//! `__Host-` cookie with a wrong attribute is dropped without a word, and on http.

use crate::support::{GRACE, PASSWORD, TestApp, cookie};
use reqwest::Response;
use serde_json::json;
use std::collections::BTreeMap;

const HTTPS: &[&str] = &["--origin", "https://example.com"];
/// Names, as they are on http.
const NAMES: [&str; 6] = ["device", "form", "form-rest", "look-again", "refresh", "signed-in"];
/// What a browser takes for a name and a value together.
const LARGEST: usize = 4096;

/// A browser's cookies: it keeps what it accepts, and fails the test at what it would drop.
struct Jar {
    https: bool,
    cookies: BTreeMap<String, String>,
    /// The names that were set and those that were cleared, without a prefix.
    set: BTreeMap<String, usize>,
    cleared: BTreeMap<String, usize>,
}

impl Jar {
    fn new(app: &TestApp) -> Self {
        let https = app.origin.starts_with("https:");
        Self { https, cookies: BTreeMap::new(), set: BTreeMap::new(), cleared: BTreeMap::new() }
    }

    /// Takes what the answer sets.
    fn take(&mut self, answer: &Response) {
        for header in answer.headers().get_all("set-cookie") {
            self.take_one(header.to_str().unwrap());
        }
    }

    fn take_one(&mut self, header: &str) {
        let mut parts = header.split("; ");
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attributes: Vec<_> = parts.collect();
        let plain = if self.https { name.strip_prefix("__Host-").expect(header) } else { name };
        assert!(NAMES.contains(&plain), "{header}");
        assert!(name.len() + value.len() <= LARGEST, "{plain} has {} bytes", name.len() + value.len());
        assert!(attributes.contains(&"HttpOnly"), "{header}");
        // A link from another site has to show who is signed in: the fact that somebody is may come along.
        let same_site = if plain == "signed-in" { "SameSite=Lax" } else { "SameSite=Strict" };
        assert!(attributes.contains(&same_site), "{header}");
        assert_eq!(attributes.contains(&"Secure"), self.https, "{header}");
        assert!(!attributes.iter().any(|attribute| attribute.starts_with("Domain")), "{header}");
        let path = attributes.iter().find_map(|attribute| attribute.strip_prefix("Path=")).expect(header);
        assert!(path == "/" || (!self.https && plain == "refresh" && value.is_empty()), "{header}");
        if attributes.contains(&"Max-Age=0") {
            assert!(value.is_empty(), "{header}");
            if path == "/" {
                self.cookies.remove(name);
                *self.cleared.entry(plain.to_owned()).or_default() += 1;
            }
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
            *self.set.entry(plain.to_owned()).or_default() += 1;
        }
    }

    fn header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn names(&self) -> Vec<&str> {
        self.cookies.keys().map(|name| name.trim_start_matches("__Host-")).collect()
    }

    fn prefix(&self) -> &'static str {
        if self.https { "__Host-" } else { "" }
    }

    async fn get(&mut self, app: &TestApp, path: &str) -> Response {
        let answer = app.get(path).header("cookie", self.header()).send().await.unwrap();
        self.take(&answer);
        answer
    }

    async fn post(&mut self, app: &TestApp, path: &str) -> Response {
        let answer = app.post(path).header("cookie", self.header()).send().await.unwrap();
        self.take(&answer);
        answer
    }

    async fn submit(&mut self, app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Response {
        let form = app.post(path).header("accept", "text/html").header("cookie", self.header()).form(fields);
        let answer = form.send().await.unwrap();
        self.take(&answer);
        answer
    }
}

/// So many letters in no order, so that nothing makes them fewer.
fn letters(many: u64) -> String {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    };
    (0..many).map(|_| next()).collect()
}

/// Goes through everything that sets or clears a cookie.
async fn a_browser_keeps_and_drops_each(flags: &[&str]) {
    let app = TestApp::with(flags).await;
    let mut browser = Jar::new(&app);
    let prefix = browser.prefix();

    // A form that failed, with as much in it as is kept; then shown.
    for name in ["x".repeat(1500), "\"".repeat(1400), "ü".repeat(3000), letters(4500), letters(9000)] {
        let fields = [("email", "ada@example.com"), ("name", name.as_str()), ("password", "short")];
        let refused = browser.submit(&app, "/api/register", &fields).await;
        assert_eq!(refused.status(), 303);
        let names: &[_] = if name == letters(4500) { &["form", "form-rest"] } else { &["form"] };
        assert_eq!(browser.names(), names);
        browser.get(&app, refused.headers()["location"].to_str().unwrap()).await;
        assert!(browser.names().is_empty(), "it was shown once");
    }

    let fields = [("email", "ada@example.com"), ("password", PASSWORD), ("remember", "on")];
    assert_eq!(browser.submit(&app, "/api/register", &fields).await.status(), 303);
    assert_eq!(browser.names(), ["device", "refresh", "signed-in"]);

    // A page load with a replayed token: the browser is asked to come again, and then signed out.
    let first = browser.header();
    for _ in 0..2 {
        app.wait(GRACE);
        assert_eq!(browser.post(&app, "/api/refresh-token").await.status(), 200);
    }
    app.wait(GRACE);
    let mut thief = Jar::new(&app);
    let replay = app.get("/app").header("cookie", &first).send().await.unwrap();
    thief.take(&replay);
    assert_eq!(thief.names(), ["look-again"]);
    let again = format!("{first}; {}", thief.header());
    assert_eq!(app.get("/app").header("cookie", again).send().await.unwrap().status(), 303);

    // The refresh is refused, since the session is over: its cookies go.
    assert_eq!(browser.post(&app, "/api/refresh-token").await.status(), 403);
    assert_eq!(browser.names(), ["device"]);

    // Signing in and out.
    assert_eq!(browser.submit(&app, "/api/login", &fields).await.status(), 303);
    assert_eq!(browser.names(), ["device", "refresh", "signed-in"]);
    assert_eq!(browser.post(&app, "/api/logout").await.status(), 204);
    assert_eq!(browser.names(), ["device"]);

    // Two refresh cookies in one request: both go.
    let session = browser.submit(&app, "/api/login", &fields).await;
    let token = cookie(&session, &format!("{prefix}refresh")).unwrap();
    let two = format!("{prefix}refresh={token}; {prefix}refresh={token}");
    let refused = app.post("/api/refresh-token").header("cookie", two).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    browser.take(&refused);
    assert_eq!(browser.names(), ["device"]);

    assert_eq!(browser.set.keys().chain(thief.set.keys()).count(), NAMES.len(), "each of them was set");
    for name in ["form", "form-rest", "refresh", "signed-in"] {
        assert!(browser.cleared.contains_key(name), "{name} was cleared");
    }
    app.stop().await;
}

#[tokio::test]
async fn on_https_a_browser_accepts_each_cookie_and_each_clearing() {
    a_browser_keeps_and_drops_each(HTTPS).await;
}

#[tokio::test]
async fn on_http_a_browser_accepts_each_cookie_and_each_clearing() {
    a_browser_keeps_and_drops_each(&[]).await;
}

#[tokio::test]
async fn on_http_a_refresh_cookie_that_was_planted_for_a_deeper_path_is_cleared_there() {
    let app = TestApp::start().await;
    let two = "refresh=a; refresh=b";
    let refused = app.post("/api/refresh-token").header("cookie", two).send().await.unwrap();
    let cleared: Vec<_> =
        refused.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect();
    for path in ["/", "/api", "/api/", "/api/refresh-token"] {
        let expected = format!("refresh=; HttpOnly; SameSite=Strict; Path={path}; Max-Age=0");
        assert!(cleared.contains(&expected), "{path}: {cleared:?}");
    }
    app.stop().await;
}

#[tokio::test]
async fn on_https_a_cookie_without_its_prefix_is_none_of_ours() {
    let app = TestApp::with(HTTPS).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let registered = app.post("/api/register").json(&body).send().await.unwrap();
    let token = cookie(&registered, "__Host-refresh").unwrap();
    for name in ["refresh", "__host-refresh", "__HOST-refresh", "__Secure-refresh"] {
        let planted = app.post("/api/refresh-token").header("cookie", format!("{name}={token}"));
        assert_eq!(planted.send().await.unwrap().status(), 401, "{name}");
    }
    app.stop().await;
}
