//! The laws of the outbox, while two instances send, crash at any await and start again, and the mail server loses
//! emails and answers:
//!
//! 1. an email whose writing was acknowledged arrives, or its use is over, or it was handed over twice unanswered;
//! 2. there are never more than two copies;
//! 3. none arrives after its use;
//! 4. none is sent whose transaction was undone.

use super::smtp_server::{Manners, SmtpServer};
use crate::{
    simulation::Dice,
    support::{TestDatabase, eventually},
};
use freshkey::{
    app::types::Millis,
    server::{
        auth::{
            colour::Palette,
            mail::{Composer, DevMailbox, EmailSecrets, Mail, MailParts, Prepared, smtp::Client},
            places::Places,
        },
        clock::Clock,
        mail::{EmailKind, Language, NewEmail, insert},
        settings::{Database, MailTimes, Mailbox, Smtp, SmtpTls},
        store::Store,
    },
};
use sqlx::{FromRow, error::Error};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{runtime::Runtime, time::sleep};

const ROUNDS: usize = 12;
const EMAILS_IN_A_ROUND: usize = 8;
const MINUTE: i64 = 60_000;
/// How far the clock may move between the last look at it and the arrival.
const SLACK: i64 = 2 * MINUTE;

#[derive(Debug, FromRow)]
struct Row {
    id: String,
    outcome: String,
    useful_until: i64,
    deliveries: i64,
}

struct World {
    database: Database,
    server: SmtpServer,
    clock: Arc<AtomicI64>,
}

impl World {
    /// An instance that sends, in a runtime of its own: it crashes when that is shut down.
    fn instance(&self) -> Runtime {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (database, clock) = (self.database.clone(), Arc::clone(&self.clock));
        let (host, port) = (self.server.address.ip().to_string(), self.server.address.port());
        runtime.spawn(async move {
            let store = Store::open(&database).await.unwrap();
            let steady = Arc::clone(&clock);
            let clock =
                Clock::new(move || Millis(clock.load(Ordering::SeqCst)), move || Millis(steady.load(Ordering::SeqCst)));
            let [connect, all] = [2, 4].map(Duration::from_secs);
            let times = MailTimes { connect, all, look: Duration::from_millis(5) };
            let smtp = Smtp { host, port, tls: SmtpTls::Off, user: None };
            let composer = Composer {
                name: "Shop",
                palette: Palette::of(165.0, 0.1),
                origin: "https://shop.example".to_owned(),
                from: Mailbox { name: None, address: "no-reply@shop.example".to_owned() },
                reply_to: None,
                code_life: Millis::from_mins(10),
                places: Places::default(),
                texts: HashMap::new(),
                own: HashMap::new(),
            };
            let parts = MailParts {
                store,
                clock,
                composer,
                prepare: Arc::new(|_| Box::pin(async { Ok(Prepared::Send(EmailSecrets::default())) })),
                client: Some(Client::new(smtp, "shop.example", times).unwrap()),
                mailbox: DevMailbox::default(),
                times,
            };
            let _sending = Mail::start(parts);
            std::future::pending::<()>().await;
        });
        runtime
    }

