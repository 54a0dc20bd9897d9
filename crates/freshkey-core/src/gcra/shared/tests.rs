use super::*;
use crate::gcra::{Limiter, Verdict, counts::Counts};
use freshkey_types::Millis;
use proptest::{prelude::*, test_runner::TestRunner};
use redis_server::RedisServer;
use std::{
    io::{self, Write},
    sync::atomic::{AtomicU32, Ordering},
};
use tracing_subscriber::fmt::MakeWriter;

#[path = "../../../../freshkey/tests/server/redis_server.rs"]
mod redis_server;

/// Replaces Redis's time with the test's.
const TEST_CLOCK: &str = "local now = tonumber(ARGV[3])\n";
const EXPIRY: &str = ", 'PX', math.ceil(ahead / 1000)";

fn client(server: &RedisServer) -> Client {
    Client::open(server.url()).expect("a URL")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Redis decides the same as memory does, for any requests at any time.
#[test]
fn the_script_decides_as_the_rule_does() {
    let (server, runtime) = (RedisServer::start(), runtime());
    // Redis would forget a key by its own clock.
    let kept = COUNT.replace(EXPIRY, "");
    assert_ne!(kept, COUNT);
    let script = Script::new(&format!("{TEST_CLOCK}{kept}"));
    let connection = runtime.block_on(client(&server).get_multiplexed_async_connection()).expect("a connection");
    // Microseconds since 1970: what a number in Lua must be able to hold.
    let start = 1_795_000_000_000_000_i64;
    let steps = prop::collection::vec((0..3_u8, -2_000_000..5_000_000_i64), 1..60);
    let cases = AtomicU32::new(0);
    let outcome = TestRunner::default().run(&((1..30_u32, 1..60_000_i64), steps), |((count, period), steps)| {
        let case = cases.fetch_add(1, Ordering::Relaxed);
        let (limit, here, mut now) = (Limit { count, period: Millis(period) }, Counts::new(), start);
        for (key, step) in steps {
            now += step;
            let mut call = script.key(format!("{case}:{key}"));
            let call = call.arg(limit.interval().0).arg(limit.period().0).arg(now);
            let said: i64 = runtime.block_on(call.invoke_async(&mut connection.clone())).expect("an answer");
            let decided = here.count(limit, &key, Micros(now)).map_or_else(|over| -over.0, |then| then.0 - now);
            prop_assert_eq!(said, decided);
        }
        Ok(())
    });
    outcome.expect("the same decisions");
}

/// A key is kept only as long as it matters.
#[tokio::test]
async fn what_is_whole_again_leaves_nothing_behind() {
    let server = RedisServer::start();
    let shared = Shared::connect(client(&server)).await;
    let limit = Limit { count: 4, period: Millis::from_mins(1) };
    assert!(shared.count(limit, "key").await.expect("an answer").is_ok());
    let mut connection = client(&server).get_multiplexed_async_connection().await.expect("a connection");
    let left: i64 = redis::cmd("PTTL").arg("key").query_async(&mut connection).await.expect("an answer");
    assert!((1..=15_000).contains(&left), "{left}");
    shared.reset("key").await;
    shared.give_back(limit, "key").await;
    let keys: Vec<String> = redis::cmd("KEYS").arg("key*").query_async(&mut connection).await.expect("an answer");
    assert_eq!(keys, Vec::<String>::new());
}

#[tokio::test]
async fn two_limiters_share_one_allowance_to_the_last() {
    let server = RedisServer::start();
    let limit = Limit { count: 50, period: Millis::from_hours(1) };
    let mut limiters = Vec::new();
    for _ in 0..2 {
        let shared = Arc::new(Shared::connect(client(&server)).await);
        limiters.push(Limiter::new("test", limit, Some(shared)));
    }
    let counts = (0..120).map(|turn| limiters[turn % 2].count(&"key", Millis::ZERO));
    let verdicts = futures::future::join_all(counts).await;
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Allowed).count(), 50);
    limiters[0].give_back(&"key").await;
    assert_eq!(limiters[1].count(&"key", Millis::ZERO).await, Verdict::Allowed);
    assert_ne!(limiters[0].count(&"key", Millis::ZERO).await, Verdict::Allowed);
    limiters[0].reset(&"key").await;
    assert_eq!(limiters[1].count(&"key", Millis::ZERO).await, Verdict::Allowed);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn times(&self, event: &str) -> usize {
        String::from_utf8_lossy(&self.0.lock().expect("a log")).matches(event).count()
    }

    async fn waits_for(&self, event: &str) {
        let told = async {
            while self.times(event) == 0 {
                time::sleep(Duration::from_millis(20)).await;
            }
        };
        time::timeout(Duration::from_secs(30), told).await.expect("it is logged");
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("a log").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// When Redis is killed, one call fails and counting goes on at once from what is known. When Redis is started again,
/// it is used again.
#[tokio::test]
async fn redis_goes_and_comes_back() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    let _logged_here = tracing::subscriber::set_default(subscriber);

    let mut server = RedisServer::start();
    let shared = Arc::new(Shared::connect(client(&server)).await);
    let limit = Limit { count: 3, period: Millis::from_hours(1) };
    let limiter = Limiter::new("test", limit, Some(Arc::clone(&shared)));
    for _ in 0..2 {
        assert_eq!(limiter.count(&"key", Millis::ZERO).await, Verdict::Allowed);
    }
    server.kill();
    assert_eq!(limiter.count(&"key", Millis::ZERO).await, Verdict::Allowed, "the third");
    assert_ne!(limiter.count(&"key", Millis::ZERO).await, Verdict::Allowed, "no new allowance");
    for _ in 0..20 {
        assert_eq!(
            limiter.count(&"other", Millis::ZERO).await == Verdict::Allowed,
            limiter.count(&"third", Millis::ZERO).await == Verdict::Allowed
        );
    }
    assert_eq!((log.times("redis_unreachable"), log.times("redis_reached")), (1, 0));

    server.run();
    while shared.count(limit, "probe").await.is_none() {
        time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(limiter.count(&"key", Millis::ZERO).await, Verdict::Allowed, "Redis began anew");
    log.waits_for("redis_reached").await;
    assert_eq!((log.times("redis_unreachable"), log.times("redis_reached")), (1, 1));
}

/// A Redis that accepts the probe and refuses the work is logged once, however often it is called.
#[tokio::test]
async fn a_redis_that_does_not_do_the_work_is_logged_once() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    let _logged_here = tracing::subscriber::set_default(subscriber);
    let server = RedisServer::start();
    let mut operator = client(&server).get_multiplexed_async_connection().await.expect("a connection");
    let mut allow = async |keys: &str| {
        let mut acl = redis::cmd("ACL");
        let acl = acl.arg("SETUSER").arg("default").arg("resetkeys").arg(keys);
        acl.exec_async(&mut operator).await.expect("it is set");
    };
    allow("~*probe").await;
    let shared = Arc::new(Shared::connect(client(&server)).await);
    let limiter = Limiter::new("test", Limit { count: 1000, period: Millis::from_hours(1) }, Some(Arc::clone(&shared)));
    for _ in 0..60 {
        assert_eq!(limiter.count(&"key", Millis::ZERO).await, Verdict::Allowed);
        time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((log.times("redis_unreachable"), log.times("redis_reached")), (1, 0));
    allow("~*").await;
    let working = async {
        while log.times("redis_reached") == 0 {
            limiter.count(&"key", Millis::ZERO).await;
            time::sleep(Duration::from_millis(50)).await;
        }
    };
    time::timeout(Duration::from_secs(30), working).await.expect("it is found again");
    assert_eq!((log.times("redis_unreachable"), log.times("redis_reached")), (1, 1));
}

/// A Redis that accepts connections and never answers is treated as missing, also at the start.
#[tokio::test]
async fn a_redis_that_hangs_holds_no_start_up() {
    let server = RedisServer::start();
    server.pause();
    let shared = Arc::new(Shared::connect(client(&server)).await);
    let limit = Limit { count: 1, period: Millis::from_secs(1) };
    let limiter = Limiter::new("test", limit, Some(Arc::clone(&shared)));
    assert_eq!(limiter.count(&"key", Millis::ZERO).await, Verdict::Allowed);
    assert_ne!(limiter.count(&"key", Millis::ZERO).await, Verdict::Allowed);
    server.resume();
    while shared.count(limit, "probe").await.is_none() {
        time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(limiter.count(&"key", Millis::ZERO).await, Verdict::Allowed);
}
