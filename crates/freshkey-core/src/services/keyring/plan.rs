//! Which key signs, and what becomes of the others: a pure function of their times.
//!
//! A verifier elsewhere keeps our key set for up to five minutes. So a key is published that long
//! before it signs, and stays published until the last token that it signed has run out.

use crate::rules::jws::Algorithm;

/// How long a verifier may keep the key set, in milliseconds: what `Cache-Control` tells it.
pub const PUBLISHED_BEFORE_MS: i64 = 300_000;
/// How long another instance may need to learn of a key, in milliseconds.
const LEARNED_WITHIN_MS: i64 = 30_000;
/// How long a key signs, in milliseconds, before the next one takes its place.
pub const SIGNS_FOR_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// For clocks that differ, and for instances that learn late that another key signs by now.
const MARGIN_MS: i64 = 120_000;

/// A key's times, in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// Its place in the order in which keys come to sign.
    pub number: i64,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// When it may begin to sign.
    pub signs_from: i64,
    /// The longest life of a token that it signed.
    pub longest_life: i64,
    /// When another took its place.
    pub stopped_at: Option<i64>,
}

impl Times {
    /// Whether a token that it signed may still be good.
    pub fn verifies(&self, now: i64) -> bool {
        self.stopped_at.is_none_or(|stopped| now < stopped + self.longest_life + MARGIN_MS)
    }

    fn may_sign(&self, now: i64) -> bool {
        self.stopped_at.is_none() && self.signs_from <= now
    }
}

/// What is to be done at a time.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// A new key, with this number, to sign from this time on.
    pub add: Option<(i64, i64)>,
    /// The keys whose place has been taken, by number.
    pub stop: Vec<i64>,
    /// The keys that nobody needs any more, by number.
    pub delete: Vec<i64>,
}

/// The key that signs: the newest of the algorithm that is wanted; until there is one, the newest
/// of another. Where none may sign yet, the oldest: an instance whose clock is ahead made it, and
/// there is no other to wait with.
pub fn signer<'a>(keys: &(impl Iterator<Item = &'a Times> + Clone), wanted: Algorithm, now: i64) -> Option<&'a Times> {
    let of_it = keys.clone().filter(|key| key.algorithm == wanted);
    let oldest = || keys.clone().filter(|key| key.stopped_at.is_none()).min_by_key(|key| key.number);
    newest(of_it, now).or_else(|| newest(keys.clone(), now)).or_else(oldest)
}

/// The newest key that may sign, whatever its algorithm.
pub fn newest<'a>(keys: impl Iterator<Item = &'a Times>, now: i64) -> Option<&'a Times> {
    keys.filter(|key| key.may_sign(now)).max_by_key(|key| key.number)
}

