//! An SMTP client that runs step by step, so that each answer is known to belong to its step.

use crate::{
    rules::retry::{Verdict, judge_recipient},
    settings::{MailTimes, Smtp, SmtpTls},
};
use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt, Rset},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
        response::Response,
    },
};
use std::{fmt, net::IpAddr};
use tokio::time::timeout;

/// The longest text kept from a mail server's answer, in characters.
const LONGEST: usize = 200;
/// A word with this many digits in a row may be a code.
const LIKE_A_CODE: usize = 4;

/// A step of the SMTP session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Connecting and the greeting; with `smtps`, also TLS.
    Connect,
    /// TLS on a plain connection.
    StartTls,
    /// Signing in.
    SignIn,
    /// The sender.
    From,
    /// The recipient.
    To,
    /// Asking whether the email may be sent.
    Data,
    /// The email itself.
    Email,
}

impl Step {
    /// Returns the step's name, as in the protocol.
    pub fn text(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::StartTls => "STARTTLS",
            Self::SignIn => "AUTH",
            Self::From => "MAIL FROM",
            Self::To => "RCPT TO",
            Self::Data => "DATA",
            Self::Email => "the email",
        }
    }
}

/// Why the mail server did not accept an email. Its text contains no address, code or token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {text}", .step.text())]
pub struct SmtpError {
    /// The step that failed.
    pub step: Step,
    /// The code of the answer, if there was one.
    pub code: Option<u16>,
    text: String,
    /// Whether it may be accepted later.
    pub verdict: Verdict,
}

impl SmtpError {
    /// An error at this step, for this reason.
    pub(super) fn at(step: Step, text: &str) -> Self {
        Self { step, code: None, text: harmless(text), verdict: Verdict::Later }
    }

    fn of(step: Step, error: &lettre::transport::smtp::Error) -> Self {
        let code = error.status().map(u16::from);
        let verdict = match (step, code) {
            (Step::To, Some(code)) => judge_recipient(code),
            _ => Verdict::Later,
        };
        Self { step, code, text: harmless(&crate::causes::with_causes(error).to_string()), verdict }
    }
}

/// A callback for each step, with the mail server's answer.
pub type Tell<'a> = &'a mut (dyn FnMut(Step, &str) + Send);

/// Connects to the mail server.
pub struct Client {
    server: Smtp,
    tls: Option<TlsParameters>,
    hello: ClientId,
    times: MailTimes,
}

/// A connection to the mail server, for one email at a time.
pub struct Connection(AsyncSmtpConnection);

impl Client {
    /// Creates a client that introduces itself with the host of our origin.
    ///
    /// # Errors
    /// The trusted certificates can't be read.
    pub fn new(server: Smtp, host: &str, times: MailTimes) -> Result<Self, SmtpError> {
        let tls = match server.tls {
            SmtpTls::Off => None,
            _ => Some(
                TlsParameters::builder(server.host.clone())
                    .build_rustls()
                    .map_err(|error| SmtpError::of(Step::StartTls, &error))?,
            ),
        };
        let hello = match host.trim_matches(['[', ']']).parse() {
            Ok(IpAddr::V4(ip)) => ClientId::Ipv4(ip),
            Ok(IpAddr::V6(ip)) => ClientId::Ipv6(ip),
            Err(_) => ClientId::Domain(host.to_owned()),
        };
        Ok(Self { server, tls, hello, times })
    }

    /// Connects, with TLS as the settings say, and signs in.
    ///
    /// # Errors
    /// The step that failed.
    pub async fn connect(&self, tell: Tell<'_>) -> Result<Connection, SmtpError> {
        let Smtp { host, port, tls, user } = &self.server;
        let from_the_start = self.tls.clone().filter(|_| *tls == SmtpTls::Always);
        let address = (host.as_str(), *port);
        let connecting = AsyncSmtpConnection::connect_tokio1(address, None, &self.hello, from_the_start, None);
        let connected = timeout(self.times.connect, connecting).await;
        let connected = connected.map_err(|_| SmtpError::at(Step::Connect, "it did not answer in time"))?;
        let mut connection = connected.map_err(|error| SmtpError::of(Step::Connect, &error))?;
        let with_tls = if connection.is_encrypted() { ", with TLS" } else { "" };
        tell(Step::Connect, &format!("{host}:{port} is {}{with_tls}", connection.server_info().name()));

        let start_tls = *tls == SmtpTls::StartTls || *tls == SmtpTls::IfOffered && connection.can_starttls();
        if let (true, Some(parameters)) = (start_tls, &self.tls) {
            let done = timeout(self.times.connect, connection.starttls(parameters.clone(), &self.hello)).await;
            let done = done.map_err(|_| SmtpError::at(Step::StartTls, "it did not answer in time"))?;
            done.map_err(|error| SmtpError::of(Step::StartTls, &error))?;
            tell(Step::StartTls, "the connection is encrypted");
        }
        if let Some((user, password)) = user {
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            let done = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            tell(Step::SignIn, &said(&done.map_err(|error| SmtpError::of(Step::SignIn, &error))?));
        }
        Ok(Connection(connection))
    }
}

