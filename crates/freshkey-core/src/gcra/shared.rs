//! The same counts in Redis, shared between instances.
//!
//! Each decision is one script, so nothing comes between reading and writing. The script uses Redis's clock, which is
//! the same for all instances. With each caller's own clock, an instance whose clock is fast would use up the
//! allowance of the time in between, and the others would be refused for as long.
//!
//! When Redis does not answer at once, the circuit opens: each instance counts for itself until a background task has
//! reached Redis again. No call waits for that. A Redis that accepts the probe but fails the work is tried less and
//! less often, by one call at a time, and is logged once. It counts as back only when it has done its work for a
//! while.

use super::{Limit, Micros};
use crate::causes::with_causes;
use redis::{AsyncConnectionConfig, Client, RedisError, Script, ScriptInvocation, aio::MultiplexedConnection};
use std::{
    error::Error,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, task::JoinSet, time};

/// How long a call waits for Redis, at most and only once.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long connecting may take, and the pause before the next try.
const CONNECT: Duration = Duration::from_secs(1);
const RETRY: Duration = Duration::from_millis(500);
/// The longest pause before trying a Redis again that was reached and then failed.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How long Redis must have done its work before it counts as back.
const STEADY: Duration = Duration::from_secs(5);
/// The prefix of every key. It is one hash tag: in a cluster all keys are on one node, the probe's too.
pub(super) const KEYS: &str = "{freshkey}:limit:";

/// Sets `now`, in microseconds.
const CLOCK: &str = "local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
";
/// [`Limit::decide`] in Lua. Returns how far ahead the time to store is or, negative, how much too early `now` is. A
/// key that is whole again is not stored.
const COUNT: &str = "local interval, period = tonumber(ARGV[1]), tonumber(ARGV[2])
local whole_at = tonumber(redis.call('GET', KEYS[1]) or now) or now
local ahead = math.min(math.max(whole_at - now, 0), period)
local over = ahead + interval - period
if over <= 0 then ahead = ahead + interval end
if over <= 0 or whole_at > now + ahead then
  redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000))
end
if over > 0 then return -over end
return ahead
";
const GIVE_BACK: &str = "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('DECRBY', KEYS[1], ARGV[1])
";
const RESET: &str = "return redis.call('DEL', KEYS[1])";

/// The counts in Redis. Dropping it ends the task that keeps the connection.
pub struct Shared {
    redis: Arc<Redis>,
    _keeper: JoinSet<()>,
}

struct Redis {
    client: Client,
    count: Script,
    give_back: Script,
    reset: Script,
    link: Mutex<Option<Link>>,
    lost: Notify,
    /// Whether the log says that Redis can't be reached.
    away: AtomicBool,
}

/// A numbered connection. A late failure of an old connection must not close its successor.
#[derive(Clone)]
struct Link {
    number: u64,
    connection: MultiplexedConnection,
    trust: Arc<Trust>,
}

/// Whether a connection has done any work since it was opened. Until then, one call at a time tries it.
#[derive(Default)]
struct Trust {
    earned: AtomicBool,
    tried: AtomicBool,
    worked: Notify,
}

impl Shared {
    /// Connects, or keeps trying in the background.
    pub async fn connect(client: Client) -> Self {
        let redis = Arc::new(Redis {
            client,
            count: Script::new(&format!("{CLOCK}{COUNT}")),
            give_back: Script::new(GIVE_BACK),
            reset: Script::new(RESET),
            link: Mutex::default(),
            lost: Notify::new(),
            away: AtomicBool::new(false),
        });
        match redis.connect(0).await {
            Ok(trust) => trust.earned.store(true, Ordering::Relaxed),
            Err(error) => redis.say_lost(&error),
        }
        let mut keeper = JoinSet::new();
        keeper.spawn(keep(Arc::clone(&redis)));
        Self { redis, _keeper: keeper }
    }

