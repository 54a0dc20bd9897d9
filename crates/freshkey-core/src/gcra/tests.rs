use super::*;
use futures::FutureExt;
use proptest::prelude::*;

/// Counts in memory, which never waits.
fn count(limiter: &Limiter<u8>, key: u8, now: i64) -> Verdict {
    limiter.count(&key, Millis(now)).now_or_never().expect("an answer at once")
}

fn limiter(limit: Limit) -> Limiter<u8> {
    Limiter::new("test", limit, None)
}

#[test]
fn a_limit_is_a_number_and_a_time() {
    assert_eq!(Limit::parse("100/1m"), Some(Limit { count: 100, period: Millis::from_mins(1) }));
    for bad in ["", "100", "0/1m", "-1/1m", "100/0s", "100/soon", "off", "1/100y"] {
        assert_eq!(Limit::parse(bad), None, "{bad}");
    }
}

proptest! {
    /// The whole allowance is available at once, and not one more; then one more each interval.
    #[test]
    fn a_burst_and_then_evenly(allowance in 1..500_u32, period in 1000..100_000_i64, start in 0..10_000_000_000_i64) {
        let limiter = limiter(Limit { count: allowance, period: Millis(period) });
        for _ in 0..allowance {
            prop_assert_eq!(count(&limiter, 1, start), Verdict::Allowed);
        }
        let Verdict::Refused { retry_after } = count(&limiter, 1, start) else {
            return Err(TestCaseError::fail("one too many"));
        };
        prop_assert!(retry_after.0 <= 1 + period / i64::from(allowance));
        prop_assert_eq!(count(&limiter, 2, start), Verdict::Allowed, "another key has its own");
        let later = start + retry_after.0;
        prop_assert_eq!(count(&limiter, 1, later), Verdict::Allowed);
    }

    /// No window allows more than twice the limit.
    #[test]
    fn never_more_than_twice_the_allowance(steps in prop::collection::vec(0..50_i64, 1..400)) {
        let limit = Limit { count: 20, period: Millis::from_secs(1) };
        let (limiter, mut now, mut allowed) = (limiter(limit), 0, Vec::new());
        for step in steps {
            now += step;
            if count(&limiter, 0, now) == Verdict::Allowed {
                allowed.push(now);
            }
        }
        for start in &allowed {
            let within = allowed.iter().filter(|at| (*start..*start + 1000).contains(*at)).count();
            prop_assert!(within <= 40);
        }
    }

    /// Whatever the clock does, a caller waits at most for one more interval, and waiting that long is enough.
    #[test]
    fn what_is_said_to_wait_is_enough(moments in prop::collection::vec(-200_000..200_000_i64, 1..200)) {
        let limit = Limit { count: 7, period: Millis::from_secs(10) };
        let limiter = limiter(limit);
        for now in moments {
            if let Verdict::Refused { retry_after } = count(&limiter, 0, now) {
                prop_assert!(retry_after.0 <= limit.interval().0 / 1000 + 1);
                prop_assert_eq!(count(&limiter, 0, now + retry_after.0), Verdict::Allowed);
            }
        }
    }
}

#[test]
fn what_is_given_back_may_be_used_again() {
    let limiter = limiter(Limit { count: 2, period: Millis::from_secs(1) });
    assert_eq!([count(&limiter, 0, 5), count(&limiter, 0, 5)], [Verdict::Allowed; 2]);
    limiter.give_back(&0).now_or_never().expect("at once");
    assert_eq!(count(&limiter, 0, 5), Verdict::Allowed);
    assert_ne!(count(&limiter, 0, 5), Verdict::Allowed);
    limiter.reset(&0).now_or_never().expect("at once");
    assert_eq!([count(&limiter, 0, 5), count(&limiter, 0, 5)], [Verdict::Allowed; 2]);
}
