//! Redis: whether it can be reached, and whether it keeps the counts.

use crate::server::cli::doctor::finding::{Finding, Rule, Severity, Unchecked};
use redis::{Client, RedisError, cmd};
use std::time::Duration;
use tokio::time::timeout;

pub(super) const RULES: &[&Rule] = &[&REDIS_UNREACHABLE, &REDIS_EVICTS];

static REDIS_UNREACHABLE: Rule = Rule {
    id: "redis-unreachable",
    severity: Severity::Medium,
    what: "Redis can't be reached.",
    why: "Each instance counts for itself: two instances allow twice as many guesses.",
    change: "REDIS_URL=redis://<host>:6379, or rediss:// with TLS; Redis has to listen for this machine (bind).",
};
static REDIS_EVICTS: Rule = Rule {
    id: "redis-evicts",
    severity: Severity::Medium,
    what: "Redis deletes keys when its memory is full.",
    why: "The limits on guessing lose counts just when there are many.",
    change: "redis.conf: maxmemory-policy noeviction, and a Redis of its own for the limits",
};

/// How long Redis may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn inspect(client: &Client) -> (Vec<Finding>, Option<Unchecked>) {
    match timeout(PATIENCE, memory(client)).await {
        Ok(Ok(Some(memory))) => (check(&memory).into_iter().collect(), None),
        Ok(Ok(None)) => (Vec::new(), Some(Unchecked::new("Redis's memory", "INFO is not allowed to us"))),
        // The driver's message may contain the URL, and with it a password.
        Ok(Err(error)) => (vec![REDIS_UNREACHABLE.seen(error.category())], None),
        Err(_) => (vec![REDIS_UNREACHABLE.seen("it does not answer")], None),
    }
}

async fn memory(client: &Client) -> Result<Option<String>, RedisError> {
    let mut connection = client.get_multiplexed_async_connection().await?;
    Ok(cmd("INFO").arg("memory").query_async(&mut connection).await.ok())
}

fn check(memory: &str) -> Option<Finding> {
    let value = |name: &str| memory.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
    let policy = value("maxmemory_policy").unwrap_or("noeviction");
    let bounded = value("maxmemory").is_some_and(|bytes| bytes != "0");
    (bounded && policy != "noeviction").then(|| REDIS_EVICTS.seen(format!("maxmemory-policy is {policy}")))
}
