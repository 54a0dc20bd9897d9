use super::*;
use clap::Parser;
use freshkey_types::Millis;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: ServeArgs,
}

/// A realm of the server.
const REALM: &str = "trial";

fn parse(flags: &[&str]) -> Result<Settings, Vec<String>> {
    let cli = Cli::parse_from(std::iter::once(&"freshkey").chain(flags));
    Settings::parse(cli.args, &[REALM]).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[test]
fn the_defaults_are_those_of_the_contract() {
    let settings = parse(&[]).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(settings.http.origin, "http://localhost:3000");
    assert_eq!(settings.issuer(), "http://localhost:3000");
    assert_eq!(settings.sessions.access, Millis::from_mins(15));
    assert_eq!(settings.sessions.refresh, Millis::from_days(30));
    assert_eq!(settings.sessions.rotation.grace_period, Millis::from_secs(20));
    assert!((settings.sessions.refresh_timeout() - 10.0).abs() < f64::EPSILON);
    assert!(settings.sessions.rotation.lost_answer_recovery);
    assert_eq!(settings.passwords.min_chars, 8);
}

#[test]
fn a_clients_patience_is_at_most_half_the_grace() {
    for (grace, patience) in [("0s", "10.0"), ("1ms", "0.0005"), ("1s", "0.5"), ("3s", "1.0"), ("20s", "10.0")] {
        let settings = parse(&["--refresh-grace", grace]).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!(format!("{:?}", settings.sessions.refresh_timeout()), patience, "{grace}");
    }
}

#[test]
fn every_error_is_one_line_that_names_the_variable_and_the_value() {
    let flags = ["--access-ttl", "soon", "--password-min", "4", "--origin", "http://example.com", "--data-dir", ""];
    let Err(errors) = parse(&flags) else { panic!("accepted") };
    assert_eq!(
        errors,
        [
            "FRESHKEY_ACCESS_TTL is \"soon\"; it accepts a duration from 1s to 1d, like 15m",
            "FRESHKEY_ORIGIN is \"http://example.com\"; it accepts an origin without a path, like https://example.com (http only for localhost)",
            "FRESHKEY_DATA_DIR is \"\"; it accepts a folder",
            "FRESHKEY_PASSWORD_MIN is \"4\"; it accepts a number from 8 to 64",
        ]
    );
}

#[test]
fn of_a_url_that_may_hold_a_secret_what_is_wrong_is_shown() {
    for (flag, url, shown) in [
        ("--database-url", "mysql://user:hunter2@host/db", Some("mysql://…")),
        ("--database-url", "file:///db", Some("file://…")),
        (
            "--database-url",
            "postgres://user:hunter2@host/db?sslmode=disable&connect_timeout=3&x=1",
            Some("postgres://…?connect_timeout=…&x=…"),
        ),
        ("--database-url", "postgres://user:hunter2@host/db?sslmode=hunter2", Some("postgres://…?sslmode=…")),
        ("--database-url", "postgres://user:hunter2@host:x/db", Some("postgres://…")),
        ("--database-url", "sqlite://x?mode=ro", Some("sqlite://…?mode=…")),
        ("--database-url", "sqlite://x?mode=rwc&cache=shared", Some("sqlite://…?cache=…")),
        ("--redis-url", "http://user:hunter2@host", Some("http://…")),
        ("--redis-url", "redis://user:hunter2@host/hunter2", Some("redis://…")),
        // The text before and after may be a password with such characters.
        ("--database-url", "postgres://user:1?hunter2=x@host/db", Some("postgres://…")),
        ("--database-url", "postgres://host/db?hunter2", Some("postgres://…")),
        ("--database-url", "hunter2://host/db", None),
        ("--database-url", "user:hunter2@host/db", None),
        ("--redis-url", "hunter2", None),
    ] {
        let Err(errors) = parse(&[flag, url]) else { panic!("{url} is accepted") };
        let variable = if flag == "--redis-url" { "REDIS_URL" } else { "DATABASE_URL" };
        let is = shown.map_or("not acceptable".to_owned(), |shown| format!("{shown:?}"));
        assert!(errors[0].starts_with(&format!("{variable} is {is}; it accepts ")), "{url}: {errors:?}");
        assert!(!errors[0].contains("hunter2"), "{errors:?}");
    }
}

#[test]
fn an_address_of_postgres_is_shown_as_it_is_used() {
    for (url, shown) in [
        ("postgres://user:hunter2@host/db", "postgres://host:5432/db"),
        ("postgres://host:6000/db?password=hunter2", "postgres://host:6000/db"),
        ("postgres://[::1]:6000/db", "postgres://[::1]:6000/db"),
        ("postgres://host/db?host=::1", "postgres://[::1]:5432/db"),
        ("postgres://host/db?port=7&host=other&dbname=d", "postgres://other:7/d"),
        ("postgresql:///db?host=/run/postgresql", "postgres:///db?host=/run/postgresql"),
    ] {
        let shows = database::parse(url).map(|database| database.to_string());
        assert_eq!(shows.as_deref(), Some(shown));
    }
}

#[test]
fn a_secret_is_never_repeated() {
    for flags in [
        ["--secret", "hunter2"],
        ["--secret-previous", "hunter2"],
        ["--secret-file", "aHVudGVyMiBodW50ZXIyIGh1bnRlcjIgaHVudGVyMg"],
        ["--database-url", "postgres://user:hunter2@host/db?unknown=1"],
        ["--database-url", "postgres://user:1/hunter2@host/db"],
        ["--database-url", "postgres://host/db?sslmode=hunter2"],
        ["--database-url", "mysql://user:hunter2@host/db"],
        ["--redis-url", "http://:hunter2@host"],
        ["--mail", "smtp://user:hunter2@host"],
        ["--mail", "smtps://host?password=hunter2"],
        ["--mail", "user:hunter2@host"],
        ["--origin", "https://user:hunter2@example.com"],
        ["--origin", "https://example.com/?token=hunter2"],
        ["--issuer", "https://user:hunter2@example.com\nx"],
        ["--metrics-addr", "http://user:hunter2@127.0.0.1:9100"],
        ["--site-addr", "user:hunter2@127.0.0.1:3000"],
        ["--trusted-proxies", "http://user:hunter2@10.0.0.1"],
    ] {
        let Err(errors) = parse(&flags) else { panic!("{flags:?} is accepted") };
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(!errors[0].contains("hunter2") && !errors[0].contains("aHVudGVy"), "{errors:?}");
    }
}

/// Accepted settings must work. These would start a server that is of no use, or of another use than intended.
#[test]
fn what_would_fail_in_use_is_refused() {
    let long = "a".repeat(256);
    let long_origin = format!("https://{}.example", ["a".repeat(60).as_str(); 5].join("."));
    for flags in [
        ["--audience", "http://localhost:3000/trial"],
        ["--audience", " http://localhost:3000/trial "],
        ["--audience", "HTTP://LOCALHOST:3000/trial/"],
        ["--audience", &long],
        ["--issuer", &long],
        ["--issuer", "two\nlines"],
        ["--origin", &long_origin],
        ["--origin", "https://*.example.com"],
        ["--origin", "https://example.com:0"],
        ["--origin", ""],
        ["--database-url", "sqlite://x?mode=ro"],
        ["--database-url", "sqlite://x?mode=rwc&mode=ro"],
        ["--database-url", "sqlite://x?"],
        ["--database-url", "sqlite://"],
        ["--database-url", "postgres://host/db?connect_timeout=3"],
        ["--database-url", "postgres://host/db?options[a=b"],
        ["--database-url", "postgres://host/db?sslmode=perhaps"],
        ["--database-url", "postgres://host/db#fragment"],
        ["--access-ttl", "0s"],
        ["--access-ttl", "999ms"],
        ["--access-ttl", "25h"],
        ["--refresh-ttl", "0s"],
        ["--refresh-ttl", "1000y"],
        ["--idle-ttl", "999ms"],
        ["--idle-ttl", "18446744073709551615s"],
        ["--refresh-grace", "2h"],
        ["--refresh-grace", "1us"],
        ["--rate-limit", "0/1m"],
        ["--rate-limit", "18446744073709551615/1m"],
        ["--rate-limit", "4294967295/1s"],
        ["--session-rate-limit", "1/0s"],
        ["--login-rate-limit", "10/2y"],
        ["--trusted-proxies", "0.0.0.0/0"],
        ["--trusted-proxies", "10.0.0.0/8,::/0"],
        ["--trusted-proxies", "0.0.0.0/1,128.0.0.0/1"],
        ["--trusted-proxies", "::ffff:0.0.0.0/96"],
        ["--metrics-addr", "127.0.0.1:3000"],
        ["--metrics-addr", "0.0.0.0:3000"],
    ] {
        let Err(errors) = parse(&flags) else { panic!("{flags:?} is accepted") };
        assert_eq!((errors.len(), errors[0].lines().count()), (1, 1), "{errors:?}");
        assert!(errors[0].len() < 500, "{errors:?}");
    }
}

#[test]
fn what_is_unusual_and_works_is_accepted() {
    let longest = "ä".repeat(255);
    for flags in [
        ["--audience", "https://example.com/trial"],
        ["--audience", "http://localhost:3000/trials"],
        ["--audience", longest.as_str()],
        ["--origin", "https://EXAMPLE.com:443/"],
        ["--database-url", "sqlite://x?mode=rwc"],
        ["--database-url", "postgres://host/db?sslmode=disable&application_name=a&options[statement_timeout]=5s"],
        ["--database-url", "postgresql:///db?host=/run/postgresql"],
        ["--access-ttl", "1d"],
        ["--refresh-ttl", "100y"],
        ["--idle-ttl", "60d"],
        ["--refresh-grace", "1h"],
        ["--rate-limit", "1/365d"],
        ["--trusted-proxies", ""],
        ["--trusted-proxies", "10.0.0.1, 2001:db8::/32"],
        ["--metrics-addr", "127.0.0.1:9100"],
    ] {
        if let Err(errors) = parse(&[&flags[..], &["--secret", &"00".repeat(32)]].concat()) {
            panic!("{errors:?}");
        }
    }
    let settings = parse(&["--trusted-proxies", "::ffff:10.0.0.0/104"]).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(settings.trusted_proxies, ["10.0.0.0/8".parse().expect("a network")], "as peers are written");
}

#[test]
fn a_realms_audience_is_refused_before_the_port_is_known() {
    for (addr, audience) in [("127.0.0.1:0", "http://localhost:4711/trial"), ("127.0.0.1:80", "http://localhost/trial")]
    {
        assert!(parse(&["--site-addr", addr, "--audience", audience]).is_err(), "{audience}");
    }
    assert!(parse(&["--origin", "https://Example.com", "--audience", "https://example.com:443/trial"]).is_err());
}

#[test]
fn a_realms_database_is_nobody_elses() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let (data, its) = (data.to_str().expect("UTF-8"), data.join("trial.db"));
    std::fs::write(&its, "").expect("a file");
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&its, &link).expect("a link");
    for file in [format!("{data}/trial.db"), format!("{data}/../data/./trial.db"), link.display().to_string()] {
        assert!(parse(&["--data-dir", data, "--database-url", &format!("sqlite://{file}")]).is_err(), "{file}");
    }
    assert!(parse(&["--data-dir", data, "--database-url", &format!("sqlite://{data}/own.db")]).is_ok());
}

