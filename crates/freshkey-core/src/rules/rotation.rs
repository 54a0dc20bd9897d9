//! The rules of rotation: what to do with a refresh token that is genuine, as a pure function.
//!
//! A session's refresh tokens form a chain, generation 0, 1, 2 …, and the token of a generation is
//! always the same string. A plain "each token works once" signs honest people out: two tabs race,
//! an answer is lost, a laptop sleeps through it. A plain "each token works for a while longer"
//! never catches a thief. The five rules here do both; the numbers are those of the contract.

use freshkey_types::EndReason;

/// A spent token recovers a lost answer for at most this many generations running.
pub const RECOVERED_GENERATIONS_RUNNING: i64 = 3;
/// A session recovers lost answers at most this often in a day.
pub const RECOVERIES_A_DAY: i64 = 24;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How far the clocks of two instances may differ.
const CLOCKS_DIFFER_MS: i64 = 60_000;

/// A session's chain of tokens, as its row says. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The current token's generation.
    pub generation: i64,
    /// The newest generation whose access token passed verification here; -1 if none did.
    pub confirmed: i64,
    /// When the current generation came to be, or was last handed out again by rule 3.
    pub rotated_at: i64,
    /// The last accepted refresh: a session is idle since then.
    pub refreshed_at: i64,
    /// The end of the absolute lifetime.
    pub expires_at: i64,
    /// Why the session is over, if it is.
    pub ended: Option<EndReason>,
    /// What rule 3 has done so far.
    pub recovery: Recovery,
}

/// How often lost answers were recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The last generation that needed it; -1 if none did.
    pub generation: i64,
    /// How many generations running needed it, up to that one.
    pub run: i64,
    /// When the day began that `in_day` counts.
    pub day_at: i64,
    /// How often in that day.
    pub in_day: i64,
}

impl Recovery {
    /// A session that never lost an answer.
    pub const NONE: Self = Self { generation: -1, run: 0, day_at: 0, in_day: 0 };

    /// The count with one more recovery of `generation`, if that many are allowed.
    fn one_more(self, generation: i64, now: i64) -> Option<Self> {
        let run = match generation - self.generation {
            0 => self.run,
            1 => self.run + 1,
            _ => 1,
        };
        let (day_at, in_day) = if now - self.day_at < DAY_MS { (self.day_at, self.in_day + 1) } else { (now, 1) };
        let allowed = run <= RECOVERED_GENERATIONS_RUNNING && in_day <= RECOVERIES_A_DAY;
        allowed.then_some(Self { generation, run, day_at, in_day })
    }
}

/// What the operator chose. Durations are milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How long a spent token still gets its successor; 0 tolerates nothing.
    pub grace: i64,
    /// A session unused this long is over.
    pub idle: i64,
    /// Rule 3.
    pub lost_answer_recovery: bool,
}

/// What to do with the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Rule 1: it is spent, and generation `to` is the current one from now on.
    Rotate {
        /// The new generation.
        to: i64,
    },
    /// Rule 2: it is the current token and young. A fresh access token, no cookie: the browser
    /// has it, and so no late answer can put an older one back.
    Current,
    /// Rule 2: it is spent, a moment ago. Its successor again: the same string.
    Successor,
    /// Rule 3: its successor was never seen in use, so the answer was lost. The successor again,
    /// and the moment counts anew.
    Recover(Recovery),
    /// Rule 4: it is ahead of its row, so the database was restored to an earlier state. The row
    /// moves up to it.
    CatchUp {
        /// The token's generation.
        to: i64,
    },
    /// Rule 4: a spent token that nothing explains. The session ends for everybody.
    Replay,
    /// The session is over already.
    Over(EndReason),
}

/// Decides what a genuine token of generation `presented` gets at the time `now`.
pub fn decide(chain: &Chain, presented: i64, now: i64, policy: Policy) -> Decision {
    if let Some(reason) = over(chain, now, policy.idle) {
        return Decision::Over(reason);
    }
    let tolerant = policy.grace > 0;
    let age = now - chain.rotated_at;
    let young = tolerant && age < policy.grace;
    // A clock that was set back would keep the current token young, and its spent predecessor good, for
    // as long. So the current one rotates at its next use, by the new time; until then, its predecessor
    // gets it.
    let set_back = age < -CLOCKS_DIFFER_MS;
    match chain.generation - presented {
        0 if young && !set_back => Decision::Current,
        0 => Decision::Rotate { to: presented + 1 },
        1 if young => Decision::Successor,
        1 if tolerant && policy.lost_answer_recovery && chain.confirmed < chain.generation => {
            chain.recovery.one_more(chain.generation, now).map_or(Decision::Replay, Decision::Recover)
        }
        behind if behind > 0 => Decision::Replay,
        _ if tolerant => Decision::CatchUp { to: presented },
        _ => Decision::Rotate { to: presented + 1 },
    }
}

/// Why the session is over at the time `now`, if it is.
pub fn over(chain: &Chain, now: i64, idle: i64) -> Option<EndReason> {
    chain.ended.or_else(|| {
        if now >= chain.expires_at {
            Some(EndReason::Expired)
        } else if now >= chain.refreshed_at + idle {
            Some(EndReason::Idle)
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests;
