//! The rules of rotation: a pure function that decides what to do with a genuine refresh token.
//!
//! A session's refresh tokens form a chain, generation 0, 1, 2 …, and the token of a generation is always the same
//! string. A plain "each token works once" signs honest users out: two tabs race, an answer is lost, a laptop sleeps
//! through it. A plain "each token works for a while longer" never catches a thief. These five rules avoid both; the
//! numbers are those of the contract.

use freshkey_types::{EndReason, Millis};

/// How many generations in a row a spent token may recover from a lost answer.
pub const RECOVERED_GENERATIONS_RUNNING: i64 = 3;
/// How often a day a session may recover from a lost answer.
pub const RECOVERIES_A_DAY: i64 = 24;
const DAY: Millis = Millis::from_days(1);
/// How far the clocks of two instances may differ.
const CLOCKS_DIFFER: Millis = Millis::from_mins(1);

/// A session's chain of tokens, as stored in its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The current token's generation.
    pub generation: i64,
    /// The newest generation whose access token was verified here; -1 if none was.
    pub confirmed: i64,
    /// When the current generation began, or was last handed out again by rule 3.
    pub rotated_at: Millis,
    /// The last accepted refresh. The session has been idle since then.
    pub refreshed_at: Millis,
    /// The end of the absolute lifetime.
    pub expires_at: Millis,
    /// Why the session is over, if it is.
    pub ended: Option<EndReason>,
    /// The recoveries by rule 3 so far.
    pub recovery: Recovery,
}

/// How often lost answers were recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The last generation that was recovered; -1 if none was.
    pub generation: i64,
    /// How many generations in a row were recovered, up to that one.
    pub run: i64,
    /// The start of the day that `in_day` counts.
    pub day_at: Millis,
    /// The number of recoveries in that day.
    pub in_day: i64,
}

impl Recovery {
    /// A session that never lost an answer.
    pub const NONE: Self = Self { generation: -1, run: 0, day_at: Millis::ZERO, in_day: 0 };

    /// Returns the counts with one more recovery of `generation`, if it is allowed.
    fn one_more(self, generation: i64, now: Millis) -> Option<Self> {
        let run = match generation - self.generation {
            0 => self.run,
            1 => self.run + 1,
            _ => 1,
        };
        let (day_at, in_day) = if now - self.day_at < DAY { (self.day_at, self.in_day + 1) } else { (now, 1) };
        let allowed = run <= RECOVERED_GENERATIONS_RUNNING && in_day <= RECOVERIES_A_DAY;
        allowed.then_some(Self { generation, run, day_at, in_day })
    }
}

/// The operator's settings.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How long a spent token still gets its successor; zero means never.
    pub grace_period: Millis,
    /// A session that is unused for this long is over.
    pub idle: Millis,
    /// Whether rule 3 is on.
    pub lost_answer_recovery: bool,
}

/// What to do with the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Rule 1: the token is current and past the grace period. Generation `to` becomes the current one.
    Rotate {
        /// The new generation.
        to: i64,
    },
    /// Rule 2: the token is current and young. The client gets a fresh access token and no cookie: the browser has
    /// the cookie already, and this way no late answer can put an older one back.
    Current,
    /// Rule 2: the token was spent within the grace period. Its successor is sent again, the same string.
    Successor,
    /// Rule 3: the successor was never seen in use, so the answer was lost. The successor is sent again, and the
    /// grace period starts again.
    Recover(Recovery),
    /// Rule 4: the token is ahead of its row, so the database was restored to an earlier state. The row catches up
    /// with the token.
    CatchUp {
        /// The token's generation.
        to: i64,
    },
    /// Rule 4: a spent token without an honest explanation. The session ends for everybody.
    Replay,
    /// Rule 5: the session is already over.
    Over(EndReason),
}

/// Decides at the time `now` what to do with a genuine token of generation `presented`.
pub fn decide(chain: &Chain, presented: i64, now: Millis, policy: Policy) -> Decision {
    if let Some(reason) = over(chain, now, policy.idle) {
        return Decision::Over(reason);
    }
    let tolerant = policy.grace_period > Millis::ZERO;
    let age = now - chain.rotated_at;
    let young = tolerant && age < policy.grace_period;
    // A clock that was set back would keep the current token young, and its spent predecessor valid, for as long. So
    // the current token rotates at its next use, by the new time. Until then, its predecessor gets the current token.
    let set_back = age < -CLOCKS_DIFFER;
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

/// Returns why the session is over at the time `now`, if it is.
pub fn over(chain: &Chain, now: Millis, idle: Millis) -> Option<EndReason> {
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
