//! Decides which key signs, and when keys are added, stopped and deleted: a pure function of their times.
//!
//! A verifier elsewhere may cache our key set for up to five minutes. So a key is published that long before it
//! signs, and stays published until the last token that it signed has expired.

use crate::rules::jws::Algorithm;
use freshkey_types::Millis;

/// How long a verifier may cache the key set. The answer states it in `Cache-Control`.
pub const PUBLISHED_BEFORE: Millis = Millis::from_mins(5);
/// How long another instance may need to learn about a key.
const LEARNED_WITHIN: Millis = Millis::from_secs(30);
/// How long a key signs before the next one replaces it.
pub const SIGNS_FOR: Millis = Millis::from_days(90);
/// A margin for clocks that differ, and for instances that learn late that another key signs now.
const MARGIN: Millis = Millis::from_mins(2);

/// A key's times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// Its place in the order in which keys sign.
    pub number: i64,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// When it may begin to sign.
    pub signs_from: Millis,
    /// The longest life of a token that it signed.
    pub longest_life: Millis,
    /// When another key replaced it.
    pub stopped_at: Option<Millis>,
}

impl Times {
    /// Whether a token that it signed may still be valid.
    pub fn verifies(&self, now: Millis) -> bool {
        self.stopped_at.is_none_or(|stopped| now < stopped + self.longest_life + MARGIN)
    }

    fn may_sign(&self, now: Millis) -> bool {
        self.stopped_at.is_none() && self.signs_from <= now
    }
}

/// What to do with the keys.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The number of a new key, and when it starts to sign.
    pub add: Option<(i64, Millis)>,
    /// The numbers of the keys that were replaced.
    pub stop: Vec<i64>,
    /// The numbers of the keys that are no longer needed.
    pub delete: Vec<i64>,
}

/// Returns the key that signs: the newest with the wanted algorithm or, until there is one, the newest of any
/// algorithm. If none may sign yet, returns the oldest: an instance whose clock is ahead created it, and there is no
/// other key in the meantime.
pub fn signer<'a>(
    keys: &(impl Iterator<Item = &'a Times> + Clone),
    wanted: Algorithm,
    now: Millis,
) -> Option<&'a Times> {
    let of_it = keys.clone().filter(|key| key.algorithm == wanted);
    let oldest = || keys.clone().filter(|key| key.stopped_at.is_none()).min_by_key(|key| key.number);
    newest(of_it, now).or_else(|| newest(keys.clone(), now)).or_else(oldest)
}

/// Returns the newest key that may sign, whatever its algorithm.
pub fn newest<'a>(keys: impl Iterator<Item = &'a Times>, now: Millis) -> Option<&'a Times> {
    keys.filter(|key| key.may_sign(now)).max_by_key(|key| key.number)
}

/// Returns what to do with these keys at `now`. With `soon`, the next key is due now.
pub fn plan(keys: &[Times], wanted: Algorithm, soon: bool, now: Millis) -> Plan {
    let signer = signer(&keys.iter(), wanted, now);
    let next =
        keys.iter().filter(|key| key.algorithm == wanted && key.stopped_at.is_none()).max_by_key(|key| key.number);
    let due = next.is_none_or(|next| (soon && next.signs_from <= now) || now >= next.signs_from + SIGNS_FOR);
    let taken = |key: &&Times| key.stopped_at.is_none() && signer.is_some_and(|signer| key.number < signer.number);
    Plan {
        add: due.then(|| {
            // The first key has no verifiers to wait for. A secret key waits only for the other instances.
            let from = match (signer, wanted.has_public_key()) {
                (None, _) => now,
                (Some(_), true) => now + PUBLISHED_BEFORE + LEARNED_WITHIN,
                (Some(_), false) => now + LEARNED_WITHIN,
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

    const LIFE: Millis = Millis::from_mins(15);

    struct Published {
        key: Times,
        since: Millis,
        last_signed: Option<Millis>,
    }

    proptest! {
        /// Whatever the operator wants and whenever the plan runs: a key that signs was published long enough, and a
        /// key that has signed stays as long as its tokens are valid.
        #[test]
        fn a_verifier_with_an_old_key_set_is_never_surprised(
            steps in prop::collection::vec((0..3_usize, 0..400_000_i64, any::<bool>(), 0..20_u8), 1..300),
        ) {
            let (mut ring, mut now): (Vec<Published>, _) = (Vec::new(), Millis::ZERO);
            for (wanted, wait, soon, turn) in steps {
                // Algorithms change seldom, and sometimes the plan does not run for months.
                let wanted = if turn == 0 { Algorithm::ALL[wanted].0 } else { ring.last().map_or(Algorithm::EdDsa, |key| key.key.algorithm) };
                now += if turn == 1 { SIGNS_FOR } else { Millis(wait) };
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
                let long_enough = now - key.since >= PUBLISHED_BEFORE;
                prop_assert!(first || long_enough || key.last_signed.is_some() || !key.key.algorithm.has_public_key());
                key.last_signed = Some(now);
                prop_assert!(ring.len() < 12, "it stays small");
            }
        }
    }

    #[test]
    fn a_first_key_from_a_clock_that_is_ahead_signs() {
        let first = Times {
            number: 1,
            algorithm: Algorithm::EdDsa,
            signs_from: Millis(1000),
            longest_life: LIFE,
            stopped_at: None,
        };
        let keys = [first];
        for wanted in [Algorithm::EdDsa, Algorithm::Es256] {
            assert_eq!(signer(&keys.iter(), wanted, Millis(999)).map(|key| key.number), Some(1));
        }
        assert_eq!(plan(&keys, Algorithm::EdDsa, false, Millis(999)), Plan::default());
    }

    #[test]
    fn a_change_of_algorithm_waits_for_the_verifiers() {
        let old = Times {
            number: 1,
            algorithm: Algorithm::EdDsa,
            signs_from: Millis::ZERO,
            longest_life: LIFE,
            stopped_at: None,
        };
        let published = Millis(331_000);
        let plan_for = |keys: &[Times], now| plan(keys, Algorithm::Es256, false, now);
        assert_eq!(plan_for(std::slice::from_ref(&old), Millis(1000)).add, Some((2, published)));
        let new = Times { number: 2, algorithm: Algorithm::Es256, signs_from: published, ..old.clone() };
        let both = [old.clone(), new];
        assert_eq!(signer(&both.iter(), Algorithm::Es256, published - Millis(1)).map(|key| key.number), Some(1));
        assert_eq!(signer(&both.iter(), Algorithm::Es256, published).map(|key| key.number), Some(2));
        assert_eq!(plan_for(&both, published), Plan { stop: vec![1], ..Plan::default() });
        let stopped = Times { stopped_at: Some(published), ..old };
        assert!(stopped.verifies(published + LIFE) && !stopped.verifies(published + LIFE + MARGIN));
    }
}
