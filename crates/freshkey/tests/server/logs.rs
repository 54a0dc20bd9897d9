//! The log of the real program, read line by line after everything that could put a secret or a
//! line of somebody else's making into it.

mod users;

use crate::support::{PASSWORD, Running, Signed, TestDatabase, code_at, cookie, program, seed, signed};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

/// What is in no log, though it was sent.
const WRONG: &str = "canary-wrong-password";
const FORGED: &str = "canary-forged-token";
const TYPED: &str = "canary-typed";
/// What ends a line, begins a record, or steers a terminal.
const STEERS: &str = "\r\n{\"event\":\"canary-made-up\"}\u{1b}[2J";

struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
    client: Client,
}

impl Program {
    fn start(folder: &Path, database: &TestDatabase) -> Self {
        let mut child = program()
            .args(["serve", "--site-addr", "127.0.0.1:0", "--refresh-grace", "0s"])
            .args(database.flags())
            .env("FRESHKEY_DATA_DIR", folder)
            .env("RUST_LOG", "debug")
            .stdout(Stdio::piped())
            .stderr(File::create(folder.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let port = line.split("http://localhost:").nth(1).unwrap().split_whitespace().next().unwrap();
        Self { address: format!("http://127.0.0.1:{port}"), child, stdout, client: Client::new() }
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.address))
    }

    async fn send(&self, path: &str, body: &Value) -> Response {
        self.post(path).json(body).send().await.unwrap()
    }

    async fn refresh(&self, token: &str) -> Response {
        self.post("/api/refresh-token").header("cookie", format!("refresh={token}")).send().await.unwrap()
    }

    async fn call(&self, path: &str, token: &str) -> Response {
        self.client.get(format!("{}{path}", self.address)).bearer_auth(token).send().await.unwrap()
    }
}

/// Goes in and out by every door, and returns the secrets that were given out.
async fn live_through_a_lot(program: &Program) -> Vec<String> {
    let email = "ada@example.com";
    let credentials = json!({"email": email, "password": PASSWORD});
    let registered = program.send("/api/register", &credentials).await;
    assert_eq!(registered.status(), 201);
    let mut secrets = vec![cookie(&registered, "device").expect("the device is known from now on")];
    let first = signed(registered).await;
    let second = signed(program.send("/api/login", &credentials).await).await;
    let rotated = signed(program.refresh(&second.cookie).await).await;
    assert_eq!(program.call("/api/protected", &rotated.access).await.status(), 200);
    assert_eq!(program.refresh(&second.cookie).await.status(), 403, "a replay");
    assert_eq!(program.call("/api/protected", &rotated.access).await.status(), 401, "ends the session");
    let csrf = program.post("/api/protected").bearer_auth(&first.access).header("x-csrf-token", FORGED);
    assert_eq!(csrf.send().await.unwrap().status(), 403);
    secrets.extend(protect(program, &first).await);
    for session in [first, second, rotated] {
        secrets.extend([session.access, session.csrf, session.cookie]);
    }
    secrets
}

/// Turns two-step sign-in on, and returns the secrets of it.
async fn protect(program: &Program, session: &Signed) -> Vec<String> {
    let send = async |path: &str, body: Value| {
        let request = program.post(path).bearer_auth(&session.access).header("x-csrf-token", &session.csrf);
        let answer = request.json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json::<Value>().await.unwrap()
    };
    let app = send("/api/factors/totp", json!({"name": "Phone"})).await;
    let key = app["secret"].as_str().unwrap().to_owned();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let code = code_at(&seed(&key), i64::try_from(now.as_millis()).unwrap());
    let added = send("/api/factors/totp/confirm", json!({"id": app["id"], "code": code})).await;
    let codes = added["recovery_codes"].as_array().unwrap();
    [key].into_iter().chain(codes.iter().map(|code| code.as_str().unwrap().to_owned())).collect()
}

