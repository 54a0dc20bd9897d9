//! Words for users: names of devices, and times.

use crate::app::types::Seconds;

mod moments;

pub use moments::{ago, day, day_number, lasting, rfc3339, since, time, utc};

/// Says that the clock that made a code is wrong, and what to do. `off` is negative for a slow clock.
pub fn clock_off(Seconds(off): Seconds) -> String {
    let (off, which) = (off.unsigned_abs(), if off < 0 { "slow" } else { "fast" });
    let about = match (off, (off + 30) / 60) {
        (..=89, _) => format!("{off} seconds"),
        (_, minutes) => format!("{minutes} minutes"),
    };
    format!(
        "Your phone's clock is about {about} {which}. Let the phone set its time by itself, then type the next code."
    )
}

/// The kind of a device, as far as its user agent tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A computer with a keyboard.
    Computer,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// Not a browser: a script or an API client.
    Program,
}

/// Returns the kind of device that a user agent names.
pub fn kind(user_agent: Option<&str>) -> Kind {
    let agent = user_agent.unwrap_or_default();
    let has = |part: &str| agent.contains(part);
    // An Android tablet is one that does not say "Mobile".
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

/// Returns a readable name for a user agent: `Firefox on Linux`. It also runs in the browser, so it uses a short
/// list; the crates for this depend on `regex`.
pub fn name(user_agent: Option<&str>) -> String {
    // The order matters: each browser also claims to be those below it.
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
        // For a program, its first word: `curl/8.5.0`.
        (None, None) => agent.split_whitespace().next().unwrap_or("Unknown device").to_owned(),
    }
}

/// Adds to a network address where it probably is. The word is there because it may be the provider's city, or that of
/// a VPN.
pub fn located(address: String, place: Option<&str>) -> String {
    match place {
        Some(place) => format!("{address} (likely {place})"),
        None => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// User agents of browsers in 2025 and 2026. By default, Safari on an iPad claims to be on a Mac.
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
    fn an_address_says_where_it_is_if_that_is_known() {
        assert_eq!(located("203.0.113.7".to_owned(), None), "203.0.113.7");
        assert_eq!(located("203.0.113.7".to_owned(), Some("Berlin, Germany")), "203.0.113.7 (likely Berlin, Germany)");
    }

    #[test]
    fn a_wrong_clock_is_said_in_words() {
        assert!(clock_off(Seconds(-120)).starts_with("Your phone's clock is about 2 minutes slow."));
        assert!(clock_off(Seconds(60)).contains("about 60 seconds fast"));
        assert!(clock_off(Seconds(100)).contains("about 2 minutes fast"));
    }
}
