use super::*;
use crate::store::outbox::{Facts, NewEmail};
use freshkey_types::Alarm;

const NOW: Millis = Millis(1_795_474_112_345);

fn composer() -> Composer {
    Composer {
        name: "Shop & Co",
        palette: Palette::of(165.0, 0.1),
        origin: "https://shop.example:8443".to_owned(),
        from: Mailbox { name: Some("Jörg, Shop".to_owned()), address: "no-reply@shop.example".to_owned() },
        reply_to: Some("help@shop.example".to_owned()),
        code_life: Millis::from_mins(10),
        places: Places::default(),
        texts: HashMap::new(),
        own: HashMap::new(),
    }
}

fn secrets() -> EmailSecrets {
    EmailSecrets { code: Some(Secret::new("12345678")), link: Some(Secret::new("t0ken-_")) }
}

fn email(kind: &'static str, language: Language) -> OutboxEmail {
    let facts = Facts {
        at: Some(NOW),
        device: Some("Firefox on Linux".to_owned()),
        ip: Some("192.0.2.7".to_owned()),
        ..Facts::default()
    };
    OutboxEmail::of(&NewEmail { facts, ..NewEmail::own(kind, "Ada@Example.COM", language, NOW) })
}

fn all() -> impl Iterator<Item = (EmailKind, Language, Composed)> {
    let kinds = EmailKind::ALL.iter().flat_map(|kind| Language::ALL.map(|language| (*kind, language)));
    kinds.map(|(kind, language)| {
        let composed = composer().compose(&email(kind.text(), language), &secrets());
        (kind, language, composed.unwrap_or_else(|error| panic!("{kind:?}: {error}")))
    })
}

