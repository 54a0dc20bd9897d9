//! The email settings.

use super::{
    Http,
    check::{Check, is_loopback, not_empty, read_small},
    shown::scheme_of,
};
use crate::rules::{email::Email, language::Language, secret_text::Secret};
use percent_encoding::percent_decode_str;
use std::time::Duration;
use url::{Host, Url};

const MAIL: &str = "none, dev, smtp://user:password@host or smtps://user:password@host";
const DEV: &str = "none, smtp://… or smtps://…; dev only for an origin on this machine";
const PASSWORD_FILE: &str = "a readable file that holds the password of the user in FRESHKEY_MAIL, which has none";
const FROM: &str = "an address, or Name <address>";
const FROM_REQUIRED: &str = "an address, or Name <address>; a mail server requires it";
const REPLY_TO: &str = "an address";
const LANGUAGES: &str = "some of en, de, fr and es, separated by commas, each once";
/// The longest name of a sender, in characters.
const LONGEST_NAME: usize = 100;

/// The email settings.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Where emails go.
    pub way: MailWay,
    /// The sender.
    pub from: Mailbox,
    /// Where replies go, if not to the sender.
    pub reply_to: Option<String>,
    /// The languages of emails. The first is for users who chose no other.
    pub languages: Vec<Language>,
    /// The timeouts.
    pub times: MailTimes,
}

/// Where emails go.
#[derive(Clone, Debug)]
pub enum MailWay {
    /// Nowhere: everything that needs email is turned off.
    None,
    /// Into the app's developer mailbox.
    Dev,
    /// To a mail server.
    Smtp(Smtp),
}

/// A sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The name beside the address.
    pub name: Option<String>,
    /// The address.
    pub address: String,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// The host name, as in its certificate, or the IP address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// The user name and password.
    pub user: Option<(String, Secret)>,
}

/// How a connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the first byte.
    Always,
    /// STARTTLS is required.
    StartTls,
    /// STARTTLS if the server offers it, for a server on this machine.
    IfOffered,
    /// Not encrypted.
    Off,
}

/// The timeouts for mail servers.
#[derive(Clone, Copy, Debug)]
pub struct MailTimes {
    /// For connecting.
    pub connect: Duration,
    /// For sending an email, including the connection.
    pub all: Duration,
    /// The time between two checks for due emails, if nothing wakes the tasks.
    pub look: Duration,
}

impl Default for MailTimes {
    fn default() -> Self {
        let [connect, all, look] = [10, 30, 5].map(Duration::from_secs);
        Self { connect, all, look }
    }
}

impl Mail {
    /// Whether emails are sent at all.
    pub fn is_on(&self) -> bool {
        !matches!(self.way, MailWay::None)
    }

    /// The language for users who chose none; `None` without mail.
    pub fn first_language(&self) -> Option<Language> {
        self.languages.first().copied().filter(|_| self.is_on())
    }
}

/// The unparsed settings.
pub(super) struct Texts {
    pub(super) mail: Option<String>,
    pub(super) password_file: Option<String>,
    pub(super) from: Option<String>,
    pub(super) reply_to: Option<String>,
    pub(super) languages: String,
}

pub(super) fn parse(check: &mut Check, texts: Texts, http: &Http) -> Mail {
    let local = Url::parse(&http.origin).is_ok_and(|url| url.host().is_some_and(|host| is_loopback(&host)));
    let default = if cfg!(debug_assertions) && local && !http.is_https() { MailWay::Dev } else { MailWay::None };
    let scheme = |text: &str| scheme_of(text, &["none", "dev", "smtp", "smtps"]);
    let way = match texts.mail {
        None => Some(default),
        Some(text) => check.url("FRESHKEY_MAIL", &text, MAIL, parse_way, scheme),
    };
    if matches!(way, Some(MailWay::Dev)) && !local {
        check.refuse("FRESHKEY_MAIL", Some("dev".to_owned()), DEV);
    }
    let way = with_password(check, way, texts.password_file);
    let from = texts.from.map(|text| check.parse("FRESHKEY_MAIL_FROM", &text, FROM, parse_mailbox));
    if matches!(way, Some(MailWay::Smtp(_))) && from.is_none() {
        check.refuse("FRESHKEY_MAIL_FROM", None, FROM_REQUIRED);
    }
    let nobody = || Mailbox { name: None, address: "no-reply@localhost".to_owned() };
    let reply_to =
        texts.reply_to.and_then(|text| check.parse("FRESHKEY_MAIL_REPLY_TO", &text, REPLY_TO, parse_address));
    let languages = check.parse("FRESHKEY_LANGUAGES", &texts.languages, LANGUAGES, parse_languages);
    Mail {
        way: way.unwrap_or(MailWay::None),
        from: from.flatten().unwrap_or_else(nobody),
        reply_to,
        languages: languages.unwrap_or_default(),
        times: MailTimes::default(),
    }
}

