//! The laws of the outbox, on the real program that is killed again and again while people ask for emails and the mail
//! server misbehaves:
//!
//! 1. an email whose request was answered arrives, or its use is over, or it was handed over twice unanswered;
//! 2. there are never more than two copies, and they are the same;
//! 3. none arrives after its use;
//! 4. a refused request sends no email.
//!
//! Claims last a minute, and a code an hour. Nobody waits for that: while the program is dead, what is written of emails is
//! made so much older.

use super::smtp_server::{Manners, Received, SmtpServer};
use crate::{
    simulation::Dice,
    support::{PASSWORD, Running, TestDatabase, eventually},
};
use reqwest::Client;
use serde_json::{Value, json};
use sqlx::{AnyPool, FromRow};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::task::JoinSet;

const CLIENTS: usize = 6;
const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;
/// Longer than a claim.
const CLAIM: i64 = 61 * SECOND;
const KNOWN: &str = "ada@example.com";

/// When the program is killed.
enum Kill {
    /// After so many answers to people.
    Answers(usize),
    /// After the mail server took so many emails, and before it has said so.
    Emails(usize),
}

/// What somebody asked for, and what was said.
struct Asked {
    to: String,
    kind: &'static str,
    said: Said,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Accepted,
    Refused,
    /// The program was killed first.
    Nothing,
}

#[derive(Debug, FromRow)]
struct Row {
    id: String,
    kind: String,
    email: String,
    outcome: String,
    useful_until: i64,
    deliveries: i64,
    decoy: i64,
}

struct World {
    data: PathBuf,
    database: TestDatabase,
    server: SmtpServer,
    /// The mail server's clock: when the program was started last.
    clock: Arc<AtomicI64>,
    /// So much time has passed while it was dead.
    passed: i64,
    asked: Vec<Asked>,
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// The `n`th request of a client: where, what, and which email it asks for, to whom.
fn request(who: &str, n: usize) -> (&'static str, Value, &'static str, String) {
    let new = |name: &str| format!("{name}-{who}-{n}@example.com");
    match n % 5 {
        0 => {
            let to = new("new");
            ("/api/register", json!({"email": to, "password": PASSWORD}), "register", to)
        }
        1 => ("/api/forgot-password", json!({"email": KNOWN}), "reset", KNOWN.to_owned()),
        2 => ("/api/login/code", json!({"email": KNOWN}), "sign_in_code", KNOWN.to_owned()),
        3 => {
            let to = new("refused");
            ("/api/register", json!({"email": to, "password": "short"}), "register", to)
        }
        _ => {
            let to = new("nobody");
            ("/api/forgot-password", json!({"email": to}), "decoy", to)
        }
    }
}

/// Asks for one email after the other until the program is gone.
async fn ask(url: String, who: String, answers: Arc<AtomicUsize>) -> Vec<Asked> {
    let (client, mut asked) = (Client::new(), Vec::new());
    loop {
        let (path, body, kind, to) = request(&who, asked.len());
        let answer = client.post(format!("{url}{path}")).json(&body).send().await;
        let said = match answer.as_ref().map(|answer| answer.status().as_u16()) {
            Ok(202) => Said::Accepted,
            Ok(422 | 503) => Said::Refused,
            Ok(other) => panic!("{path}: {other}"),
            Err(_) => Said::Nothing,
        };
        asked.push(Asked { to, kind, said });
        if said == Said::Nothing {
            return asked;
        }
        answers.fetch_add(1, Ordering::SeqCst);
    }
}

impl World {
    fn start(&self) -> Running {
        self.clock.store(now() + self.passed, Ordering::SeqCst);
        let url = self.server.url();
        let mail = ["--mail", &url, "--mail-from", "no-reply@shop.example", "--mail-rate-limit", "off"];
        Running::start(&self.data, &self.database, &[&mail[..], &["--rate-limit", "off"]].concat())
    }