#[test]
fn hsts_is_a_header_or_off() {
    let hsts = |origin: &str, value: &str| {
        let sent = parse(&["--origin", origin, "--hsts", value]).map(|settings| settings.http.hsts);
        sent.map(|value| value.map(|value| value.to_str().expect("text").to_owned()))
    };
    for good in ["max-age=0", "max-age=31536000; includeSubDomains; preload", "includesubdomains;max-age=1;"] {
        assert_eq!(hsts("https://example.com", good), Ok(Some(good.to_owned())));
    }
    assert_eq!(hsts("https://example.com", "off"), Ok(None));
    assert_eq!(hsts("http://localhost", "max-age=1"), Ok(None), "browsers ignore it there, and so would we");
    for bad in [
        "",
        "on",
        "max-age",
        "max-age=",
        "max-age=-1",
        "max-age=1; max-age=2",
        "includeSubDomains",
        "max-age=1; x",
        "max-age=1\nx: y",
    ] {
        let refused = hsts("https://example.com", bad).expect_err(bad);
        assert!(refused[0].starts_with("FRESHKEY_HSTS"), "{refused:?}");
    }
}

#[test]
fn an_origin_is_normalised_and_decides_the_cookies() {
    let origin = |text: &str| {
        parse(&["--origin", text])
            .map(|settings| (settings.http.origin.clone(), settings.http.cookie(CookieName::Refresh)))
    };
    assert_eq!(origin("https://Example.COM:443/"), Ok(("https://example.com".to_owned(), "__Host-refresh")));
    assert_eq!(origin("http://127.0.0.1:8080"), Ok(("http://127.0.0.1:8080".to_owned(), "refresh")));
    for bad in [
        "example.com",
        "https://example.com/path",
        "https://a@b.c",
        "https://:a@b.c",
        "ftp://example.com",
        "http://10.0.0.1",
    ] {
        assert!(origin(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_default_origin_follows_the_port() {
    let mut settings = parse(&["--site-addr", "127.0.0.1:0"]).unwrap_or_else(|errors| panic!("{errors:?}"));
    settings.listening_on(4000);
    assert_eq!(settings.http.origin, "http://localhost:4000");
}

#[test]
fn a_switch_is_on_or_off_or_not_set() {
    let switch = |text| parse_switch("SHOP_OPEN", text).map_err(|error| error.to_string());
    for (text, said) in [(None, None), (Some(""), None), (Some(" on "), Some(true)), (Some("off"), Some(false))] {
        assert_eq!(switch(text), Ok(said), "{text:?}");
    }
    assert_eq!(switch(Some("perhaps")), Err("SHOP_OPEN is \"perhaps\"; it accepts on or off".to_owned()));
}
