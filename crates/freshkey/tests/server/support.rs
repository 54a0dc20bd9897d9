//! A server of its own for each test, on a free port, with a clock that the test moves.

mod answers;
mod at_once;
mod authenticator;
mod browser;
mod database;
mod html;
mod program;
mod raw;
mod totp;
mod waiting;

pub use answers::{Refreshed, code, cookie, set_cookie, signed};
pub use at_once::at_once;
pub use authenticator::{Authenticator, BACKED_UP, BACKUP_ELIGIBLE, Bent, PRESENT, VERIFIED, extensions, straight};
pub use browser::Browser;
pub use database::{Backup, SECRET, TestDatabase, administer};
pub use html::{HtmlForm, attribute, elements, location};
pub use program::{Running, program};
pub use raw::{FOR_EVER, Raw};
pub use totp::{code_at, seed};
pub use waiting::{confirmed, eventually};

use freshkey::{
    app::types::Millis,
    server::{
        Server,
        auth::{
            jws::Algorithm,
            keyring::{Key, Keys},
            root_secret::RootSecret,
        },
        clock::Clock,
        freshkey::Freshkey,
        settings::{MailTimes, Settings, Timeouts},
        store::Store,
    },
};
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::json;
use std::{
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

pub const PASSWORD: &str = "a quiet brown horse";
/// How long a client may take to send what it sends.
pub const PATIENCE: Duration = Duration::from_secs(3);
pub const GRACE: Duration = Duration::from_secs(20);

/// Web files for tests that load no page in a browser.
pub const SITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/freshkey/tests/server/site");

/// The app under test; one for all, so that its pages are listed once.
pub static APP: LazyLock<Freshkey> = LazyLock::new(|| starter::freshkey().describe(crate::extending::operations));

/// A running server.
pub struct TestApp {
    /// The public origin.
    pub origin: String,
    address: String,
    client: Client,
    clock: Arc<Hands>,
    folder: Arc<TempDir>,
    database: TestDatabase,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// What a test's clock shows, in milliseconds.
#[derive(Default)]
struct Hands {
    now: AtomicI64,
    monotonic: AtomicI64,
}

/// A session, as a client holds it.
#[derive(Clone, Debug)]
pub struct Signed {
    pub access: String,
    pub csrf: String,
    /// The refresh cookie's value.
    pub cookie: String,
}

impl TestApp {
    /// A server with the default settings.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server with these flags.
    pub async fn with(flags: &[&str]) -> Self {
        Self::of(APP.clone(), flags).await
    }

    /// A server of this app with these flags.
    pub async fn of(built: Freshkey, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create(folder.path()).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let clock = Arc::new(Hands { now: AtomicI64::new(i64::try_from(now).unwrap()), ..Hands::default() });
        Self::begin(built, Arc::new(folder), database, clock, flags).await
    }

    async fn on(folder: Arc<TempDir>, database: TestDatabase, clock: Arc<Hands>, flags: &[&str]) -> Self {
        Self::begin(APP.clone(), folder, database, clock, flags).await
    }

    async fn begin(
        built: Freshkey,
        folder: Arc<TempDir>,
        database: TestDatabase,
        clock: Arc<Hands>,
        flags: &[&str],
    ) -> Self {
        let (wall, steady) = (Arc::clone(&clock), Arc::clone(&clock));
        let time = |hand: &AtomicI64| Millis(hand.load(Ordering::SeqCst));
        let hands = Clock::new(move || time(&wall.now), move || time(&steady.monotonic));
        let own = if flags.contains(&"--secret") { database.url_flags() } else { database.flags() };
        let flags: Vec<&str> = own.iter().map(String::as_str).chain(flags.iter().copied()).collect();
        let mut settings = settings(folder.path(), &flags);
        // What a slow client is waited for is what the tests wait for.
        settings.timeouts = Timeouts { head: PATIENCE, body: PATIENCE, write: PATIENCE, ..Timeouts::default() };
        settings.mail.times = MailTimes { connect: PATIENCE, all: PATIENCE * 2, look: Duration::from_millis(20) };
        let server = Server::bind(built, settings, hands).await.expect("the server starts");
        let origin = server.state().settings.http.origin.clone();
        let address = format!("http://{}", server.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            server.run(stopped).await;
        });
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { origin, address, client, clock, folder, database, stop, task }
    }

    /// Another instance on the same database, with the same secret, origin and clock. It is stopped
    /// before the first one.
    pub async fn another(&self, flags: &[&str]) -> Self {
        let flags = &[&["--origin", &self.origin], flags].concat();
        Self::on(Arc::clone(&self.folder), self.database.clone(), Arc::clone(&self.clock), flags).await
    }

    /// Another instance like [`TestApp::another`], on a machine whose clock is this far ahead.
    pub async fn another_ahead(&self, ahead: Duration) -> Self {
        let now = self.now() + i64::try_from(ahead.as_millis()).unwrap();
        let clock = Arc::new(Hands { now: AtomicI64::new(now), ..Hands::default() });
        let flags = ["--origin", &self.origin];
        Self::on(Arc::clone(&self.folder), self.database.clone(), clock, &flags).await
    }

    /// Stops it in order; nothing is left over.
    pub async fn stop(self) {
        let (folder, database, _) = self.shut_down().await;
        if Arc::strong_count(&folder) == 1 {
            database.drop().await;
        }
    }

    async fn shut_down(self) -> (Arc<TempDir>, TestDatabase, Arc<Hands>) {
        drop(self.client);
        self.stop.send(()).expect("it runs");
        self.task.await.expect("it stopped without a panic");
        (self.folder, self.database, self.clock)
    }

    /// Stops it and starts another on the same data.
    pub async fn restart(self, flags: &[&str]) -> Self {
        let (folder, database, clock) = self.shut_down().await;
        Self::on(folder, database, clock, flags).await
    }

    /// Stops it, makes a copy of its database, and starts it again.
    pub async fn back_up(self) -> (Self, Backup) {
        let (folder, database, clock) = self.shut_down().await;
        let backup = database.back_up().await;
        (Self::on(folder, database, clock, &[]).await, backup)
    }

    /// Stops it and starts it again with its database as it was.
    pub async fn restore(self, backup: Backup) -> Self {
        let (folder, database, clock) = self.shut_down().await;
        database.restore(backup).await;
        Self::on(folder, database, clock, &[]).await
    }

    /// The key that signs, as only somebody with the database and the root secret has it.
    pub async fn signing_key(&self, algorithm: Algorithm) -> Arc<Key> {
        let flags = self.database.flags();
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let data = settings(self.folder.path(), &flags).data;
        let secret = match &data.secret {
            Some(secret) => RootSecret::parse(secret).unwrap(),
            None => RootSecret::in_folder(&data.folder).unwrap(),
        };
        let store = Store::open(&data.database).await.unwrap();
        let keys = Keys::open(store.clone(), &secret, algorithm, Millis::ZERO, Millis(self.now())).await.unwrap();
        store.close().await;
        keys.signer(Millis(self.now())).unwrap()
    }

    /// The database.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Time passes.
    pub fn wait(&self, time: Duration) {
        let time = i64::try_from(time.as_millis()).unwrap();
        self.clock.now.fetch_add(time, Ordering::SeqCst);
        self.clock.monotonic.fetch_add(time, Ordering::SeqCst);
    }

    /// Somebody sets the clock back.
    pub fn set_back(&self, time: Duration) {
        self.clock.now.fetch_sub(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Somebody sets the clock forward.
    pub fn set_forward(&self, time: Duration) {
        self.clock.now.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// The server's clock, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now.load(Ordering::SeqCst)
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.address))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.address))
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(method.parse().unwrap(), format!("{}{path}", self.address))
    }

    /// Creates an account, and so a session.
    pub async fn register(&self, email: &str) -> Signed {
        let body = json!({"email": email, "password": PASSWORD});
        let answer = self.post("/api/register").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        signed(answer).await
    }

    pub async fn login(&self, email: &str, password: &str) -> Response {
        self.post("/api/login").json(&json!({"email": email, "password": password})).send().await.unwrap()
    }

    pub async fn sign_in(&self, email: &str) -> Signed {
        let answer = self.login(email, PASSWORD).await;
        assert_eq!(answer.status(), 200);
        signed(answer).await
    }

    /// Sends the refresh cookie.
    pub async fn refresh(&self, cookie: &str) -> Refreshed {
        Refreshed::read(
            self.post("/api/refresh-token").header("cookie", format!("refresh={cookie}")).send().await.unwrap(),
        )
        .await
    }

    /// Calls `GET /api/protected` with an access token.
    pub async fn protected(&self, access: &str) -> Response {
        self.get("/api/protected").bearer_auth(access).send().await.unwrap()
    }

    pub async fn logout(&self, cookie: &str) -> Response {
        self.post("/api/logout").header("cookie", format!("refresh={cookie}")).send().await.unwrap()
    }
}

/// The settings of a test.
pub fn settings(folder: &Path, flags: &[&str]) -> Settings {
    let data = folder.to_str().unwrap();
    let own = ["--site-addr", "127.0.0.1:0", "--data-dir", data];
    // Emails as in a release build: a test that wants them asks for them.
    let defaults = [["--site-root", SITE], ["--mail", "none"]].into_iter().filter(|[flag, _]| !flags.contains(flag));
    let flags: Vec<_> = own.into_iter().chain(defaults.flatten()).chain(flags.iter().copied()).collect();
    APP.settings_from(&flags).unwrap_or_else(|errors| panic!("{errors:?}"))
}