impl Connection {
    /// Offers an email: its sender and its recipient.
    ///
    /// # Errors
    /// The step that failed. The connection must not be used again.
    pub async fn offer(&mut self, from: &Address, to: &Address, tell: Tell<'_>) -> Result<(), SmtpError> {
        let server = self.0.server_info();
        let mut parameters = Vec::new();
        if !AsRef::<str>::as_ref(to).is_ascii() {
            // Without this extension, the server does not know the address (RFC 6531, section 3.5).
            if !server.supports_feature(Extension::SmtpUtfEight) {
                let text = "the server takes only addresses in ASCII";
                return Err(SmtpError { verdict: Verdict::Refused, ..SmtpError::at(Step::To, text) });
            }
            parameters.push(MailParameter::SmtpUtfEight);
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        self.command(Step::From, Mail::new(Some(from.clone()), parameters), tell).await?;
        self.command(Step::To, Rcpt::new(to.clone(), Vec::new()), tell).await
    }

    /// Withdraws the offer: nothing is sent.
    ///
    /// # Errors
    /// It failed. The connection must not be used again.
    pub async fn take_back(&mut self, tell: Tell<'_>) -> Result<(), SmtpError> {
        self.command(Step::To, Rset, tell).await
    }

    /// Asks whether the offered email may be sent.
    ///
    /// # Errors
    /// It may not. The connection must not be used again.
    pub async fn ask(&mut self, tell: Tell<'_>) -> Result<(), SmtpError> {
        self.command(Step::Data, Data, tell).await
    }

    /// Hands the offered email over.
    ///
    /// # Errors
    /// It was not accepted or, without an answer, nobody knows.
    pub async fn hand_over(&mut self, message: &[u8], tell: Tell<'_>) -> Result<(), SmtpError> {
        let answer = self.0.message(message).await.map_err(|error| SmtpError::of(Step::Email, &error))?;
        tell(Step::Email, &said(&answer));
        Ok(())
    }

    /// Closes the connection with `QUIT`.
    pub async fn quit(mut self, times: MailTimes) {
        let _ = timeout(times.connect, self.0.quit()).await;
    }

    async fn command(&mut self, step: Step, command: impl fmt::Display, tell: Tell<'_>) -> Result<(), SmtpError> {
        let answer = self.0.command(command).await.map_err(|error| SmtpError::of(step, &error))?;
        tell(step, &said(&answer));
        Ok(())
    }
}

fn said(answer: &Response) -> String {
    harmless(&format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" ")))
}

/// Cleans a mail server's answer. It may repeat the address, or even a line of the email, so words that look like one
/// are dropped, and so are characters that control a terminal.
fn harmless(text: &str) -> String {
    let digits = |word: &str| {
        let runs = word.split(|c: char| !c.is_ascii_digit()).map(str::len);
        runs.max().unwrap_or_default() >= LIKE_A_CODE
    };
    let hidden = |word: &&str| word.contains('@') || word.contains("?t=") || digits(word);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let words: Vec<_> = words.map(|word| if hidden(&word) { "…" } else { word }).collect();
    words.join(" ").chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_an_answer_has_no_address_and_no_code() {
        let said = "550 5.1.1 <ada@example.com>:\r\n\u{1b}[2J unknown; \"Your code: 1234 5678\" https://x/reset?t=abc";
        assert_eq!(harmless(said), "550 5.1.1 … [2J unknown; \"Your code: … … …");
        assert_eq!(harmless(&"ä ".repeat(1000)).chars().count(), LONGEST);
    }
}
