use super::*;
use clap::Parser;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: ServeArgs,
}

fn parse(flags: &[&str]) -> Result<Settings, Vec<String>> {
    let cli = Cli::parse_from(std::iter::once(&"freshkey").chain(flags));
    Settings::parse(cli.args).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[test]
fn the_defaults_are_those_of_the_contract() {
    let settings = parse(&[]).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(settings.http.origin, "http://localhost:3000");
    assert_eq!(settings.issuer(), "http://localhost:3000");
    assert_eq!(settings.sessions.access, 15 * 60 * 1000);
    assert_eq!(settings.sessions.refresh, 30 * 24 * 60 * 60 * 1000);
    assert_eq!(settings.sessions.rotation.grace, 20_000);
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
    let Err(errors) = parse(&["--access-ttl", "soon", "--password-min", "4", "--origin", "http://example.com"]) else {
        panic!("accepted");
    };
    assert_eq!(
        errors,
        [
            "FRESHKEY_ORIGIN is \"http://example.com\"; it accepts an origin without a path, like https://example.com (http only for localhost)",
            "FRESHKEY_ACCESS_TTL is \"soon\"; it accepts a duration of at least 1s, like 15m or 30d",
            "FRESHKEY_PASSWORD_MIN is \"4\"; it accepts a number from 8 to 64",
        ]
    );
}

#[test]
fn a_secret_is_never_repeated() {
    for flags in [
        ["--secret", "hunter2"],
        ["--database-url", "postgres://user:hunter2@host/db"],
        ["--redis-url", "http://:hunter2@host"],
    ] {
        let Err(errors) = parse(&flags) else { panic!("accepted") };
        assert_eq!(errors.len(), 1);
        assert!(!errors[0].contains("hunter2"), "{errors:?}");
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
