//! `freshkey backup` and `freshkey restore`, and what stands for them on Postgres: the database of a running
//! server is copied, lost and put back.

use super::command;
use crate::support::{FOR_EVER, PASSWORD, Refreshed, Running, Signed, TestDatabase, administer, signed};
use reqwest::Client;
use serde_json::json;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::task::{JoinSet, spawn_blocking};

const BROWSERS: usize = 8;
/// Another port is another origin; and nearly every refresh rotates.
const FLAGS: [&str; 10] = [
    "--issuer",
    "http://localhost",
    "--audience",
    "http://localhost",
    "--rate-limit",
    "off",
    "--session-rate-limit",
    "off",
    "--refresh-grace",
    "20ms",
];

/// A server that people use.
#[derive(Clone)]
struct Site {
    origin: String,
    client: Client,
}

impl Site {
    fn of(program: &Running) -> Self {
        Self { origin: program.url(""), client: Client::new() }
    }

    async fn sign(&self, call: &str) -> Signed {
        let account = json!({"email": "ada@example.com", "password": PASSWORD});
        signed(self.client.post(format!("{}/api/{call}", self.origin)).json(&account).send().await.unwrap()).await
    }

    async fn post(&self, call: &str, cookie: &str) -> Refreshed {
        let request = self.client.post(format!("{}/api/{call}", self.origin));
        Refreshed::read(request.header("cookie", format!("refresh={cookie}")).send().await.unwrap()).await
    }

    async fn protected(&self, access: &str) -> u16 {
        let request = self.client.get(format!("{}/api/protected", self.origin));
        request.bearer_auth(access).send().await.unwrap().status().as_u16()
    }

    /// Refreshes; whether the cookie is another one then.
    async fn refresh(&self, session: &mut Signed) -> bool {
        let answer = self.post("refresh-token", &session.cookie).await;
        assert_eq!(answer.status, 200, "signed out: {answer:?}");
        answer.access().clone_into(&mut session.access);
        let rotated = answer.cookie.is_some();
        session.cookie = answer.cookie.unwrap_or(std::mem::take(&mut session.cookie));
        rotated
    }

    async fn rotate(&self, session: &mut Signed) {
        let rotated = async { while !self.refresh(session).await {} };
        tokio::time::timeout(FOR_EVER, rotated).await.expect("the token rotates");
    }
}

/// Refreshes until `done`, and once more after.
async fn busy(site: Site, mut session: Signed, done: Arc<AtomicBool>) -> Signed {
    while !done.load(Ordering::SeqCst) {
        site.refresh(&mut session).await;
    }
    site.rotate(&mut session).await;
    session
}

