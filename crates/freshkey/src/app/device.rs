//! Words for people: what a browser is called, and when something was.

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

/// That the clock is wrong that a code was made by, and what to do; `seconds` is below 0 for one that is slow.
pub fn clock_off(seconds: i64) -> String {
    let (off, which) = (seconds.unsigned_abs(), if seconds < 0 { "slow" } else { "fast" });
    let about = match (off, (off + 30) / 60) {
        (..=89, _) => format!("{off} seconds"),
        (_, minutes) => format!("{minutes} minutes"),
    };
    format!(
        "Your phone's clock is about {about} {which}. Let the phone set its time by itself, then type the next code."
    )
}

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

/// A readable name for a user agent: `Firefox on Linux`. Made in the browser as well, so by a short list: the crates
/// for this bring `regex`.
pub fn name(user_agent: Option<&str>) -> String {
    // The order matters: each browser claims to be those below it as well.
    const BROWSERS: [(&str, &str); 8] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
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

/// When it was, as seen from `now`: how long ago, and of what is older than a week the day.
pub fn since(at: i64, now: i64) -> String {
    if now - at < 7 * 86_400_000 { ago(now - at) } else { short_day(at) }
}

/// The day: `24 Nov 2026`.
fn short_day(ms: i64) -> String {
    let (year, month, day) = date(day_number(ms));
    let month = usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)).map_or("", |month| &month[..3]);
    format!("{day} {month} {year}")
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

    /// What browsers of 2025 and 2026 call themselves. Safari on an iPad says by default that it is on a Mac.
    #[test]
    fn devices_have_readable_names_and_a_kind() {
        const KHTML: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
        const WEBKIT: &str = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
        const WINDOWS: &str = "Windows NT 10.0; Win64; x64";
        const MAC: &str = "Macintosh; Intel Mac OS X 10_15_7";
        const ANDROID: &str = "Linux; Android 10; K";
        const IPHONE: &str = "iPhone; CPU iPhone OS 18_6 like Mac OS X";
        const IPAD: &str = "iPad; CPU OS 17_7 like Mac OS X";
        for (system, browser, readable, expected) in [
            (WINDOWS, format!("{KHTML} Chrome/142.0.0.0 Safari/537.36"), "Chrome on Windows", Kind::Computer),
            (MAC, format!("{KHTML} Chrome/142.0.0.0 Safari/537.36"), "Chrome on macOS", Kind::Computer),
            (
                "X11; CrOS x86_64 14541.0.0",
                format!("{KHTML} Chrome/142.0.0.0 Safari/537.36"),
                "Chrome on ChromeOS",
                Kind::Computer,
            ),
            (ANDROID, format!("{KHTML} Chrome/142.0.0.0 Mobile Safari/537.36"), "Chrome on Android", Kind::Phone),
            (ANDROID, format!("{KHTML} Chrome/142.0.0.0 Safari/537.36"), "Chrome on Android", Kind::Tablet),
            (IPHONE, format!("{WEBKIT} CriOS/142.0.0.0 Mobile/15E148 Safari/604.1"), "Chrome on iPhone", Kind::Phone),
            (
                "X11; Linux x86_64; rv:145.0",
                "Gecko/20100101 Firefox/145.0".to_owned(),
                "Firefox on Linux",
                Kind::Computer,
            ),
            ("Android 15; Mobile; rv:145.0", "Gecko/145.0 Firefox/145.0".to_owned(), "Firefox on Android", Kind::Phone),
            (
                "Android 15; Tablet; rv:145.0",
                "Gecko/145.0 Firefox/145.0".to_owned(),
                "Firefox on Android",
                Kind::Tablet,
            ),
            (IPHONE, format!("{WEBKIT} FxiOS/145.0 Mobile/15E148 Safari/605.1.15"), "Firefox on iPhone", Kind::Phone),
            (IPHONE, format!("{WEBKIT} Version/26.0 Mobile/15E148 Safari/604.1"), "Safari on iPhone", Kind::Phone),
            (IPAD, format!("{WEBKIT} Version/17.7 Mobile/15E148 Safari/604.1"), "Safari on iPad", Kind::Tablet),
            (MAC, format!("{WEBKIT} Version/26.0 Safari/605.1.15"), "Safari on macOS", Kind::Computer),
            (
                WINDOWS,
                format!("{KHTML} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"),
                "Edge on Windows",
                Kind::Computer,
            ),
            (
                ANDROID,
                format!("{KHTML} Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0"),
                "Edge on Android",
                Kind::Phone,
            ),
            (
                IPHONE,
                format!("{WEBKIT} Version/18.0 EdgiOS/142.0.0.0 Mobile/15E148 Safari/604.1"),
                "Edge on iPhone",
                Kind::Phone,
            ),
            (
                WINDOWS,
                format!("{KHTML} Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0"),
                "Opera on Windows",
                Kind::Computer,
            ),
            (
                ANDROID,
                format!("{KHTML} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36"),
                "Samsung Internet on Android",
                Kind::Phone,
            ),
        ] {
            let agent = format!("Mozilla/5.0 ({system}) {browser}");
            assert_eq!((name(Some(&agent)).as_str(), kind(Some(&agent))), (readable, expected), "{agent}");
        }
        for (agent, readable) in
            [("curl/8.14.1", "curl/8.14.1"), ("okhttp/5.1.0 x", "okhttp/5.1.0"), ("", "Unknown device")]
        {
            assert_eq!((name(Some(agent)).as_str(), kind(Some(agent))), (readable, Kind::Program));
        }
        assert_eq!(name(None), "Unknown device");
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
    fn what_is_older_than_a_week_is_a_day() {
        const NOW: i64 = 1_795_490_280_000;
        assert_eq!(since(NOW - 6 * 86_400_000, NOW), "6 days ago");
        assert_eq!(since(NOW, NOW + 7 * 86_400_000), "24 Nov 2026");
    }

    #[test]
    fn a_day_has_a_name() {
        assert_eq!(day(0), "Thursday, 1 January 1970");
        assert_eq!(day(-1), "Wednesday, 31 December 1969");
        assert_eq!(day(1_795_490_280_000), "Tuesday, 24 November 2026");
    }

    #[test]
    fn a_wrong_clock_is_said_in_words() {
        assert!(clock_off(-120).starts_with("Your phone's clock is about 2 minutes slow."));
        assert!(clock_off(60).contains("about 60 seconds fast"));
        assert!(clock_off(100).contains("about 2 minutes fast"));
    }

    #[test]
    fn a_moment_is_a_date_and_a_time() {
        assert_eq!(rfc3339(951_827_696_000), "2000-02-29T12:34:56Z");
        assert_eq!(utc(0), "1970-01-01 00:00 UTC");
        assert_eq!(utc(951_827_696_000), "2000-02-29 12:34 UTC");
        assert_eq!(utc(1_795_490_280_000), "2026-11-24 03:18 UTC");
    }
}
