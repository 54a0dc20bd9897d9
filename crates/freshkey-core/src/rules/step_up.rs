//! How recent the last full sign-in of a session must be for a sensitive call.
//!
//! The threat: somebody has a session, on a computer that was left open or by theft, but not its password. The
//! choice: a call that could hand over the account asks for the password, unless it was entered recently. How
//! recently is taken from the session's row, not from the age of an access token, which may have been reissued since.

/// How far the clocks of two instances may differ, in milliseconds.
const CLOCKS_DIFFER: i64 = 60_000;

/// Returns whether a full sign-in or step-up at `at` still counts at `now`, for `ttl` milliseconds. Setting the clock
/// back does not make it count for longer.
pub fn counts(at: i64, now: i64, ttl: i64) -> bool {
    (-CLOCKS_DIFFER..=ttl).contains(&now.saturating_sub(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_counts_for_its_time_and_no_longer() {
        const TTL: i64 = 600_000;
        for (age, expected) in
            [(0, true), (TTL, true), (TTL + 1, false), (-CLOCKS_DIFFER, true), (-CLOCKS_DIFFER - 1, false)]
        {
            assert_eq!(counts(1_000_000_000, 1_000_000_000 + age, TTL), expected, "{age}");
        }
        assert!(!counts(0, 1_000_000_000, TTL), "none");
    }
}