    /// Returns the decision of [`Limit::decide`] as times from now, or `None` if Redis does not answer.
    pub(super) async fn count(&self, limit: Limit, key: &str) -> Option<Result<Micros, Micros>> {
        let mut call = self.redis.count.key(key);
        let said = self.redis.run(call.arg(limit.interval().0).arg(limit.period().0)).await?;
        Some(if said > 0 { Ok(Micros(said)) } else { Err(Micros(-said)) })
    }

    pub(super) async fn give_back(&self, limit: Limit, key: &str) {
        self.redis.run(self.redis.give_back.key(key).arg(limit.interval().0)).await;
    }

    pub(super) async fn reset(&self, key: &str) {
        self.redis.run(&self.redis.reset.key(key)).await;
    }
}

impl Redis {
    /// Runs a script. Returns `None` if there is no connection, if another call is trying a new one, or if the call
    /// fails.
    async fn run(&self, call: &ScriptInvocation<'_>) -> Option<i64> {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let new = !link.trust.earned.load(Ordering::Relaxed);
        let _trial = if new { Some(Trial::begin(&link.trust)?) } else { None };
        match time::timeout(PATIENCE, call.invoke_async(&mut link.connection)).await {
            Ok(Ok(said)) => {
                if new {
                    link.trust.earned.store(true, Ordering::Relaxed);
                    link.trust.worked.notify_one();
                }
                Some(said)
            }
            Ok(Err(error)) => self.lose(link.number, &error),
            Err(late) => self.lose(link.number, &late),
        }
    }

    fn lose(&self, number: u64, error: &dyn Error) -> Option<i64> {
        let lost = self.link.lock().unwrap_or_else(PoisonError::into_inner).take_if(|link| link.number == number);
        if lost.is_some() {
            self.say_lost(error);
        }
        None
    }

    fn say_lost(&self, error: &dyn Error) {
        if !self.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(event = "redis_unreachable", error = %with_causes(error), "this instance counts for itself until Redis is back");
        }
        self.lost.notify_one();
    }

    fn say_reached(&self) {
        self.away.store(false, Ordering::Relaxed);
        tracing::info!(event = "redis_reached", "limits are shared between instances again");
    }

    /// Connects, and checks that Redis lets us do what we need.
    async fn connect(&self, number: u64) -> Result<Arc<Trust>, RedisError> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(PATIENCE));
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        let _: i64 = self.count.key(format!("{KEYS}probe")).arg(1).arg(1).invoke_async(&mut connection).await?;
        let trust = Arc::<Trust>::default();
        let link = Link { number, connection, trust: Arc::clone(&trust) };
        *self.link.lock().unwrap_or_else(PoisonError::into_inner) = Some(link);
        Ok(trust)
    }
}

impl Trust {
    /// Waits until the connection has done its work for a while.
    async fn steady(&self) {
        self.worked.notified().await;
        time::sleep(STEADY).await;
    }
}

/// The one call that tries a new connection. Dropping it lets the next call try.
struct Trial<'a>(&'a Trust);

impl<'a> Trial<'a> {
    fn begin(trust: &'a Trust) -> Option<Self> {
        (!trust.tried.swap(true, Ordering::Acquire)).then_some(Self(trust))
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        self.0.tried.store(false, Ordering::Release);
    }
}

/// Reconnects whenever the connection is lost.
async fn keep(redis: Arc<Redis>) {
    let (mut number, mut pause) = (0, Duration::ZERO);
    loop {
        redis.lost.notified().await;
        loop {
            time::sleep(pause).await;
            number += 1;
            let trust = loop {
                match redis.connect(number).await {
                    Ok(trust) => break trust,
                    Err(_) => time::sleep(RETRY).await,
                }
            };
            tokio::select! {
                () = redis.lost.notified() => pause = (pause * 2).clamp(RETRY, LONGEST_PAUSE),
                () = trust.steady() => break,
            }
        }
        pause = Duration::ZERO;
        redis.say_reached();
    }
}

#[cfg(test)]
mod tests;
