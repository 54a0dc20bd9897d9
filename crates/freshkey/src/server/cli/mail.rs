//! `freshkey mail`: checks that emails are sent, and lists what happened to them.

use super::{
    Failure, address, json,
    table::{table, time},
};
use crate::app::types::{Millis, Seconds};
use crate::server::{
    auth::{
        mail::{
            EmailSecrets,
            smtp::{SmtpError, Step},
        },
        places::Places,
    },
    clock::Clock,
    freshkey::Freshkey,
    mail::{EmailKind, Facts, NewEmail, OutboxEmail, client, composer},
    settings::{MailWay, ServeArgs, Settings},
    store::Store,
};
use clap::Subcommand;
use std::fmt::Write;
use tokio::time::timeout;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Mail,
    /// Print JSON, for scripts.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) settings: ServeArgs,
}

#[derive(Subcommand)]
pub(super) enum Mail {
    /// Send a test email at once, and print the mail server's answer at each step.
    Test {
        /// The recipient's address.
        email: String,
    },
    /// List the latest emails with their outcomes and errors, without addresses or codes.
    List {
        /// The maximum number to list.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
        most: i64,
    },
}

impl Mail {
    pub(super) async fn run(
        self,
        app: &Freshkey,
        store: &Store,
        settings: &Settings,
        as_json: bool,
    ) -> Result<String, Failure> {
        match self {
            Self::Test { email } => test(app, settings, &email).await,
            Self::List { most } => list(store, most, as_json).await,
        }
    }
}

async fn test(app: &Freshkey, settings: &Settings, to: &str) -> Result<String, Failure> {
    let refused = |text: &str| Failure::Refused(text.to_owned());
    let MailWay::Smtp(_) = &settings.mail.way else {
        return Err(refused("FRESHKEY_MAIL names no mail server: set it to smtp://… or smtps://…"));
    };
    let to = address(to)?;
    let language = settings.mail.languages.first().copied().unwrap_or(crate::server::mail::Language::En);
    let now = Clock::system().now();
    let facts = Facts { at: Some(now), ..Facts::default() };
    let email = NewEmail { facts, ..NewEmail::new(EmailKind::Test, to.as_typed(), language, now) };
    let composed =
        composer(app, settings, Places::default()).compose(&OutboxEmail::of(&email), &EmailSecrets::default());
    let composed = composed?;
    let client = client(settings)?.ok_or_else(|| refused("there is no mail server"))?;

    let mut said = String::new();
    let mut tell = |step: Step, answer: &str| {
        let _ = writeln!(said, "{:<10} {answer}", step.text());
    };
    let sending = async {
        let mut connection = client.connect(&mut tell).await?;
        connection.offer(&composed.from, &composed.to, &mut tell).await?;
        connection.ask(&mut tell).await?;
        connection.hand_over(&composed.message, &mut tell).await?;
        connection.quit(settings.mail.times).await;
        Ok::<_, SmtpError>(())
    };
    let sent = timeout(settings.mail.times.all, sending).await;
    match sent {
        Ok(Ok(())) => Ok(format!("{said}The mail server took it. If it does not arrive, look into the spam folder.\n")),
        Ok(Err(error)) => Err(Failure::Refused(format!("not sent, after these steps:\n{said}{error}"))),
        Err(_) => {
            Err(Failure::Refused(format!("not sent, after these steps:\n{said}the mail server did not answer in time")))
        }
    }
}

async fn list(store: &Store, most: i64, as_json: bool) -> Result<String, Failure> {
    let emails = store.latest_emails(most).await?;
    if as_json {
        return json(&emails);
    }
    let now = Clock::system().now();
    let rows = emails.into_iter().map(|email| {
        let outcome = email.outcome.unwrap_or_else(|| format!("waits until {}", time(email.next_try_at.max(now))));
        let (age, tries) = (age(now - email.created_at), email.tries.to_string());
        [email.id, email.kind, age, tries, outcome, email.last_error.unwrap_or_default()]
    });
    Ok(table(["ID", "KIND", "AGE", "TRIES", "OUTCOME", "LAST ERROR"], rows))
}

/// Formats a time span by its largest unit.
fn age(span: Millis) -> String {
    let Seconds(seconds) = span.max(Millis::ZERO).whole_seconds();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}
