//! The real program, killed in the middle of a storm: what was acknowledged is there when it starts
//! again, and nobody is signed out.

use crate::support::{PASSWORD, Refreshed, TestDatabase, cookie, program, signed};
use reqwest::{Client, Response, StatusCode};
use serde_json::json;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{sync::Notify, task::JoinSet};

const CLIENTS: usize = 16;
/// After how many answers it is killed, round by round.
const KILLED_AFTER: [usize; 5] = [41, 160, 7, 233, 98];
/// One call in so many is a sign-out.
const SIGN_OUTS: usize = 101;

/// The program, running.
struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn start(data: &Path, database: &TestDatabase) -> Self {
        let mut child = program()
            .arg("serve")
            .args(database.flags())
            .env("LEPTOS_SITE_ADDR", "127.0.0.1:0")
            .env("FRESHKEY_DATA_DIR", data)
            .env("FRESHKEY_ISSUER", "http://localhost")
            .env("FRESHKEY_AUDIENCE", "http://localhost")
            .env("FRESHKEY_RATE_LIMIT", "off")
            .env("FRESHKEY_SESSION_RATE_LIMIT", "off")
            // So that nearly every refresh rotates.
            .env("FRESHKEY_REFRESH_GRACE", "20ms")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("http://localhost:").nth(1).expect("the line that says where").split_whitespace().next();
        Self { address: format!("http://127.0.0.1:{}", port.unwrap()), child }
    }

    fn kill(self) {
        drop(self);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SIGKILL: it has no time for anything.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A browser that refreshes again and again, one request at a time.
struct Browser {
    cookie: String,
    access: String,
    state: State,
    calls: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    SignedIn,
    /// The sign-out was on its way when the server died.
    Unclear,
    SignedOut,
}

/// What all browsers share: the way to the server, and the count of its answers.
#[derive(Clone)]
struct Network {
    client: Client,
    address: String,
    answers: Arc<AtomicUsize>,
    kill_at: usize,
    enough: Arc<Notify>,
}

impl Network {
    fn to(program: &Program, kill_at: usize) -> Self {
        let (answers, enough) = (Arc::default(), Arc::default());
        Self { client: Client::new(), address: program.address.clone(), answers, kill_at, enough }
    }

    async fn post(&self, path: &str, cookie: &str) -> Option<Response> {
        let request = self.client.post(format!("{}{path}", self.address));
        let answer = request.header("cookie", format!("refresh={cookie}")).send().await.ok()?;
        if self.answers.fetch_add(1, Ordering::SeqCst) + 1 == self.kill_at {
            self.enough.notify_one();
        }
        Some(answer)
    }

    async fn protected(&self, access: &str) -> Option<StatusCode> {
        let request = self.client.get(format!("{}/api/protected", self.address));
        Some(request.bearer_auth(access).send().await.ok()?.status())
    }
}

impl Browser {
    async fn sign_in(network: &Network) -> Self {
        let credentials = json!({"email": "ada@example.com", "password": PASSWORD});
        let request = network.client.post(format!("{}/api/login", network.address));
        let session = signed(request.json(&credentials).send().await.unwrap()).await;
        Self { cookie: session.cookie, access: session.access, state: State::SignedIn, calls: 0 }
    }

    /// Refreshes, uses what it got, sometimes signs out; until the server is gone.
    async fn live(mut self, network: Network, number: usize) -> Self {
        loop {
            self.calls += 1;
            if (self.calls * CLIENTS + number).is_multiple_of(SIGN_OUTS) {
                self.state = State::Unclear;
                if let Some(answer) = network.post("/api/logout", &self.cookie).await {
                    assert_eq!(answer.status(), 204);
                    self.state = State::SignedOut;
                }
                return self;
            }
            let Some(answer) = network.post("/api/refresh-token", &self.cookie).await else { return self };
            assert_eq!(answer.status(), 200, "client {number} was signed out");
            // A new cookie is taken with the head, whether or not the body follows.
            if let Some(new) = cookie(&answer, "refresh") {
                self.cookie = new;
            }
            let answer = Refreshed::read(answer).await;
            if answer.body.is_null() {
                return self;
            }
            answer.access().clone_into(&mut self.access);
            if self.calls.is_multiple_of(2) && network.protected(&self.access).await.is_none() {
                return self;
            }
        }
    }

    /// Looks what is left after the restart.
    async fn look(&mut self, network: &Network) {
        let answer = Refreshed::read(network.post("/api/refresh-token", &self.cookie).await.unwrap()).await;
        let over = (answer.status, answer.reason()) == (403, "signed_out");
        match self.state {
            State::SignedIn => assert_eq!(answer.status, 200, "signed out by a crash: {answer:?}"),
            State::SignedOut => assert!(over, "an acknowledged sign-out was lost: {answer:?}"),
            State::Unclear => assert!(over || answer.status == 200, "{answer:?}"),
        }
        let status = network.protected(&self.access).await.unwrap();
        assert_eq!(status, if over { 401 } else { 200 }, "the access token of before");
        self.state = if over { State::SignedOut } else { State::SignedIn };
        if let Some(new) = answer.cookie {
            self.cookie = new;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_a_storm_it_loses_nothing_and_signs_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut browsers: Vec<Browser> = Vec::new();
    let database = TestDatabase::create(folder.path()).await;
    let mut program = Program::start(folder.path(), &database);
    let register = Client::new().post(format!("{}/api/register", program.address));
    let account = json!({"email": "ada@example.com", "password": PASSWORD});
    assert_eq!(register.json(&account).send().await.unwrap().status(), 201);
    for kill_at in KILLED_AFTER {
        let network = Network::to(&program, kill_at);
        while browsers.len() < CLIENTS {
            browsers.push(Browser::sign_in(&network).await);
        }
        let mut storm = JoinSet::new();
        for (number, browser) in browsers.drain(..).enumerate() {
            storm.spawn(browser.live(network.clone(), number));
        }
        let answered = tokio::time::timeout(std::time::Duration::from_mins(1), network.enough.notified());
        answered.await.expect("the storm goes on until it is killed");
        program.kill();
        browsers.extend(storm.join_all().await);

        program = Program::start(folder.path(), &database);
        let network = Network::to(&program, usize::MAX);
        for browser in &mut browsers {
            browser.look(&network).await;
        }
        browsers.retain(|browser| browser.state == State::SignedIn);
    }
    program.kill();
    if let TestDatabase::Postgres { .. } = database {
        database.drop().await;
    }
}