    /// Lets time pass, in small steps: so much of it.
    async fn pass(&self, dice: &mut Dice, steps: i64) {
        for _ in 0..steps {
            self.clock.fetch_add(dice.between(100, 3000), Ordering::SeqCst);
            sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Writes emails as a request would; one in five is undone.
async fn write(store: &Store, dice: &mut Dice, now: i64, undone: &mut HashSet<String>) -> Vec<String> {
    let mut written = Vec::new();
    for _ in 0..EMAILS_IN_A_ROUND {
        let (now, useful_until) = (Millis(now), Millis(now + dice.between(MINUTE, 120 * MINUTE)));
        let email = NewEmail { useful_until, ..NewEmail::new(EmailKind::Test, "ada@example.com", Language::En, now) };
        let (id, undo) = (email.id.to_string(), dice.once_in(5));
        let done = store.write((email, undo), |connection, (email, undo)| {
            Box::pin(async move {
                assert!(insert(connection, &email).await?);
                if undo { Err(Error::RowNotFound) } else { Ok(()) }
            })
        });
        if done.await.is_ok() {
            written.push(id);
        } else {
            undone.insert(id);
        }
    }
    written
}

fn chaos(dice: &mut Dice) -> Vec<Manners> {
    let bad = [Manners::Busy, Manners::Later, Manners::LosesEmail, Manners::LosesAnswer, Manners::HangsUp];
    let one = |n: i64| bad.get(usize::try_from(n).unwrap()).copied().unwrap_or(Manners::Good);
    (0..400).map(|_| one(dice.between(0, 12))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_email_arrives_or_is_over_and_no_more_than_twice() {
    let folder = tempfile::tempdir().unwrap();
    let test_database = TestDatabase::create(folder.path()).await;
    let database = match &test_database {
        TestDatabase::Sqlite(file) => Database::Sqlite(file.clone()),
        TestDatabase::Postgres { .. } => Database::Postgres(test_database.url()),
    };
    let mut dice = Dice::new(20_261_129);
    let clock = Arc::new(AtomicI64::new(1_795_474_112_345));
    let server = SmtpServer::start_at(&chaos(&mut dice), Arc::clone(&clock)).await;
    let world = World { database, server, clock };
    let store = Store::open(&world.database).await.unwrap();

    let (mut written, mut undone) = (Vec::new(), HashSet::new());
    let mut instances = [world.instance(), world.instance()];
    for _ in 0..ROUNDS {
        let now = world.clock.load(Ordering::SeqCst);
        written.extend(write(&store, &mut dice, now, &mut undone).await);
        let steps = dice.between(4, 40);
        world.pass(&mut dice, steps).await;
        let crashes = usize::try_from(dice.between(0, 2)).unwrap();
        std::mem::replace(&mut instances[crashes], world.instance()).shutdown_background();
    }
    eventually("all have ended", async || {
        world.pass(&mut dice, 20).await;
        world.clock.fetch_add(MINUTE, Ordering::SeqCst);
        (store.mail_figures().await.unwrap().waiting == 0).then_some(())
    })
    .await;
    for instance in instances {
        instance.shutdown_background();
    }
    judge(&world, &test_database, &written, &undone).await;
    store.close().await;
}

async fn judge(world: &World, database: &TestDatabase, written: &[String], undone: &HashSet<String>) {
    let (now, connection) = (world.clock.load(Ordering::SeqCst), database.connect().await);
    let sql = "SELECT id, outcome, useful_until, deliveries FROM outbox";
    let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(&connection).await.unwrap();
    connection.close().await;
    let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    assert_eq!(rows.len(), written.len(), "what was undone is not there");

    let mut copies: HashMap<String, Vec<i64>> = HashMap::new();
    for email in world.server.received() {
        copies.entry(email.id().to_owned()).or_default().push(email.at);
    }
    assert!(copies.keys().all(|id| !undone.contains(id)), "law 4");
    let mut twice = 0;
    for id in written {
        let (row, times) = (&rows[id], copies.get(id).map(Vec::as_slice).unwrap_or_default());
        assert!(times.len() <= 2, "law 2: {row:?} {times:?}");
        assert!(times.iter().all(|at| *at <= row.useful_until + SLACK), "law 3: {row:?} {times:?}");
        match row.outcome.as_str() {
            "sent" => assert!(!times.is_empty(), "law 1: {row:?}"),
            "given_up" => assert!(row.useful_until <= now || row.deliveries >= 2, "law 1: {row:?}"),
            other => panic!("{other}: {row:?}"),
        }
        twice += usize::from(times.len() == 2);
    }
    // Otherwise it would have shown nothing.
    assert!(twice > 0 && copies.len() > written.len() / 2, "{twice} twice, {} arrived", copies.len());
}