fn says(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

fn tool(name: &str, words: &[&str]) {
    let output = Command::new(name).args(words).output().unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(output.status.success(), "{name} {words:?}: {}", says(&output));
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

/// Copies the database, as docs/operations.md says.
fn back_up(database: &TestDatabase, copy: &str) {
    match database {
        TestDatabase::Sqlite(_) => {
            let output = command(&["backup", copy, "--database-url", &database.url()], Path::new("/"), "");
            assert!(output.status.success() && says(&output).contains("whole"), "{}", says(&output));
        }
        TestDatabase::Postgres { .. } => {
            tool("pg_dump", &["--format=custom", &format!("--file={copy}"), &database.url()]);
        }
    }
}

/// Loses the database, and puts the copy in its place.
async fn lose_and_restore(database: &TestDatabase, data: &Path, copy: &str) {
    match database {
        TestDatabase::Sqlite(file) => {
            fs::remove_file(file).unwrap();
            let words = ["restore", copy, "--database-url", &database.url(), "--data-dir", data.to_str().unwrap()];
            let output = command(&words, Path::new("/"), "");
            assert!(output.status.success(), "{}", says(&output));
            assert_eq!(mode(file), 0o600);
            assert!(!says(&output).contains("root secret"), "it is there: {}", says(&output));
        }
        TestDatabase::Postgres { name } => {
            administer(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
            administer(&format!("CREATE DATABASE {name}")).await;
            tool("pg_restore", &["--exit-on-error", "--no-owner", "--dbname", &database.url(), copy]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_busy_server_is_restored_and_nobody_is_signed_out() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy").to_str().unwrap().to_owned());
    let database = TestDatabase::create(folder.path()).await;
    let program = Running::start(&data, &database, &FLAGS);
    let site = Site::of(&program);
    let mut stolen = site.sign("register").await;
    let spent = stolen.cookie.clone();
    for _ in 0..2 {
        site.rotate(&mut stolen).await;
    }
    assert_eq!(site.protected(&stolen.access).await, 200);
    let over = site.sign("login").await;
    assert_eq!(site.post("logout", &over.cookie).await.status, 204);

    let done = Arc::new(AtomicBool::new(false));
    let mut browsers = JoinSet::new();
    for _ in 0..BROWSERS {
        browsers.spawn(busy(site.clone(), site.sign("login").await, Arc::clone(&done)));
    }
    let (of, to) = (database.clone(), copy.clone());
    spawn_blocking(move || back_up(&of, &to)).await.unwrap();
    done.store(true, Ordering::SeqCst);
    let browsers = browsers.join_all().await;
    let late = site.sign("login").await;
    if let TestDatabase::Sqlite(_) = database {
        assert_eq!(mode(Path::new(&copy)), 0o600);
        let refused = command(&["restore", &copy, "--database-url", &database.url()], folder.path(), "");
        assert_eq!(refused.status.code(), Some(1));
        assert!(says(&refused).contains("in use"), "{}", says(&refused));
        site.refresh(&mut browsers[0].clone()).await;
    }

    drop(program); // killed: what SQLite has beside its file stays there
    lose_and_restore(&database, &data, &copy).await;
    let program = Running::start(&data, &database, &FLAGS);
    let site = Site::of(&program);
    for mut session in browsers {
        assert_eq!(site.protected(&session.access).await, 200, "the access token of before");
        site.refresh(&mut session).await;
        site.rotate(&mut session).await;
        assert_eq!(site.protected(&session.access).await, 200);
    }
    let answer = site.post("refresh-token", &over.cookie).await;
    assert_eq!((answer.status, answer.reason()), (403, "signed_out"), "what was over stays over");
    assert_eq!(site.post("refresh-token", &late.cookie).await.status, 403, "what came later is lost");
    let answer = site.post("refresh-token", &spent).await;
    assert_eq!((answer.status, answer.reason()), (403, "replay"));
    assert_eq!(site.protected(&stolen.access).await, 401, "a replay ends the session as ever");
    drop(program);
    if let TestDatabase::Postgres { .. } = database {
        database.drop().await;
    }
}

/// A folder with a database in it, and one account.
struct Kept(tempfile::TempDir);

impl Kept {
    fn with(email: &str) -> Self {
        let kept = Self(tempfile::tempdir().unwrap());
        kept.does(&["users", "create", email], PASSWORD);
        kept
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn does(&self, words: &[&str], input: &str) -> String {
        let output = command(words, self.0.path(), input);
        assert!(output.status.success(), "{words:?}: {}", says(&output));
        says(&output)
    }

    /// Does not do it, and says why in one line.
    fn may_not(&self, words: &[&str]) -> String {
        let output = command(words, self.0.path(), "");
        let said = says(&output);
        assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{words:?}: {said}");
        said
    }

    fn accounts(&self) -> usize {
        self.does(&["users", "list"], "").lines().count() - 1
    }

    /// The files here and in the data folder.
    fn files(&self) -> Vec<PathBuf> {
        let list = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
        let mut files = [list(self.0.path()), list(&self.path("data"))].concat();
        files.sort();
        files
    }
}

#[test]
fn a_copy_overwrites_nothing() {
    let kept = Kept::with("ada@example.com");
    fs::write(kept.path("notes"), "mine").unwrap();
    assert!(kept.may_not(&["backup", "notes"]).contains("exists already"));
    assert_eq!(fs::read_to_string(kept.path("notes")).unwrap(), "mine");
    std::os::unix::fs::symlink("nowhere", kept.path("link")).unwrap();
    kept.may_not(&["backup", "link"]);
    let before = kept.files();
    kept.may_not(&["backup", "no/folder/copy"]);
    kept.may_not(&["backup", "copy", "--data-dir", "nothing"]);
    assert!(kept.may_not(&["backup", "copy", "--database-url", "postgres://localhost/app"]).contains("pg_dump"));
    assert_eq!(kept.files(), before, "nothing is left behind");
    kept.does(&["backup", "copy"], "");
    kept.may_not(&["backup", "copy"]);
}

#[test]
fn what_is_no_whole_copy_is_not_restored() {
    let kept = Kept::with("ada@example.com");
    kept.does(&["backup", "copy"], "");
    let whole = fs::read(kept.path("copy")).unwrap();
    let half = whole.len() / 2 / 4096 * 4096;
    let damaged = |from: usize, to: usize| [&whole[..from], &vec![0xff; to - from], &whole[to..]].concat();
    for (bytes, why) in [
        (damaged(half, whole.len()), "not a whole database"),
        (damaged(0, 100), "not a whole database"),
        (whole[..half].to_vec(), "not a whole database"),
        (Vec::new(), "other tables"),
        (b"CREATE TABLE users".repeat(999), "not a whole database"),
    ] {
        fs::write(kept.path("damaged"), bytes).unwrap();
        let before = kept.files();
        let said = kept.may_not(&["restore", "damaged"]);
        assert!(said.contains(why) && said.contains("damaged"), "{said}");
        assert_eq!(kept.files(), before, "{said}");
    }
    kept.may_not(&["restore", "nothing"]);
    assert_eq!(kept.accounts(), 1);
}

#[test]
fn a_restore_keeps_the_database_that_was_there() {
    let kept = Kept::with("ada@example.com");
    kept.does(&["backup", "copy"], "");
    kept.does(&["users", "create", "bob@example.com"], PASSWORD);
    let said = kept.does(&["restore", "copy"], "");
    assert!(said.contains("root secret"), "no server has made one yet: {said}");
    assert_eq!(kept.accounts(), 1);
    let before = said.lines().find_map(|line| line.strip_prefix("The database that was there is now ")).unwrap();
    let before = before.strip_suffix(".").unwrap();
    assert_eq!(mode(Path::new(before)), 0o600);
    kept.does(&["restore", before, "--json"], "");
    assert_eq!(kept.accounts(), 2);
}
