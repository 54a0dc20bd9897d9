//! Times and durations, each with its unit in its type: a number of one unit is never taken for one of the other.

use super::Integer;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    num::TryFromIntError,
    ops::{Add, AddAssign, Div, Mul, Neg, Sub},
    time::Duration,
};
use utoipa::ToSchema;

/// Milliseconds: a duration, or a time as the milliseconds since 1970. In JSON and in the database it is the number.
///
/// Both share the type, since the unit is what goes wrong. The operators overflow like those of `i64`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
pub struct Millis(pub i64);

/// Seconds: a duration, or a time as the seconds since 1970, as tokens, cookies and headers state them. In JSON it is
/// the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Seconds(pub i64);

impl Millis {
    /// No time at all; as a time, the beginning of 1970.
    pub const ZERO: Self = Self(0);
    /// The longest duration; as a time, one that never comes.
    pub const MAX: Self = Self(i64::MAX);

    /// Returns this many seconds.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs * 1000)
    }

    /// Returns this many minutes.
    pub const fn from_mins(mins: i64) -> Self {
        Self::from_secs(mins * 60)
    }

    /// Returns this many hours.
    pub const fn from_hours(hours: i64) -> Self {
        Self::from_mins(hours * 60)
    }

    /// Returns this many days of 24 hours.
    pub const fn from_days(days: i64) -> Self {
        Self::from_hours(days * 24)
    }

    /// Returns the whole seconds in it, rounded towards zero.
    pub const fn whole_seconds(self) -> Seconds {
        Seconds(self.0 / 1000)
    }

    /// Adds; at the ends of the range, the result is the end.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Subtracts; at the ends of the range, the result is the end.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Returns in which of the periods since zero it is; those before are negative.
    pub const fn div_euclid(self, period: Self) -> i64 {
        self.0.div_euclid(period.0)
    }

    /// Returns how many of these periods a positive duration takes, begun ones included.
    pub const fn div_ceil(self, period: Self) -> i64 {
        (self.0 + period.0 - 1) / period.0
    }

    /// Returns the duration, which is zero if it is negative: also the time since 1970.
    pub fn to_duration(self) -> Duration {
        Duration::from_millis(u64::try_from(self.0).unwrap_or_default())
    }
}

impl Seconds {
    /// No time at all; as a time, the beginning of 1970.
    pub const ZERO: Self = Self(0);

    /// Returns the same in milliseconds; at the ends of the range, the end.
    pub const fn to_millis(self) -> Millis {
        Millis(self.0.saturating_mul(1000))
    }

    /// Adds; at the ends of the range, the result is the end.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// A time before 1970, which no client has, is its beginning.
impl From<Millis> for Integer {
    fn from(time: Millis) -> Self {
        u64::try_from(time.0).unwrap_or_default().into()
    }
}

/// The same for seconds.
impl From<Seconds> for Integer {
    fn from(time: Seconds) -> Self {
        u64::try_from(time.0).unwrap_or_default().into()
    }
}

/// A number that is too large is [`Millis::MAX`].
impl From<Integer> for Millis {
    fn from(number: Integer) -> Self {
        Self(i64::try_from(u64::from(number)).unwrap_or(i64::MAX))
    }
}

impl TryFrom<Duration> for Millis {
    type Error = TryFromIntError;