/// The visible words of an HTML text.
fn words(html: &str) -> Vec<String> {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    let (mut text, mut rest) = (String::new(), body.split_once('>').map_or(body, |(_, rest)| rest));
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        // The logo is only decoration; a comment is for one mail program.
        let hidden =
            tag.contains("aria-hidden") && tag.split_once('>').is_some_and(|(tag, _)| tag.contains("aria-hidden"));
        let end = if hidden {
            "</td>"
        } else if tag.starts_with("!--") {
            "-->"
        } else {
            ">"
        };
        rest = tag.split_once(end).map_or("", |(_, rest)| rest);
    }
    let text = text
        .replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    text.split(' ')
        .flat_map(str::split_whitespace)
        .map(|word| word.trim_end_matches(':').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn text_and_html_have_the_same_words() {
    for (kind, language, composed) in all() {
        let text = composed.text.split_whitespace().filter(|word| !word.starts_with("https://"));
        let text: Vec<_> = text.map(|word| word.trim_end_matches(':')).filter(|word| !word.is_empty()).collect();
        assert_eq!(words(&composed.html), text, "{kind:?} {language:?}");
        for part in [&composed.subject, &composed.text, &composed.html.replace(style_of(&composed.html), "")] {
            assert!(!part.contains(['{', '}']), "{kind:?} {language:?}: {part}");
        }
    }
}

fn style_of(html: &str) -> &str {
    html.split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"))
        .map(|(style, _)| style)
        .expect("a style")
}

#[test]
fn every_email_is_of_this_site_and_has_at_most_one_token() {
    for (kind, language, composed) in all() {
        let what = format!("{kind:?} {language:?}");
        let links = composed.html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let links: Vec<_> = links.collect();
        assert!(links.iter().all(|link| link.starts_with("https://shop.example:8443/")), "{what}: {links:?}");
        let tokens = links.iter().filter(|link| link.contains("?t=t0ken-_")).count();
        let expected = matches!(
            kind,
            EmailKind::Register
                | EmailKind::Reset
                | EmailKind::EmailChanged
                | EmailKind::PasswordChanged
                | EmailKind::NewDevice
                | EmailKind::SessionReplayed
                | EmailKind::FactorAdded
                | EmailKind::FactorRemoved
                | EmailKind::TwoStepOff
                | EmailKind::RecoveryCodesMade
                | EmailKind::RecoveryCodeUsed
                | EmailKind::SecondStepRefused
                | EmailKind::DataExported
                | EmailKind::DeletionAsked
        );
        assert_eq!(tokens, usize::from(expected), "{what}");
        // The page of the link says what happened.
        let asks = links.iter().any(|link| link.contains("/secure?"));
        assert!(!asks || Alarm::known(kind.text()) != Alarm::Other, "{what}");
        for link in links {
            assert!(composed.text.lines().any(|line| line == link), "{what}: {link} on a line of its own");
        }
        assert_eq!(composed.text.contains("1234 5678"), kind.has_code(), "{what}");
        assert_eq!(composed.subject.contains("1234 5678"), kind.has_code(), "{what}");
        for bad in ["<script", "<img", "<form", "<input", "@import", "url(", "http://"] {
            assert!(!composed.html.contains(bad), "{what}: {bad}");
        }
    }
}

#[test]
fn a_reset_that_nobody_asked_for_in_a_browser_has_a_link_and_no_code() {
    let secrets = EmailSecrets { code: None, ..secrets() };
    for language in Language::ALL {
        let of = |by_admin| {
            let facts = Facts { at: Some(NOW), by_admin: Some(by_admin), ..Facts::default() };
            let new = NewEmail { facts, ..NewEmail::new(EmailKind::Reset, "ada@example.com", language, NOW) };
            composer().compose(&OutboxEmail::of(&new), &secrets).expect("composed")
        };
        let (started, locked) = (of(ByAdmin::ResetStarted), of(ByAdmin::PasswordLocked));
        assert_ne!(started.text, locked.text);
        for composed in [started, locked] {
            assert!(composed.text.contains("\nhttps://shop.example:8443/reset?t=t0ken-_\n"), "{}", composed.text);
            for part in [&composed.subject, &composed.text, &composed.html.replace(style_of(&composed.html), "")] {
                assert!(!part.to_lowercase().contains("cod") && !part.contains(['{', '}']), "{language:?}: {part}");
            }
        }
    }
}

#[test]
fn a_deletion_says_who_asked_for_it() {
    for language in Language::ALL {
        let of = |by_admin| {
            let facts = Facts { at: Some(NOW), until: Some(NOW), by_admin, ..Facts::default() };
            let new = NewEmail { facts, ..NewEmail::new(EmailKind::DeletionAsked, "ada@example.com", language, NOW) };
            composer().compose(&OutboxEmail::of(&new), &secrets()).expect("composed").text
        };
        let (by_user, by_admin) = (of(None), of(Some(ByAdmin::DeletionAsked)));
        let differ = by_user.lines().zip(by_admin.lines()).filter(|(user, admin)| user != admin).count();
        assert_eq!(differ, 2, "who asked, and what the reader may think of it: {by_admin}");
        assert!(!by_admin.contains(['{', '}']), "{by_admin}");
    }
}

#[test]
fn a_program_sees_that_a_program_wrote_it() {
    let composed = composer().compose(&email("register", Language::Fr), &secrets()).expect("composed");
    let headers: HashMap<_, _> = composed.headers().into_iter().collect();
    let id = email("register", Language::Fr).id;
    assert_ne!(headers["Message-ID"], format!("<{id}@shop.example>"), "another email");
    assert!(headers["Message-ID"].ends_with("@shop.example>"), "{headers:?}");
    assert_eq!(headers["To"], "Ada@example.com");
    assert_eq!(headers["Reply-To"], "help@shop.example");
    assert_eq!(headers["Auto-Submitted"], "auto-generated");
    assert_eq!(headers["X-Auto-Response-Suppress"], "All");
    assert_eq!(headers["Content-Language"], "fr");
    assert_eq!(headers["Date"], "Mon, 23 Nov 2026 22:48:32 +0000");
    assert!(headers["Content-Type"].starts_with("multipart/alternative;"), "{headers:?}");
    assert!(!headers.contains_key("Bcc"));
    assert!(composed.message.is_ascii());
}

#[test]
fn what_is_the_same_email_is_the_same_at_each_try() {
    let email = email("new_device", Language::En);
    let head = || {
        let headers = composer().compose(&email, &secrets()).expect("composed").headers();
        headers.into_iter().filter(|(name, _)| name == "Message-ID" || name == "Date").collect::<Vec<_>>()
    };
    assert_eq!((head(), head().len()), (head(), 2));
    assert_eq!(head()[0].1, format!("<{}@shop.example>", email.id));
}

#[test]
fn a_subject_is_one_line_whatever_an_app_puts_into_it() {
    fn sly(_: &OutboxEmail) -> Content {
        Content::new("Hello\r\nBcc: eve@example.com").paragraph("<b>&")
    }
    let with_sly = Composer { own: HashMap::from([("sly", sly as OwnContent)]), ..composer() };
    let composed = with_sly.compose(&email("sly", Language::En), &EmailSecrets::default()).expect("composed");
    assert!(composed.headers().iter().all(|(name, _)| name != "Bcc"));
    assert!(composed.html.contains("&lt;b&gt;&amp;"));
}

#[test]
fn an_app_words_an_email_differently() {
    let own = Texts { register_heading: "Come in", ..Texts::EN };
    let composer = Composer { texts: HashMap::from([(Language::En, own)]), ..composer() };
    let of = |language| composer.compose(&email("register", language), &secrets()).expect("composed").text;
    assert!(of(Language::En).contains("Come in") && of(Language::En).contains("1234 5678"));
    assert!(of(Language::De).contains("Willkommen bei Shop & Co"));
}

#[test]
fn an_email_that_would_be_of_no_use_is_not_composed() {
    let compose = |kind, to: &str, secrets| {
        composer().compose(&OutboxEmail::of(&NewEmail::own(kind, to, Language::En, NOW)), &secrets)
    };
    let none = EmailSecrets::default;
    assert!(matches!(compose("reset", "ada@example.com", none()), Err(ComposeError::NoCode)));
    assert!(matches!(compose("of_a_later_version", "ada@example.com", none()), Err(ComposeError::UnknownKind)));
    assert!(matches!(compose("test", "a..b(c)@example.com", none()), Err(ComposeError::Address)));
    let composed = compose("test", "lena@münchen.de", none()).expect("composed");
    assert_eq!(composed.to.to_string(), "lena@xn--mnchen-3ya.de");
    let without = compose("new_device", "ada@example.com", none()).expect("composed");
    assert!(without.text.contains("https://shop.example:8443/forgot"), "no undo: {}", without.text);
}
