use super::*;
use crate::settings::{ServeArgs, Settings};
use clap::Parser;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: ServeArgs,
}

fn mail(flags: &[&str]) -> Result<Mail, Vec<String>> {
    let cli = Cli::parse_from(std::iter::once(&"freshkey").chain(flags));
    let settings = Settings::parse(cli.args, &[]);
    settings.map(|settings| settings.mail).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn smtp(url: &str) -> Smtp {
    match mail(&["--mail", url, "--mail-from", "a@example.com"]) {
        Ok(Mail { way: MailWay::Smtp(smtp), .. }) => smtp,
        other => panic!("{url}: {other:?}"),
    }
}

#[test]
fn a_development_build_on_this_machine_keeps_its_emails() {
    let way = |flags: &[&str]| mail(flags).map(|mail| mail.way);
    assert!(matches!(way(&[]), Ok(MailWay::Dev)));
    assert!(matches!(way(&["--origin", "https://example.com"]), Ok(MailWay::None)));
    assert!(matches!(way(&["--mail", "none"]), Ok(MailWay::None)));
    let refused = way(&["--mail", "dev", "--origin", "https://example.com"]).expect_err("not on this machine");
    assert_eq!(refused, [format!("FRESHKEY_MAIL is \"dev\"; it accepts {DEV}")]);
    assert!(matches!(way(&["--mail", "dev", "--origin", "https://localhost"]), Ok(MailWay::Dev)));
}

#[test]
fn a_mail_server_is_named_by_a_url() {
    let of = |url| {
        let Smtp { host, port, tls, user } = smtp(url);
        let user = user.map(|(user, password)| format!("{user}:{}", password.reveal()));
        (host, port, tls, user.unwrap_or_default())
    };
    let owned = |(host, port, tls, user): (&str, _, _, &str)| (host.to_owned(), port, tls, user.to_owned());
    for (url, expected) in [
        ("smtp://mail.example.com", ("mail.example.com", 587, SmtpTls::StartTls, "")),
        ("smtp://mail.example.com:25", ("mail.example.com", 25, SmtpTls::StartTls, "")),
        ("smtps://ada%40x:p%2Fa%3As@mail.example.com", ("mail.example.com", 465, SmtpTls::Always, "ada@x:p/a:s")),
        ("smtp://localhost:25", ("localhost", 25, SmtpTls::IfOffered, "")),
        ("smtp://[::1]:25", ("::1", 25, SmtpTls::IfOffered, "")),
        ("smtp://127.0.0.1:1025", ("127.0.0.1", 1025, SmtpTls::IfOffered, "")),
        ("smtp://10.0.0.1:25?tls=off", ("10.0.0.1", 25, SmtpTls::Off, "")),
    ] {
        assert_eq!(of(url), owned(expected), "{url}");
    }
    for bad in [
        "smtp",
        "smtp://",
        "smtp://host?tls=no",
        "smtps://host?tls=off",
        "smtp://:x@host",
        "http://host",
        "smtp://host/x",
        "smtp://a b",
    ] {
        let refused = mail(&["--mail", bad, "--mail-from", "a@example.com"]).expect_err(bad);
        assert!(refused.len() == 1 && refused[0].starts_with("FRESHKEY_MAIL is "), "{refused:?}");
    }
    let refused = mail(&["--mail", "smtp://host"]).expect_err("no sender");
    assert_eq!(refused, [format!("FRESHKEY_MAIL_FROM is not acceptable; it accepts {FROM_REQUIRED}")]);
}

#[test]
fn the_password_may_be_in_a_file_and_is_never_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    std::fs::write(&file, "hunter2 \n").expect("written");
    let file = file.to_str().expect("UTF-8");
    let with = |url, file| mail(&["--mail", url, "--mail-from", "a@example.com", "--mail-password-file", file]);
    let Ok(Mail { way: MailWay::Smtp(Smtp { user: Some((user, password)), .. }), .. }) = with("smtp://ada@host", file)
    else {
        panic!("it is read")
    };
    assert_eq!((user.as_str(), password.reveal()), ("ada", "hunter2 "));
    assert!(!format!("{:?}", with("smtp://ada@host", file)).contains("hunter2"));
    for (url, file) in [("smtp://ada:x@host", file), ("smtp://host", file), ("smtp://ada@host", "hunter2")] {
        let refused = with(url, file).expect_err(url);
        assert_eq!(refused, [format!("FRESHKEY_MAIL_PASSWORD_FILE is not acceptable; it accepts {PASSWORD_FILE}")]);
    }
}

#[test]
fn a_sender_is_an_address_or_a_name_with_one() {
    let from = |text| mail(&["--mail-from", text]).map(|mail| (mail.from.name, mail.from.address));
    let named = |name: &str, address: &str| Ok((Some(name.to_owned()), address.to_owned()));
    assert_eq!(from("a@example.com"), Ok((None, "a@example.com".to_owned())));
    assert_eq!(from("Jörg's Shop <a@münchen.de>"), named("Jörg's Shop", "a@xn--mnchen-3ya.de"));
    assert_eq!(from("\"Shop, Inc.\" <a@example.com>"), named("Shop, Inc.", "a@example.com"));
    for bad in [
        "Shop",
        "<a@example.com>",
        "Shop <a@example.com",
        "Shop <a@b.de>, x <c@d.de>",
        "ä@example.com",
        "A\r\nBcc: x <a@b.de>",
    ] {
        assert!(from(bad).is_err(), "{bad}");
    }
    assert!(mail(&["--mail-reply-to", "Shop <a@example.com>"]).is_err());
    assert_eq!(mail(&[]).map(|mail| mail.from.address), Ok("no-reply@localhost".to_owned()));
}

#[test]
fn the_languages_are_known_and_there_is_one() {
    let languages = |text| mail(&["--languages", text]).map(|mail| mail.languages);
    assert_eq!(languages("de, en"), Ok(vec![Language::De, Language::En]));
    for bad in ["", "de,", "it", "de,de", "de-AT"] {
        assert!(languages(bad).is_err(), "{bad}");
    }
}