/// What is to be done about these keys. With `soon`, the next key is due now.
pub fn plan(keys: &[Times], wanted: Algorithm, soon: bool, now: i64) -> Plan {
    let signer = signer(&keys.iter(), wanted, now);
    let next =
        keys.iter().filter(|key| key.algorithm == wanted && key.stopped_at.is_none()).max_by_key(|key| key.number);
    let due = next.is_none_or(|next| (soon && next.signs_from <= now) || now >= next.signs_from + SIGNS_FOR_MS);
    let taken = |key: &&Times| key.stopped_at.is_none() && signer.is_some_and(|signer| key.number < signer.number);
    Plan {
        add: due.then(|| {
            // The first has nobody to wait for it; a secret waits for the other instances only.
            let from = match (signer, wanted.has_public_key()) {
                (None, _) => now,
                (Some(_), true) => now + PUBLISHED_BEFORE_MS + LEARNED_WITHIN_MS,
                (Some(_), false) => now + LEARNED_WITHIN_MS,
            };
            (keys.iter().map(|key| key.number).max().unwrap_or(0) + 1, from)
        }),
        stop: keys.iter().filter(taken).map(|key| key.number).collect(),
        delete: keys.iter().filter(|key| !key.verifies(now)).map(|key| key.number).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIFE: i64 = 900_000;

    struct Published {
        key: Times,
        since: i64,
        last_signed: Option<i64>,
    }

    proptest! {
        /// Whatever the operator wants and whenever somebody looks: a key that signs was published
        /// long enough, and a key that signed is there as long as its tokens are good.
        #[test]
        fn a_verifier_with_an_old_key_set_is_never_surprised(
            steps in prop::collection::vec((0..3_usize, 0..400_000_i64, any::<bool>(), 0..20_u8), 1..300),
        ) {
            let (mut ring, mut now): (Vec<Published>, _) = (Vec::new(), 0);
            for (wanted, wait, soon, turn) in steps {
                // Algorithms change seldom, and sometimes nobody looks for months.
                let wanted = if turn == 0 { Algorithm::ALL[wanted].0 } else { ring.last().map_or(Algorithm::EdDsa, |key| key.key.algorithm) };
                now += if turn == 1 { SIGNS_FOR_MS } else { wait };
                let keys: Vec<Times> = ring.iter().map(|key| key.key.clone()).collect();
                let first = keys.is_empty();
                let plan = plan(&keys, wanted, soon && turn == 2, now);
                for gone in &plan.delete {
                    let key = ring.iter().find(|key| key.key.number == *gone).expect("it is there");
                    prop_assert!(key.last_signed.is_none_or(|last| now >= last + LIFE));
                }
                ring.retain(|key| !plan.delete.contains(&key.key.number));
                for key in &mut ring {
                    if plan.stop.contains(&key.key.number) {
                        key.key.stopped_at = Some(now);
                    }
                }
                if let Some((number, signs_from)) = plan.add {
                    let key = Times { number, algorithm: wanted, signs_from, longest_life: LIFE, stopped_at: None };
                    ring.push(Published { key, since: now, last_signed: None });
                }
                let keys: Vec<Times> = ring.iter().map(|key| key.key.clone()).collect();
                let signs = signer(&keys.iter(), wanted, now).expect("there is always one that signs").number;
                let key = ring.iter_mut().find(|key| key.key.number == signs).expect("it is there");
                let long_enough = now - key.since >= PUBLISHED_BEFORE_MS;
                prop_assert!(first || long_enough || key.last_signed.is_some() || !key.key.algorithm.has_public_key());
                key.last_signed = Some(now);
                prop_assert!(ring.len() < 12, "it stays small");
            }
        }
    }

    #[test]
    fn a_first_key_from_a_clock_that_is_ahead_signs() {
        let first =
            Times { number: 1, algorithm: Algorithm::EdDsa, signs_from: 1000, longest_life: LIFE, stopped_at: None };
        let keys = [first];
        for wanted in [Algorithm::EdDsa, Algorithm::Es256] {
            assert_eq!(signer(&keys.iter(), wanted, 999).map(|key| key.number), Some(1));
        }
        assert_eq!(plan(&keys, Algorithm::EdDsa, false, 999), Plan::default());
    }

    #[test]
    fn a_change_of_algorithm_waits_for_the_verifiers() {
        let old = Times { number: 1, algorithm: Algorithm::EdDsa, signs_from: 0, longest_life: LIFE, stopped_at: None };
        let plan_for = |keys: &[Times], now| plan(keys, Algorithm::Es256, false, now);
        assert_eq!(plan_for(std::slice::from_ref(&old), 1000).add, Some((2, 331_000)));
        let new = Times { number: 2, algorithm: Algorithm::Es256, signs_from: 331_000, ..old.clone() };
        let both = [old.clone(), new];
        assert_eq!(signer(&both.iter(), Algorithm::Es256, 330_999).map(|key| key.number), Some(1));
        assert_eq!(signer(&both.iter(), Algorithm::Es256, 331_000).map(|key| key.number), Some(2));
        assert_eq!(plan_for(&both, 331_000), Plan { stop: vec![1], ..Plan::default() });
        let stopped = Times { stopped_at: Some(331_000), ..old };
        assert!(stopped.verifies(331_000 + LIFE) && !stopped.verifies(331_000 + LIFE + MARGIN_MS));
    }
}