/// What strangers try; each is refused.
async fn attack(program: &Program) {
    let requests = [
        program.post("/api/login").json(&json!({"email": "ada@example.com", "password": WRONG})),
        program.post("/api/login").json(&json!({"email": format!("{TYPED}{STEERS}@b"), "password": WRONG})),
        program.post("/api/register").json(&json!({"email": format!("{TYPED}@b{STEERS}"), "password": STEERS})),
        program.post("/api/login").header("content-type", "application/json").body(format!("{{\"password\":\"{WRONG}")),
        program
            .post("/api/login")
            .header("content-type", "application/json")
            .body(format!("{{\"password\":[\"{WRONG}\"]}}")),
        program.post("/api/login").form(&[("email", "ada@example.com"), ("password", WRONG)]),
        program.post("/api/password-strength").json(&json!({"email": TYPED, "name": TYPED, "password": WRONG})),
        program.post("/api/password-strength").form(&[("password", WRONG), ("password", WRONG)]),
        program.post("/api/login").header("accept", "text/html").form(&[("email", TYPED), ("password", WRONG)]),
        program.post("/api/refresh-token").header("cookie", format!("refresh={FORGED}")),
        program.post("/api/refresh-token").header("cookie", format!("refresh={FORGED}; refresh={FORGED}")),
        program.client.get(format!("{}/api/protected?access_token={FORGED}", program.address)).bearer_auth(FORGED),
        program.post("/api/logout").header("origin", "https://evil.example"),
        program.post("/api/login").header("user-agent", "\u{9b}2J\tcanary").json(&json!({"password": WRONG})),
        program.client.get(format!("{}/%0d%0a%1b[2J?{TYPED}", program.address)),
        program.client.get(format!("{}/login?next={TYPED}", program.address)),
    ];
    for request in requests {
        let status = request.send().await.unwrap().status();
        assert!(!status.is_server_error(), "{status}");
    }
    for path in ["/api/me", "/api/sessions"] {
        assert_eq!(program.call(path, FORGED).await.status(), 403);
    }
}

/// Calls until the address's allowance is used up.
async fn exhaust(program: &Program) {
    for _ in 0..200 {
        if program.call("/api/me", FORGED).await.status() == 429 {
            return;
        }
    }
    panic!("an allowance is no allowance");
}

#[tokio::test]
async fn what_is_set_wrong_is_said_with_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(folder.path()).await;
    let program = Running::start(&folder.path().join("data"), &database, &["--origin", "https://example.com"]);
    let client = Client::new();
    for _ in 0..3 {
        let forwarded = client.get(program.url("/")).header("x-forwarded-for", "198.51.100.7");
        assert_eq!(forwarded.send().await.unwrap().status(), 200);
        // A page of ours, by another name of the same site: it works, and is not what the operator meant.
        let logout = client.post(program.url("/api/logout")).header("sec-fetch-site", "same-origin");
        let logout = logout.header("origin", "https://www.example.com").send().await.unwrap();
        assert_eq!(logout.status(), 204);
    }
    let old_browser = client.post(program.url("/api/logout")).header("origin", "https://old.example.com");
    assert_eq!(old_browser.send().await.unwrap().status(), 403);
    let log = program.stopped().await;
    let records: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let of = |event: &str| records.iter().filter(|record| record["event"] == event).cloned().collect::<Vec<_>>();
    let (proxy, differs, refused) = (of("proxy_not_trusted"), of("origin_differs"), of("cross_origin_refused"));
    assert_eq!((proxy.len(), differs.len(), refused.len()), (1, 1, 1), "{log}");
    assert_eq!(proxy[0]["peer"], "127.0.0.1");
    assert_eq!(differs[0]["origin"], "https://www.example.com");
    assert_eq!(refused[0]["origin"], "https://old.example.com");
    assert!(differs.iter().chain(&refused).all(|record| record["expected"] == "https://example.com"));
    database.drop().await;
}

