//! Counts in memory, bounded for any number of keys.
//!
//! The threat: an attacker floods the table with keys that belong to no account, so that the failures counted for an
//! account under attack are pushed out. The choice: the lowest counts are forgotten first. A key that was counted
//! once is whole again after one interval; to push out a key whose allowance is used up, half the table's keys must
//! be used up as well.

use super::{Limit, Micros};
use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

const SHARDS: usize = 16;
/// The most keys that fit into 8192 buckets.
const KEYS_PER_SHARD: usize = 7168;

/// For each key, the time at which its allowance is whole again.
pub(super) struct Counts<K> {
    shards: [Mutex<HashMap<K, Micros>>; SHARDS],
    hasher: RandomState,
}

impl<K: Hash + Eq + Clone> Counts<K> {
    pub(super) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }

    /// Counts one more and returns the decision of [`Limit::decide`].
    pub(super) fn count(&self, limit: Limit, key: &K, now: Micros) -> Result<Micros, Micros> {
        let mut moments = self.shard(key);
        let Some(whole_at) = moments.get_mut(key) else {
            return limit.decide(now, now).inspect(|then| remember(&mut moments, key, *then, now));
        };
        let decided = limit.decide(*whole_at, now);
        *whole_at = decided.unwrap_or_else(|_| limit.at_most(*whole_at, now));
        decided
    }

    /// Stores a decision that was made elsewhere.
    pub(super) fn note(&self, key: &K, whole_at: Micros, now: Micros) {
        remember(&mut self.shard(key), key, whole_at, now);
    }

    pub(super) fn give_back(&self, limit: Limit, key: &K) {
        if let Some(whole_at) = self.shard(key).get_mut(key) {
            *whole_at = *whole_at - limit.interval();
        }
    }

    pub(super) fn reset(&self, key: &K) {
        self.shard(key).remove(key);
    }

    fn shard(&self, key: &K) -> MutexGuard<'_, HashMap<K, Micros>> {
        let [.., byte] = self.hasher.hash_one(key).to_be_bytes();
        self.shards[usize::from(byte) % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn remember<K: Hash + Eq + Clone>(moments: &mut HashMap<K, Micros>, key: &K, whole_at: Micros, now: Micros) {
    if moments.len() >= KEYS_PER_SHARD && !moments.contains_key(key) {
        make_room(moments, now);
    }
    moments.insert(key.clone(), whole_at);
}

/// Forgets keys that are whole again and, if that is not enough, the half with the lowest counts. Builds a new map,
/// because a thinned-out map grows when it is filled again.
fn make_room<K: Hash + Eq>(moments: &mut HashMap<K, Micros>, now: Micros) {
    let mut live: Vec<Micros> = moments.values().copied().filter(|whole_at| *whole_at > now).collect();
    let middle = live.len() / 2;
    let floor = if live.len() > KEYS_PER_SHARD / 2 { *live.select_nth_unstable(middle).1 } else { now };
    let mut kept = HashMap::with_capacity(KEYS_PER_SHARD);
    kept.extend(moments.drain().filter(|(_, whole_at)| *whole_at > floor));
    *moments = kept;
}

#[cfg(test)]
mod tests {
    use super::*;
    use freshkey_types::Millis;

    #[test]
    fn a_flood_of_keys_does_not_push_out_what_is_used_up() {
        let (limit, counts) = (Limit { count: 10, period: Millis::from_mins(15) }, Counts::new());
        for _ in 0..10 {
            assert!(counts.count(limit, &u64::MAX, Micros::ZERO).is_ok());
        }
        for key in 0..500_000 {
            assert!(counts.count(limit, &key, Micros::ZERO).is_ok());
        }
        assert!(counts.count(limit, &u64::MAX, Micros::ZERO).is_err());
        let held: usize = counts.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(held <= SHARDS * KEYS_PER_SHARD, "{held}");
        assert!(counts.shards.iter().all(|shard| shard.lock().unwrap().capacity() <= KEYS_PER_SHARD));
    }
}
