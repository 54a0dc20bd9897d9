//! When to retry an email that could not be sent, and when to give up.

use freshkey_types::Millis;

/// The pauses after the first tries. Later pauses are one hour.
const PAUSES: [Millis; 5] =
    [Millis::from_secs(5), Millis::from_secs(15), Millis::from_mins(1), Millis::from_mins(5), Millis::from_mins(15)];
/// How long before an email's use ends it is tried for the last time.
const LAST_TRY: Millis = Millis::from_secs(5);

/// What a mail server's answer says about an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The server will never accept email for this address.
    Refused,
    /// The server may accept it later.
    Later,
}

/// Returns the time of the next try after `tries` failures, or `None` if the email would arrive too late to be
/// useful. The pause is up to a fifth longer, by a `jitter` of 0 to 255, so that emails that failed together are not
/// retried together. It is shorter if needed, so that the last try is `LAST_TRY` before the end of the email's use.
pub fn next_try(tries: i64, now: Millis, useful_until: Millis, jitter: u8) -> Option<Millis> {
    let place = usize::try_from(tries.max(1) - 1).unwrap_or(usize::MAX);
    let pause = PAUSES.get(place).copied().unwrap_or(Millis::from_hours(1));
    let at = now + pause + pause * i64::from(jitter) / (5 * 255);
    let at = at.min(useful_until - LAST_TRY);
    (at > now).then_some(at)
}

/// Judges an answer to `RCPT TO` (RFC 5321, section 4.2). A 5xx is about the address, unless it is about us: a wrong
/// order of commands, or a missing sign-in.
pub fn judge_recipient(code: u16) -> Verdict {
    match code {
        500 | 502..=504 | 530 | 534 | 535 | 538 => Verdict::Later,
        500..=599 => Verdict::Refused,
        _ => Verdict::Later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_pauses_grow_to_an_hour() {
        let pauses: Vec<_> = (1..=7).filter_map(|tries| next_try(tries, Millis::ZERO, Millis::MAX, 0)).collect();
        assert_eq!(pauses, [5, 15, 60, 300, 900, 3600, 3600].map(Millis::from_secs));
        assert_eq!(next_try(1, Millis::ZERO, Millis::MAX, 255), Some(Millis::from_secs(6)), "a fifth longer");
    }

    #[test]
    fn the_last_try_is_just_before_the_end_of_its_use() {
        let (end, last) = (Millis::from_secs(600), Millis::from_secs(595));
        assert_eq!(next_try(5, Millis::ZERO, end, 0), Some(last), "not given up for ten minutes");
        assert_eq!(next_try(6, last, end, 0), None);
    }

    #[test]
    fn only_what_is_about_the_address_ends_an_email() {
        for code in [501, 510, 511, 521, 550, 551, 552, 553, 554, 556] {
            assert_eq!(judge_recipient(code), Verdict::Refused, "{code}");
        }
        for code in [0, 250, 421, 450, 451, 452, 500, 503, 530, 535] {
            assert_eq!(judge_recipient(code), Verdict::Later, "{code}");
        }
    }

    proptest! {
        #[test]
        fn a_try_is_never_past_its_use(tries in 0..100_i64, now in 0..1_i64 << 45, useful in 0..1_i64 << 32, jitter: u8) {
            let (now, end) = (Millis(now), Millis(now + useful));
            if let Some(at) = next_try(tries, now, end, jitter) {
                prop_assert!(at > now && at < end);
            }
        }
    }
}