    fn try_from(duration: Duration) -> Result<Self, Self::Error> {
        i64::try_from(duration.as_millis()).map(Self)
    }
}

/// The number alone.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number alone.
impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! arithmetic {
    ($unit:ident) => {
        impl Add for $unit {
            type Output = Self;

            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl Sub for $unit {
            type Output = Self;

            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }
    };
}

arithmetic!(Millis);
arithmetic!(Seconds);

impl AddAssign for Millis {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Neg for Millis {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Mul<i64> for Millis {
    type Output = Self;

    fn mul(self, factor: i64) -> Self {
        Self(self.0 * factor)
    }
}

impl Div<i64> for Millis {
    type Output = Self;

    fn div(self, divisor: i64) -> Self {
        Self(self.0 / divisor)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_constructors_agree() {
        assert_eq!(Millis::from_secs(60), Millis::from_mins(1));
        assert_eq!(Millis::from_mins(60), Millis::from_hours(1));
        assert_eq!(Millis::from_hours(24), Millis::from_days(1));
        assert_eq!(Millis::from_days(1), Millis(86_400_000));
    }

    #[test]
    fn a_negative_duration_is_none() {
        assert_eq!(Millis(-1).to_duration(), Duration::ZERO);
        assert!(Millis::try_from(Duration::MAX).is_err());
    }

    proptest! {
        #[test]
        fn it_is_a_plain_number_to_others(number: i64) {
            for text in [serde_json::to_string(&Millis(number)), serde_json::to_string(&Seconds(number))] {
                prop_assert_eq!(text.unwrap(), number.to_string());
            }
            prop_assert_eq!(serde_json::from_str::<Millis>(&number.to_string()).unwrap(), Millis(number));
            prop_assert_eq!(serde_json::from_str::<Seconds>(&number.to_string()).unwrap(), Seconds(number));
            prop_assert_eq!(Millis(number).to_string() + &Seconds(number).to_string(), format!("{number}{number}"));
        }

        #[test]
        fn whole_seconds_lose_less_than_a_second(number: i64) {
            let (time, whole) = (Millis(number), Millis(number).whole_seconds().to_millis());
            prop_assert!((number - whole.0).abs() < 1000);
            prop_assert_eq!(whole.whole_seconds(), time.whole_seconds());
            prop_assert!(whole.0.abs() <= number.abs(), "towards zero");
        }

        #[test]
        fn seconds_survive_as_milliseconds(seconds in i64::MIN / 1000..=i64::MAX / 1000) {
            prop_assert_eq!(Seconds(seconds).to_millis().whole_seconds(), Seconds(seconds));
            prop_assert_eq!(Millis::from_secs(seconds), Seconds(seconds).to_millis());
        }

        #[test]
        fn more_seconds_than_milliseconds_can_hold_are_the_most(seconds in i64::MAX / 1000 + 1..) {
            prop_assert_eq!(Seconds(seconds).to_millis(), Millis::MAX);
        }

        #[test]
        fn it_counts_and_orders_as_numbers_do(a in -1_i64 << 40..1 << 40, b in -1_i64 << 40..1 << 40, n in 1..1000_i64) {
            let mut sum = Millis(a);
            sum += Millis(b);
            prop_assert_eq!((sum, Millis(a) + Millis(b) - Millis(b)), (Millis(a + b), Millis(a)));
            prop_assert_eq!(Seconds(a) + Seconds(b) - Seconds(a), Seconds(b));
            prop_assert_eq!((Millis(a) * n, Millis(a) / n, -Millis(a)), (Millis(a * n), Millis(a / n), Millis(-a)));
            prop_assert_eq!(Millis(a).div_euclid(Millis(n)), a.div_euclid(n));
            prop_assert_eq!((Millis(a).cmp(&Millis(b)), Seconds(a).cmp(&Seconds(b))), (a.cmp(&b), a.cmp(&b)));
        }

        #[test]
        fn saturation_stays_in_the_range(a: i64, b: i64) {
            prop_assert_eq!(Millis(a).saturating_add(Millis(b)), Millis(a.saturating_add(b)));
            prop_assert_eq!(Millis(a).saturating_sub(Millis(b)), Millis(a.saturating_sub(b)));
            prop_assert_eq!(Seconds(a).saturating_add(Seconds(b)), Seconds(a.saturating_add(b)));
        }

        #[test]
        fn periods_cover_a_duration(duration in 1..1_i64 << 40, period in 1..1_i64 << 40) {
            let many = Millis(duration).div_ceil(Millis(period));
            prop_assert!((many - 1) * period < duration && duration <= many * period);
        }

        #[test]
        fn a_call_gets_the_time_that_was_sent(number: i64, large: u64) {
            prop_assert_eq!(Millis::from(Integer::from(Millis(number))), Millis(number.max(0)));
            prop_assert_eq!(u64::from(Integer::from(Seconds(number))), u64::try_from(number).unwrap_or_default());
            prop_assert_eq!(Millis::from(Integer::from(large)).0, i64::try_from(large).unwrap_or(i64::MAX));
        }

        #[test]
        fn durations_come_back(number in 0..=i64::MAX) {
            prop_assert_eq!(Millis::try_from(Millis(number).to_duration()).unwrap(), Millis(number));
        }
    }
}