    /// People ask until the program is killed.
    async fn round(&mut self, name: usize, kill: Kill, pass: i64) {
        let (program, before, answers) = (self.start(), self.server.received().len(), Arc::new(AtomicUsize::new(0)));
        let mut storm = JoinSet::new();
        for client in 0..CLIENTS {
            storm.spawn(ask(program.url(""), format!("{name}-{client}"), Arc::clone(&answers)));
        }
        eventually("the moment to kill it", async || {
            let reached = match kill {
                Kill::Answers(count) => answers.load(Ordering::SeqCst) >= count,
                Kill::Emails(count) => self.server.received().len() >= before + count,
            };
            reached.then_some(())
        })
        .await;
        // SIGKILL: it has no time for anything.
        drop(program);
        self.asked.extend(storm.join_all().await.into_iter().flatten());
        self.pass(pass).await;
    }

    /// Lets time pass while the program is dead, and nothing that it has sent is still under way.
    async fn pass(&mut self, ms: i64) {
        self.server.is_left_alone().await;
        let pool = self.database.connect().await;
        for sql in [
            // Not when they were written: that is the date of each copy.
            "UPDATE outbox SET useful_until = useful_until - $1, next_try_at = next_try_at - $1,
                               claimed_until = claimed_until - $1, sent_at = sent_at - $1",
            "UPDATE challenges SET asked_at = asked_at - $1, created_at = created_at - $1, expires_at = expires_at - $1",
        ] {
            sqlx::query(sql).bind(ms).execute(&pool).await.unwrap();
        }
        pool.close().await;
        self.passed += ms;
    }

    /// The mail server behaves, and the program lives until nothing waits.
    async fn finish(&mut self) {
        self.server.behave(Vec::new());
        loop {
            let program = self.start();
            let pool = self.database.connect().await;
            eventually("what is due is sent", async || waiting(&pool, now()).await.is_none().then_some(())).await;
            let later = waiting(&pool, i64::MAX).await;
            pool.close().await;
            program.signal("TERM");
            assert!(program.ended().await.success());
            match later {
                Some(next) => self.pass((next - now()).max(0) + SECOND).await,
                None => return,
            }
        }
    }

    async fn judge(&self) {
        let pool = self.database.connect().await;
        let sql = "SELECT id, kind, email, COALESCE(outcome, 'waits') AS outcome, useful_until, deliveries, decoy FROM outbox";
        let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
        pool.close().await;
        let mut copies: HashMap<String, Vec<Received>> = HashMap::new();
        for email in self.server.received() {
            copies.entry(email.id().to_owned()).or_default().push(email);
        }
        self.each_email_keeps_the_laws(&rows, &copies);
        self.each_request_has_its_email(&rows);
        // Otherwise it would have shown nothing.
        let twice = copies.values().filter(|copies| copies.len() == 2).count();
        let late = rows.iter().filter(|row| row.outcome == "given_up" && row.deliveries < 2).count();
        let cut = self.asked.iter().filter(|asked| asked.said == Said::Nothing).count();
        assert!(twice > 0 && late > 0 && cut > 0, "{twice} twice, {late} too late, {cut} requests cut off");
    }

    fn each_email_keeps_the_laws(&self, rows: &[Row], copies: &HashMap<String, Vec<Received>>) {
        for row in rows {
            let copies = copies.get(&row.id).map(Vec::as_slice).unwrap_or_default();
            assert!(copies.len() <= 2, "law 2: {} copies, {row:?}", copies.len());
            assert!(row.decoy == 0 || copies.is_empty(), "law 4: {row:?}");
            for copy in copies {
                assert!(copy.at <= row.useful_until + self.passed, "law 3: at {}, {row:?}", copy.at - self.passed);
                assert_eq!((&copy.to, copy.header("Date")), (&row.email, copies[0].header("Date")), "law 2: {row:?}");
                assert_eq!(copy.header("Subject"), copies[0].header("Subject"), "law 2: {row:?}");
            }
            match row.outcome.as_str() {
                "sent" => assert!(!copies.is_empty(), "law 1: {row:?}"),
                "given_up" => assert!(row.useful_until <= now() || row.deliveries >= 2, "law 1: {row:?}"),
                "decoy" => {}
                other => panic!("{other}: {row:?}"),
            }
        }
        assert!(copies.keys().all(|id| rows.iter().any(|row| row.id == *id)), "law 4: an email that nobody wrote");
    }