#[tokio::test]
async fn a_proxy_that_never_tells_for_whom_it_asks_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(folder.path()).await;
    let program = Running::start(&folder.path().join("data"), &database, &["--trusted-proxies", "127.0.0.1"]);
    for path in ["/livez", "/"] {
        assert!(!program.log().contains("proxy_silent"), "whoever asks for its health is no visitor");
        for _ in 0..30 {
            assert_eq!(Client::new().get(program.url(path)).send().await.unwrap().status(), 200);
        }
    }
    let log = program.stopped().await;
    assert_eq!(log.matches("\"proxy_silent\"").count(), 1, "{log}");
    database.drop().await;
}

#[tokio::test]
async fn a_code_that_is_asked_for_is_in_the_log_whoever_asks() {
    let folder = tempfile::tempdir().unwrap();
    let (data, database) = (folder.path().join("data"), TestDatabase::create(folder.path()).await);
    let program = Running::start(&data, &database, &["--mail", "dev"]);
    for path in ["/api/forgot-password", "/api/login/code"] {
        for email in ["demo@example.com", "nobody@example.com"] {
            let answer = Client::new().post(program.url(path)).json(&json!({"email": email})).send().await.unwrap();
            assert_eq!(answer.status(), 202);
        }
    }
    let log = program.stopped().await;
    assert!(!log.contains("example.com"), "{log}");
    let records: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for event in ["password_reset_asked", "sign_in_code_sent"] {
        let found: Vec<_> = records.iter().filter(|record| record["event"] == event).collect();
        assert!(found.len() == 2 && found.iter().all(|record| record["account"].is_string()), "{found:?}");
        assert_eq!(found.iter().filter(|record| record["user"].is_string()).count(), 1, "{found:?}");
    }
    database.drop().await;
}

#[tokio::test]
async fn no_secret_is_in_the_log_and_nobody_else_writes_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(folder.path()).await;
    let mut program = Program::start(folder.path(), &database);
    let mut secrets = live_through_a_lot(&program).await;
    attack(&program).await;
    exhaust(&program).await;
    let pid = program.child.id().to_string();
    assert!(Command::new("kill").arg(pid).status().unwrap().success());
    program.child.wait().unwrap();
    let mut said = String::new();
    program.stdout.read_to_string(&mut said).unwrap();
    assert!(!said.contains(['{', '@']), "standard output is for the address, the log for the rest: {said}");

    let log = std::fs::read_to_string(folder.path().join("log")).expect("UTF-8");
    let root = std::fs::read_to_string(folder.path().join("secret")).unwrap_or_else(|_| "c2VjcmV0".to_owned());
    secrets.extend([root, PASSWORD.to_owned(), WRONG.to_owned(), FORGED.to_owned(), TYPED.to_owned()]);
    secrets.push("$argon2id$".to_owned());
    for secret in &secrets {
        // A part of it is too much as well; a token's head is the same in each.
        for part in [secret.as_str(), &secret[secret.len().saturating_sub(20)..]] {
            let found = log.lines().find(|line| line.contains(part));
            assert_eq!(found, None, "{part} is in the log");
        }
    }
    let records: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(records.iter().all(|record| record["timestamp"].as_str().unwrap().ends_with('Z')), "UTC");
    assert!(records.iter().all(|record| record["level"].is_string()));
    assert!(!log.contains(['\r', '\u{1b}', '\u{9b}']));
    for event in [
        "registered",
        "signed_in",
        "sign_in_refused",
        "totp_added",
        "two_step_on",
        "recovery_codes_made",
        "refresh_token_replayed",
        "refresh_token_forged",
        "several_refresh_cookies",
        "access_token_refused",
        "csrf_token_refused",
        "cross_origin_refused",
        "rate_limited",
        "session_ended",
    ] {
        // The demo account was made before any request.
        let asked_for = |record: &&Value| event != "registered" || record["span"].is_object();
        let mut found = records.iter().filter(|record| record["event"] == event).filter(asked_for).peekable();
        assert!(found.peek().is_some(), "{event} was to be seen");
        let named = |record: &Value| record["span"]["id"].is_string() && record["span"]["client"] == "127.0.0.1";
        assert!(found.all(named), "{event} names its request and the client's address");
    }
    assert!(records.iter().all(|record| record["event"] != "canary-made-up"));
    database.drop().await;
}
