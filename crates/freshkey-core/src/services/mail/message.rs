//! An email message (RFC 5322, with MIME).

use super::compose::Composer;
use crate::{rules::email::Email, store::outbox::OutboxEmail};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use std::time::UNIX_EPOCH;
use url::Url;

/// An email that is ready to send.
#[derive(Clone, Debug)]
pub struct Composed {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The sender.
    pub from: Address,
    /// The recipient, with the domain in ASCII.
    pub to: Address,
    /// The complete message: headers and body.
    pub message: Vec<u8>,
}

/// Why an email can't be composed.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// Another version wrote it, and may be able to send it.
    #[error("this version knows no such email")]
    UnknownKind,
    /// It should have a code or a link, but none was made.
    #[error("it has no code")]
    NoCode,
    /// No mail server accepts this address.
    #[error("the address can't be written in an email")]
    Address,
    /// The library failed to write it.
    #[error("it can't be written")]
    Message(#[from] lettre::error::Error),
}

/// Builds the message. The Message-ID and the date are the same at each try.
pub(super) fn compose(
    composer: &Composer,
    email: &OutboxEmail,
    subject: String,
    text: String,
    html: String,
) -> Result<Composed, ComposeError> {
    let from = composer.from.address.parse::<Address>().map_err(|_| ComposeError::Address)?;
    let to = address(&email.email).ok_or(ComposeError::Address)?;
    let host = Url::parse(&composer.origin).ok().and_then(|url| url.host_str().map(str::to_owned));
    let id = format!("<{}@{}>", email.id, host.unwrap_or_else(|| "localhost".to_owned()));
    let date = UNIX_EPOCH + email.created_at.to_duration();
    let mut message = Message::builder()
        .from(Mailbox::new(composer.from.name.clone(), from.clone()))
        .to(Mailbox::new(None, to.clone()))
        .subject(one_line(&subject))
        .message_id(Some(id))
        .date(date);
    if let Some(reply_to) = composer.reply_to.as_deref().and_then(|text| text.parse::<Address>().ok()) {
        message = message.reply_to(Mailbox::new(None, reply_to));
    }
    for (name, value) in [
        // RFC 3834, section 5, and Exchange's own header.
        (HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated"),
        (HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"), "All"),
        (HeaderName::new_from_ascii_str("Content-Language"), email.language().tag()),
    ] {
        message = message.raw_header(HeaderValue::new(name, value.to_owned()));
    }
    let message = message.multipart(MultiPart::alternative_plain_html(text.clone(), html.clone()))?.formatted();
    Ok(Composed { subject, text, html, from, to, message })
}

/// The address as written in an email, with its domain in ASCII.
fn address(typed: &str) -> Option<Address> {
    let email = Email::parse(typed).ok()?;
    let (local, _) = email.as_typed().rsplit_once('@')?;
    let (_, domain) = email.key().rsplit_once('@')?;
    Address::new(local, domain).ok()
}

/// Puts a subject on one line. An app may have made its subject from user input.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control()).collect::<Vec<_>>().join(" ")
}

impl Composed {
    /// The headers, unfolded, in the order of the message.
    pub fn headers(&self) -> Vec<(String, String)> {
        let text = String::from_utf8_lossy(&self.message);
        let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        head.split("\r\n").filter_map(header).collect()
    }
}
