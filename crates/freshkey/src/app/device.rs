//! Words for people: what a browser is called, and when something was.

/// What a device is, as far as it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something with a keyboard.
    Computer,
    /// Something in a pocket.
    Phone,
    /// Something in between.
    Tablet,
    /// No browser: a script, a client of the API.
    Program,
}

/// What kind of device a user agent names.
pub fn kind(user_agent: Option<&str>) -> Kind {
    let agent = user_agent.unwrap_or_default();
    let has = |part: &str| agent.contains(part);
    // Android's tablets are those that do not say Mobile.
    if !has("Mozilla/") {
        Kind::Program
    } else if has("iPad") || (has("Android") && !has("Mobile")) {
        Kind::Tablet
    } else if has("iPhone") || has("Android") {
        Kind::Phone
    } else {
        Kind::Computer
    }
}

/// A readable name for a user agent: `Firefox on Linux`.
pub fn name(user_agent: Option<&str>) -> String {
    // The order matters: each browser claims to be those below it as well.
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let agent = user_agent.unwrap_or_default();
    let find =
        |names: &[(&str, &'static str)]| names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name);
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        // A program: its first word, `curl/8.5.0`.
        (None, None) => agent.split_whitespace().next().unwrap_or("Unknown device").to_owned(),
    }
}

/// A moment as `2026-11-24 03:18 UTC`: the same for the server and the browser, wherever they are.
pub fn utc(ms: i64) -> String {
    let (year, month, day) = date(day_number(ms));
    format!("{year}-{month:02}-{day:02} {}", time(ms))
}

/// The same for programs (RFC 3339): `2026-11-24T03:18:05Z`.
pub fn rfc3339(ms: i64) -> String {
    let (year, month, day) = date(day_number(ms));
    let second = ms.div_euclid(1000).rem_euclid(86_400);
    format!("{year}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// The time of the day: `03:18 UTC`.
pub fn time(ms: i64) -> String {
    let minute = ms.div_euclid(60_000).rem_euclid(1440);
    format!("{:02}:{:02} UTC", minute / 60, minute % 60)
}

/// Which day it is, counted from 1 January 1970.
pub fn day_number(ms: i64) -> i64 {
    ms.div_euclid(86_400_000)
}

/// The day: `Tuesday, 24 November 2026`.
pub fn day(ms: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
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
    let number = day_number(ms);
    let (year, month, day) = date(number);
    let nth =
        |names: &[&'static str], index: i64| usize::try_from(index).ok().and_then(|index| names.get(index).copied());
    let weekday = nth(&WEEKDAYS, number.rem_euclid(7)).unwrap_or_default();
    let month = nth(&MONTHS, month - 1).unwrap_or_default();
    format!("{weekday}, {day} {month} {year}")
}

/// How long ago, in words: `5 minutes ago`.
pub fn ago(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (count, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

/// The date of the proleptic Gregorian calendar, of days since 1970: year, month, day.
fn date(days: i64) -> (i64, i64, i64) {
    // Counted from 1 March of year 0.
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
    fn devices_have_readable_names() {
        for (agent, readable) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl/8.5.0"),
            ("", "Unknown device"),
        ] {
            assert_eq!(name(Some(agent)), readable);
        }
        assert_eq!(name(None), "Unknown device");
    }

    #[test]
    fn devices_are_of_a_kind() {
        for (agent, expected) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Kind::Computer),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1", Kind::Phone),
            ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", Kind::Phone),
            ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", Kind::Tablet),
            ("curl/8.5.0", Kind::Program),
            ("", Kind::Program),
        ] {
            assert_eq!(kind(Some(agent)), expected, "{agent}");
        }
    }

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
            assert_eq!(ago(seconds * 1000), words);
        }
    }

    #[test]
    fn a_day_has_a_name() {
        assert_eq!(day(0), "Thursday, 1 January 1970");
        assert_eq!(day(-1), "Wednesday, 31 December 1969");
        assert_eq!(day(1_795_490_280_000), "Tuesday, 24 November 2026");
    }

    #[test]
    fn a_moment_is_a_date_and_a_time() {
        assert_eq!(rfc3339(951_827_696_000), "2000-02-29T12:34:56Z");
        assert_eq!(utc(0), "1970-01-01 00:00 UTC");
        assert_eq!(utc(951_827_696_000), "2000-02-29 12:34 UTC");
        assert_eq!(utc(1_795_490_280_000), "2026-11-24 03:18 UTC");
    }
}
