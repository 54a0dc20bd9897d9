//! How recent the last full sign-in of a session must be for a sensitive call.
//!
//! The threat: somebody has a session, on a computer that was left open or by theft, but not its password. The
//! choice: a call that could hand over the account asks for the password, unless it was entered recently. How
//! recently is taken from the session's row, not from the age of an access token, which may have been reissued since.

use freshkey_types::Millis;

/// How far the clocks of two instances may differ.
const CLOCKS_DIFFER: Millis = Millis::from_mins(1);

/// Returns whether a full sign-in or step-up at `at` still counts at `now`, if it does for `ttl`. Setting the clock
/// back does not make it count for longer.
pub fn counts(at: Millis, now: Millis, ttl: Millis) -> bool {
    (-CLOCKS_DIFFER..=ttl).contains(&now.saturating_sub(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_counts_for_its_time_and_no_longer() {
        const MS: Millis = Millis(1);
        const NOW: Millis = Millis(1_000_000_000);
        const TTL: Millis = Millis::from_mins(10);
        for (age, expected) in
            [(Millis::ZERO, true), (TTL, true), (TTL + MS, false), (-CLOCKS_DIFFER, true), (-CLOCKS_DIFFER - MS, false)]
        {
            assert_eq!(counts(NOW, NOW + age, TTL), expected, "{age}");
        }
        assert!(!counts(Millis::ZERO, NOW, TTL), "none");
    }
}