/// Adds the password from a file, if one is set.
fn with_password(check: &mut Check, way: Option<MailWay>, file: Option<String>) -> Option<MailWay> {
    let Some(file) = file else { return way };
    let password = read_small(file.trim()).map(|text| text.trim_end_matches(['\r', '\n']).to_owned());
    match (way, password.and_then(|text| not_empty(Some(text)))) {
        (Some(MailWay::Smtp(Smtp { user: Some((user, password)), host, port, tls })), Some(read))
            if password.reveal().is_empty() =>
        {
            Some(MailWay::Smtp(Smtp { user: Some((user, Secret::new(read))), host, port, tls }))
        }
        // The file's name may be the password itself, set in the wrong variable, so it is not repeated. If
        // FRESHKEY_MAIL was refused, or names no server, there is no password to check.
        (Some(MailWay::Smtp(_)), _) => {
            check.refuse("FRESHKEY_MAIL_PASSWORD_FILE", None, PASSWORD_FILE);
            None
        }
        (way, _) => way,
    }
}

fn parse_way(text: &str) -> Option<MailWay> {
    match text {
        "none" => Some(MailWay::None),
        "dev" => Some(MailWay::Dev),
        url => parse_smtp(url).map(MailWay::Smtp),
    }
}

fn parse_smtp(text: &str) -> Option<Smtp> {
    let url = Url::parse(text).ok()?;
    let bare = matches!(url.path(), "" | "/") && url.fragment().is_none();
    // Browsers don't know the scheme, so the URL library accepts any text as the host. It is parsed here.
    let host = Host::parse(percent_decode_str(url.host_str()?).decode_utf8().ok()?.as_ref()).ok()?;
    let local = is_loopback(&host);
    let (port, tls) = match (url.scheme(), url.query()) {
        ("smtps", None) => (465, SmtpTls::Always),
        ("smtp", None) if local => (587, SmtpTls::IfOffered),
        ("smtp", None) => (587, SmtpTls::StartTls),
        ("smtp", Some("tls=off")) => (587, SmtpTls::Off),
        _ => return None,
    };
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
    let user = match (decoded(url.username())?, decoded(url.password().unwrap_or_default())?) {
        (user, password) if user.is_empty() && password.is_empty() => None,
        (user, _) if user.is_empty() => return None,
        (user, password) => Some((user, Secret::new(password))),
    };
    let host = host.to_string().trim_matches(['[', ']']).to_owned();
    let port = url.port().unwrap_or(port);
    (bare && port != 0).then_some(Smtp { host, port, tls, user })
}

fn parse_mailbox(text: &str) -> Option<Mailbox> {
    let Some((name, rest)) = text.split_once('<') else {
        return Some(Mailbox { name: None, address: parse_address(text)? });
    };
    let name = name.trim().trim_matches('"').trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    let address = parse_address(rest.trim_end().strip_suffix('>')?)?;
    fits.then(|| Mailbox { name: Some(name.to_owned()), address })
}

/// Parses an address that every mail server accepts: one in ASCII.
fn parse_address(text: &str) -> Option<String> {
    let email = Email::parse(text).ok()?;
    let (local, _) = email.as_typed().rsplit_once('@')?;
    let (_, domain) = email.key().rsplit_once('@')?;
    let address = format!("{local}@{domain}");
    (local.is_ascii() && address.parse::<lettre::Address>().is_ok()).then_some(address)
}

fn parse_languages(text: &str) -> Option<Vec<Language>> {
    let known = |tag: &str| Language::ALL.into_iter().find(|language| language.tag() == tag.trim());
    let languages = text.split(',').map(known).collect::<Option<Vec<_>>>()?;
    let twice = languages.iter().enumerate().any(|(at, language)| languages[..at].contains(language));
    (!twice).then_some(languages)
}

#[cfg(test)]
mod tests;
