//! Times and durations in words, the same on the server and in the browser.

use crate::app::types::{Millis, Seconds};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Formats a time as `2026-11-24 03:18 UTC`, independent of the local time zone.
pub fn utc(at: Millis) -> String {
    let (year, month, day) = date(day_number(at));
    format!("{year}-{month:02}-{day:02} {}", time(at))
}

/// Formats a time for programs (RFC 3339): `2026-11-24T03:18:05Z`.
pub fn rfc3339(at: Millis) -> String {
    let (year, month, day) = date(day_number(at));
    let second = at.div_euclid(Millis::from_secs(1)).rem_euclid(86_400);
    format!("{year}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Formats the time of day: `03:18 UTC`.
pub fn time(at: Millis) -> String {
    let minute = at.div_euclid(Millis::from_mins(1)).rem_euclid(1440);
    format!("{:02}:{:02} UTC", minute / 60, minute % 60)
}

/// Returns the number of days since 1 January 1970.
pub fn day_number(at: Millis) -> i64 {
    at.div_euclid(Millis::from_days(1))
}

/// Formats the day: `Tuesday, 24 November 2026`.
pub fn day(at: Millis) -> String {
    const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
    let number = day_number(at);
    let (year, month, day) = date(number);
    let nth =
        |names: &[&'static str], index: i64| usize::try_from(index).ok().and_then(|index| names.get(index).copied());
    let weekday = nth(&WEEKDAYS, number.rem_euclid(7)).unwrap_or_default();
    let month = nth(&MONTHS, month - 1).unwrap_or_default();
    format!("{weekday}, {day} {month} {year}")
}

/// Formats a duration in one unit: `5 minutes`; `None` below a minute.
fn span(Seconds(seconds): Seconds) -> Option<String> {
    let (count, unit) = match seconds {
        ..60 => return None,
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    Some(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
}

/// Formats a duration: `30 days`.
pub fn lasting(life: Millis) -> String {
    span(life.whole_seconds()).unwrap_or_else(|| "a moment".to_owned())
}

/// Formats how long ago it was: `5 minutes ago`.
pub fn ago(age: Millis) -> String {
    span(age.whole_seconds()).map_or_else(|| "just now".to_owned(), |span| span + " ago")
}

/// Formats a time as seen from `now`: how long ago, or the day if it is more than a week ago.
pub fn since(at: Millis, now: Millis) -> String {
    if now - at < Millis::from_days(7) { ago(now - at) } else { short_day(at) }
}

/// Formats the day: `24 Nov 2026`.
fn short_day(at: Millis) -> String {
    let (year, month, day) = date(day_number(at));
    let month = usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)).map_or("", |month| &month[..3]);
    format!("{day} {month} {year}")
}

/// Converts days since 1970 to year, month and day of the proleptic Gregorian calendar.
fn date(days: i64) -> (i64, i64, i64) {
    // Days since 1 March of year 0.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (day, month) =
        (day_of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_is_said_in_one_unit() {
        for (seconds, words) in [
            (-5, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3599, "59 minutes ago"),
            (3600, "1 hour ago"),
            (86_399, "23 hours ago"),
            (86_400, "1 day ago"),
            (90 * 86_400, "90 days ago"),
        ] {
            assert_eq!(ago(Millis::from_secs(seconds)), words);
        }
        assert_eq!((lasting(Millis::from_days(7)).as_str(), lasting(Millis(1)).as_str()), ("7 days", "a moment"));
    }

    #[test]
    fn what_is_older_than_a_week_is_a_day() {
        const NOW: Millis = Millis(1_795_490_280_000);
        assert_eq!(since(NOW - Millis::from_days(6), NOW), "6 days ago");
        assert_eq!(since(NOW, NOW + Millis::from_days(7)), "24 Nov 2026");
    }

    #[test]
    fn a_day_has_a_name() {
        assert_eq!(day(Millis(0)), "Thursday, 1 January 1970");
        assert_eq!(day(Millis(-1)), "Wednesday, 31 December 1969");
        assert_eq!(day(Millis(1_795_490_280_000)), "Tuesday, 24 November 2026");
    }

    #[test]
    fn a_moment_is_a_date_and_a_time() {
        assert_eq!(rfc3339(Millis(951_827_696_000)), "2000-02-29T12:34:56Z");
        assert_eq!(utc(Millis(0)), "1970-01-01 00:00 UTC");
        assert_eq!(utc(Millis(951_827_696_000)), "2000-02-29 12:34 UTC");
        assert_eq!(utc(Millis(1_795_490_280_000)), "2026-11-24 03:18 UTC");
    }
}