    fn each_request_has_its_email(&self, rows: &[Row]) {
        let mut asked: HashMap<(&str, &str), [usize; 2]> = HashMap::new();
        for Asked { to, kind, said } in &self.asked {
            let [answered, perhaps] = asked.entry((to, kind)).or_default();
            *answered += usize::from(*said == Said::Accepted);
            *perhaps += usize::from(*said == Said::Nothing);
        }
        let mut written: HashMap<(&str, &str), usize> = HashMap::new();
        for row in rows {
            let kind = if row.decoy != 0 { "decoy" } else { row.kind.as_str() };
            *written.entry((&row.email, kind)).or_default() += 1;
        }
        for (which, [answered, perhaps]) in &asked {
            let written = written.remove(which).unwrap_or_default();
            assert!(written >= *answered, "law 1: {which:?}, {written} of {answered}");
            assert!(written <= answered + perhaps, "law 4: {which:?}, {written} of {answered}");
        }
        assert!(written.is_empty(), "law 4: {written:?}");
    }
}

/// When the email that waits longest of those that are due by then is tried next.
async fn waiting(pool: &AnyPool, by: i64) -> Option<i64> {
    let sql = "SELECT next_try_at FROM outbox WHERE outcome IS NULL AND next_try_at <= $1 ORDER BY next_try_at DESC";
    let rows: Vec<(i64,)> = sqlx::query_as(sql).bind(by).fetch_all(pool).await.unwrap();
    rows.first().map(|(next,)| *next)
}

/// So many connections, treated as the dice say.
fn chaos(dice: &mut Dice) -> Vec<Manners> {
    let bad = [Manners::Slow, Manners::Later, Manners::LosesAnswer, Manners::HangsUp, Manners::Busy];
    let one = |n: i64| bad.get(usize::try_from(n).unwrap()).copied().unwrap_or(Manners::Good);
    (0..400).map(|_| one(dice.between(0, 8))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_sends_it_loses_no_email_and_sends_none_three_times() {
    let folder = tempfile::tempdir().unwrap();
    let (data, database) = (folder.path().join("data"), TestDatabase::create(folder.path()).await);
    let clock = Arc::new(AtomicI64::new(0));
    let server = SmtpServer::start_at(&[], Arc::clone(&clock)).await;
    let without_mail = Running::start(&data, &database, &[]);
    let register = Client::new().post(without_mail.url("/api/register"));
    let answer = register.json(&json!({"email": KNOWN, "password": PASSWORD})).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    drop(without_mail);

    let mut world = World { data, database, server, clock, passed: 0, asked: Vec::new() };
    let mut dice = Dice::new(20_261_129);
    // The same emails are handed over each time, until they must not be any more.
    for (round, emails) in [1, 2, 1].into_iter().enumerate() {
        world.server.behave(vec![Manners::Slow; 400]);
        world.round(round, Kill::Emails(emails), CLAIM).await;
    }
    for (round, pass) in [(3, 6 * SECOND), (4, CLAIM), (5, 20 * SECOND), (6, CLAIM)] {
        world.server.behave(chaos(&mut dice));
        let answers = usize::try_from(dice.between(5, 50)).unwrap();
        world.round(round, Kill::Answers(answers), pass).await;
    }
    // What waits has a use of an hour or of a day.
    world.server.behave(vec![Manners::Busy; 4000]);
    world.round(7, Kill::Answers(40), 2 * HOUR).await;
    world.finish().await;
    world.judge().await;
    world.database.drop().await;
}
