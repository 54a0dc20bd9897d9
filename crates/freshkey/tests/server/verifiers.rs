//! The examples of docs/verify-tokens.md, as they stand there, against a running server whose key is
//! withdrawn.

use crate::support::{TestApp, TestDatabase};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use freshkey::server::auth::jws::Algorithm;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

#[path = "../../examples/verify.rs"]
#[expect(dead_code, reason = "the example is a program of its own, too")]
mod example;

const DOCUMENT: &str = "docs/verify-tokens.md";
const EMAIL: &str = "ada@example.com";
/// How long a service may keep the key set, and how soon it may ask again: the document's promises.
const KEEP: Duration = Duration::from_mins(5);
const COOL_DOWN: Duration = Duration::from_secs(30);
/// How long a server may take to notice that a key was withdrawn is ten seconds: no reason to wait for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody else's service.
enum Service {
    Rust { verifier: example::Verifier, ahead: Duration },
    Other { child: Child, says: BufReader<ChildStdout>, hears: ChildStdin, _folder: tempfile::TempDir },
}

impl Service {
    fn rust(app: &TestApp) -> Self {
        Self::Rust { verifier: example::Verifier::new(app.origin.clone()), ahead: Duration::ZERO }
    }

    fn node(app: &TestApp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("service.mjs"), snippet("js")).unwrap();
        let packages = root().join("end2end/node_modules");
        assert!(packages.join("jose").exists(), "jose is missing: scripts/setup.sh test installs it");
        std::os::unix::fs::symlink(packages, folder.path().join("node_modules")).unwrap();
        Self::start(app, Command::new("node").arg(root().join("crates/freshkey/tests/verifiers/run.mjs")), folder)
    }

    fn python(app: &TestApp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("service.py"), snippet("python")).unwrap();
        let python =
            std::env::var("FRESHKEY_PYTHON").expect("scripts/setup.sh test installs PyJWT and names its Python");
        Self::start(
            app,
            Command::new(python).arg("-B").arg(root().join("crates/freshkey/tests/verifiers/run.py")),
            folder,
        )
    }

    fn start(app: &TestApp, command: &mut Command, folder: tempfile::TempDir) -> Self {
        let mut child = command
            .arg(folder.path())
            .env("ISSUER", &app.origin)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let (says, hears) = (BufReader::new(child.stdout.take().unwrap()), child.stdin.take().unwrap());
        Self::Other { child, says, hears, _folder: folder }
    }

    /// Who it thinks calls; none if it refuses.
    async fn verify(&mut self, token: &str) -> Option<String> {
        match self {
            Self::Rust { verifier, ahead } => {
                verifier.verify(token, Instant::now() + *ahead).await.ok().map(|caller| caller.email)
            }
            Self::Other { .. } => {
                let said = self.ask(&format!("verify {token}"));
                (!said.starts_with("refused")).then_some(said)
            }
        }
    }

    /// Its clock moves on.
    fn wait(&mut self, time: Duration) {
        match self {
            Self::Rust { ahead, .. } => *ahead += time,
            Self::Other { .. } => assert_eq!(self.ask(&format!("wait {}", time.as_secs())), "waited"),
        }
    }

    /// In a thread that may block: the server runs in others.
    fn ask(&mut self, line: &str) -> String {
        let Self::Other { says, hears, .. } = self else { unreachable!("only programs are asked") };
        tokio::task::block_in_place(|| {
            writeln!(hears, "{line}").unwrap();
            let mut said = String::new();
            says.read_line(&mut said).unwrap();
            assert!(!said.is_empty(), "it broke: its own message is above");
            said.trim_end().to_owned()
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Self::Other { child, .. } = self {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The one block of the document in this language.
fn snippet(language: &str) -> String {
    let document = std::fs::read_to_string(root().join(DOCUMENT)).unwrap();
    let fence = format!("```{language}\n");
    let mut blocks = document.split(&fence).skip(1);
    let block = blocks.next().expect("the document has it").split("```").next().unwrap();
    assert!(blocks.next().is_none(), "one block in each language");
    block.to_owned()
}

/// Tokens signed with the server's own key that are no access tokens of this service.
async fn not_for_it(app: &TestApp, access: &str, algorithm: Algorithm) -> Vec<(&'static str, String)> {
    let key = app.signing_key(algorithm).await;
    let parts: Vec<_> = access.split('.').collect();
    let object = |part: &str| serde_json::from_slice::<Value>(&BASE64.decode(part).unwrap()).unwrap();
    let token = |header: &Value, claims: &Value| {
        let message = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        format!("{message}.{}", BASE64.encode(key.sign(message.as_bytes()).unwrap()))
    };
    let with = |mut object: Value, name: &str, value: Value| {
        object[name] = value;
        object
    };
    let (header, claims) = (object(parts[0]), object(parts[1]));
    let now = app.now() / 1000;
    vec![
        ("another kind of token", token(&with(header.clone(), "typ", json!("JWT")), &claims)),
        ("a typ that is no text", token(&with(header.clone(), "typ", json!(7)), &claims)),
        ("another service's", token(&header, &with(claims.clone(), "aud", json!("https://other.example")))),
        ("another issuer's", token(&header, &with(claims.clone(), "iss", json!("https://other.example")))),
        ("expired", token(&header, &with(claims.clone(), "exp", json!(now - 1)))),
        ("an algorithm that is not the key's", token(&with(header.clone(), "alg", json!("HS256")), &claims)),
        ("an unknown key's", token(&with(header, "kid", json!("made-up")), &claims)),
        ("no token at all", "x".to_owned()),
    ]
}

/// Withdraws every key as the operator does, and waits until the server no longer publishes them.
async fn withdraw(app: &TestApp) {
    let published = async || app.get("/.well-known/jwks.json").send().await.unwrap().json::<Value>().await.unwrap();
    let before = published().await;
    // The command has the real time; the server's clock stood still since it started.
    let real = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    app.wait(Duration::from_millis((real - app.now()).unsigned_abs()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_freshkey"));
    command.args(["keys", "rotate", "--revoke"]).args(app.database().flags());
    if let TestDatabase::Sqlite(file) = app.database() {
        command.arg("--data-dir").arg(file.parent().unwrap());
    }
    let done = tokio::task::block_in_place(|| command.output()).unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let real = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    app.wait(Duration::from_millis((real - app.now()).unsigned_abs()));
    let noticed = async {
        while published().await == before {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, noticed).await.expect("the server notices within ten seconds");
}

async fn services_trust_what_they_may_and_no_longer(algorithm: Algorithm) {
    let app = TestApp::with(&["--algorithm", algorithm.name()]).await;
    let before = app.register(EMAIL).await;
    let languages = [("Rust", Service::rust as fn(&_) -> _), ("Node", Service::node), ("Python", Service::python)];
    let start = || languages.map(|(language, start)| (language, start(&app)));
    let (mut patient, mut curious) = (start(), start());
    let wrong = not_for_it(&app, &before.access, algorithm).await;
    for (language, service) in patient.iter_mut().chain(&mut curious) {
        assert_eq!(service.verify(&before.access).await.as_deref(), Some(EMAIL), "{language}");
        for (what, token) in &wrong {
            assert_eq!(service.verify(token).await, None, "{language}: {what}");
        }
    }

    withdraw(&app).await;
    let after = app.sign_in(EMAIL).await;
    for (language, service) in &mut patient {
        service.wait(KEEP + Duration::from_secs(1));
        let refused = service.verify(&before.access).await;
        assert_eq!(refused, None, "{language} keeps the set for five minutes and no longer");
        assert_eq!(service.verify(&after.access).await.as_deref(), Some(EMAIL), "{language}");
    }
    for (language, service) in &mut curious {
        service.wait(COOL_DOWN + Duration::from_secs(1));
        let accepted = service.verify(&after.access).await;
        assert_eq!(accepted.as_deref(), Some(EMAIL), "{language} fetches the set again for an unknown key");
        assert_eq!(service.verify(&before.access).await, None, "{language} has forgotten the withdrawn one");
    }
    drop((patient, curious));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_forget_a_withdrawn_ed25519_key() {
    services_trust_what_they_may_and_no_longer(Algorithm::EdDsa).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_forget_a_withdrawn_p256_key() {
    services_trust_what_they_may_and_no_longer(Algorithm::Es256).await;
}
