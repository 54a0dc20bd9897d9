//! The tasks that send the emails in the outbox. Each task claims an email, composes it, hands it over, and records
//! the result.

use super::{
    MailParts, Prepared,
    message::{ComposeError, Composed},
    smtp::{Connection, SmtpError, Step},
};
use crate::{
    causes::with_causes,
    rules::retry::{Verdict, next_try},
    store::{
        StoreError,
        outbox::{OutboxEmail, Outcome},
    },
};
use aws_lc_rs::rand;
use freshkey_types::Millis;
use futures::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use uuid::Uuid;

/// How long a claim lasts: longer than sending an email takes.
const LEASE: Millis = Millis::from_mins(1);
/// How many due emails a sender looks at, so that the senders do not compete for the same one.
const LOOK_AT: i64 = 16;
/// How many times recording a result is tried. An email that was sent without a record is sent again.
const WRITE_TRIES: u32 = 20;
const WRITE_PAUSE: Duration = Duration::from_secs(1);

/// Why an email was not sent.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error(transparent)]
    Smtp(#[from] SmtpError),
    #[error("the database did not answer")]
    Store(#[from] StoreError),
    #[error("the mail server did not answer in time")]
    TooSlow,
    #[error("it panicked")]
    Panicked,
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error("its use is over")]
    Over,
    /// Another sender has claimed it in the meantime, or it is too late.
    #[error("it is not ours any more")]
    NotOurs,
    #[error("the mailbox can't be written")]
    Mailbox(#[from] std::io::Error),
}

/// The result of sending an email.
enum Delivery {
    Ended { outcome: Outcome, error: Option<String>, now: Millis },
    Delayed { next: Millis, error: String, answered: bool },
}

/// One of the sending tasks.
pub(super) struct Sender {
    parts: Arc<MailParts>,
    /// The name in its claims.
    name: String,
    connection: Option<Connection>,
}

impl Sender {
    pub(super) fn new(parts: Arc<MailParts>) -> Self {
        Self { parts, name: Uuid::now_v7().to_string(), connection: None }
    }

    /// Sends due emails in a loop. When `stop` is set, finishes the email being sent and ends.
    pub(super) async fn run(mut self, mut wake: watch::Receiver<()>, mut stop: watch::Receiver<bool>) {
        let stopped = stop.clone();
        let look = self.parts.times.look;
        loop {
            wake.mark_unchanged();
            if let Err(error) = self.send_due(&stopped).await {
                tracing::debug!(error = %with_causes(&error), "the outbox can't be read");
            }
            if let Some(connection) = self.connection.take() {
                connection.quit(self.parts.times).await;
            }
            if *stopped.borrow() {
                return;
            }
            tokio::select! {
                _ = wake.changed() => {}
                _ = stop.wait_for(|stop| *stop) => {}
                () = sleep(look) => {}
            }
        }
    }

    /// Sends due emails until none is left.
    async fn send_due(&mut self, stopped: &watch::Receiver<bool>) -> Result<(), StoreError> {
        let (store, clock) = (&self.parts.store.clone(), self.parts.clock.clone());
        for (id, kind) in store.give_up_emails(clock.now()).await? {
            tracing::warn!(event = "mail_given_up", kind, email = id, error = "its use is over");
        }
        loop {
            let due = store.due_emails(clock.now(), LOOK_AT).await?;
            if due.is_empty() {
                return Ok(());
            }
            for id in due {
                if *stopped.borrow() {
                    return Ok(());
                }
                let now = clock.now();
                if let Some(email) = store.claim_email(id, self.name.clone(), now, now + LEASE).await? {
                    self.send_one(&email).await;
                }
            }
        }
    }

    /// Sends an email that this task has claimed, and records the result.
    async fn send_one(&mut self, email: &OutboxEmail) {
        let now = self.parts.clock.now();
        if email.is_exhausted() {
            let error = "the mail server may have it, but twice did not say so".to_owned();
            return self.end(email, Outcome::GivenUp, Some(error), now).await;
        }
        // The app's own content may panic.
        let sent = AssertUnwindSafe(self.send(email)).catch_unwind().await.unwrap_or(Err(SendError::Panicked));
        let now = self.parts.clock.now();
        match sent {
            Ok(()) if email.is_decoy() => self.end(email, Outcome::Decoy, None, now).await,
            Ok(()) => self.end(email, Outcome::Sent, None, now).await,
            Err(SendError::NotOurs) => {}
            Err(SendError::Over) => self.end(email, Outcome::GivenUp, Some("its use is over".to_owned()), now).await,
            Err(error @ SendError::Compose(ComposeError::Address)) => {
                self.end(email, Outcome::Refused, Some(with_causes(&error).to_string()), now).await;
            }
            Err(SendError::Smtp(error)) if error.verdict == Verdict::Refused => {
                self.end(email, Outcome::Refused, Some(with_causes(&error).to_string()), now).await;
            }
            Err(error) => self.delay(email, &error, now).await,
        }
    }

    async fn send(&mut self, email: &OutboxEmail) -> Result<(), SendError> {
        let secrets = match (self.parts.prepare)(email.clone()).await? {
            Prepared::Send(secrets) => secrets,
            Prepared::Over => return Err(SendError::Over),
        };
        let composed = self.parts.composer.compose(email, &secrets)?;
        let limit = self.parts.times.all;
        let sent = timeout(limit, self.deliver(email, &composed)).await.unwrap_or(Err(SendError::TooSlow));
        if sent.is_err() {
            // Nobody knows to which command the next answer would belong.
            self.connection = None;
        }
        sent
    }

    /// Hands the email over. A decoy goes the same way up to the point where the mail server would receive the
    /// message.
    async fn deliver(&mut self, email: &OutboxEmail, composed: &Composed) -> Result<(), SendError> {
        let parts = Arc::clone(&self.parts);
        let nobody = &mut |_: Step, _: &str| {};
        let Some(client) = &parts.client else {
            let now = parts.clock.now();
            begin(&parts, email).await?;
            return if email.is_decoy() { Ok(()) } else { Ok(parts.mailbox.put(email, composed, now).await?) };
        };
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => client.connect(nobody).await?,
        };
        connection.offer(&composed.from, &composed.to, nobody).await?;
        if email.is_decoy() {
            begin(&parts, email).await?;
            connection.take_back(nobody).await?;
        } else {
            connection.ask(nobody).await?;
            begin(&parts, email).await?;
            connection.hand_over(&composed.message, nobody).await?;
        }
        self.connection = Some(connection);
        Ok(())
    }

    async fn delay(&self, email: &OutboxEmail, error: &SendError, now: Millis) {
        let mut jitter = [0];
        // Without randomness, all retries come at once.
        let _ = rand::fill(&mut jitter);
        let Some(next) = next_try(email.tries, now, email.useful_until, jitter[0]) else {
            return self.end(email, Outcome::GivenUp, Some(with_causes(error).to_string()), now).await;
        };
        let answer = match error {
            SendError::Smtp(error) => error.code,
            _ => None,
        };
        let (kind, id, tries) = (&email.kind, &email.id, email.tries);
        if !email.is_decoy() {
            tracing::warn!(event = "mail_delayed", kind, email = id, tries, answer, error = %with_causes(error));
        }
        let answered = match error {
            SendError::Smtp(error) => error.step == Step::Email && error.code.is_some(),
            SendError::Mailbox(_) => true,
            _ => false,
        };
        self.write(email, &Delivery::Delayed { next, error: with_causes(error).to_string(), answered }).await;
    }

    async fn end(&self, email: &OutboxEmail, outcome: Outcome, error: Option<String>, now: Millis) {
        let ended = self.write(email, &Delivery::Ended { outcome, error: error.clone(), now }).await;
        if ended != Some(true) || email.is_decoy() {
            return;
        }
        let (kind, id, tries) = (&email.kind, &email.id, email.tries);
        let error = error.as_deref().unwrap_or_default();
        match outcome {
            Outcome::Decoy => {}
            Outcome::Sent => tracing::info!(event = "mail_sent", kind, email = id, tries),
            Outcome::Refused => tracing::warn!(event = "mail_refused", kind, email = id, error),
            Outcome::GivenUp => tracing::warn!(event = "mail_given_up", kind, email = id, error),
        }
    }

    /// Records the result until it is recorded or it is too late. Returns whether this task still had the claim.
    async fn write(&self, email: &OutboxEmail, delivery: &Delivery) -> Option<bool> {
        let store = &self.parts.store;
        for _ in 0..WRITE_TRIES {
            let written = match delivery {
                Delivery::Ended { outcome, error, now } => store.end_email(email, *outcome, error.clone(), *now).await,
                Delivery::Delayed { next, error, answered } => {
                    store.delay_email(email, *next, error.clone(), *answered).await.map(|()| true)
                }
            };
            match written {
                Ok(done) => return Some(done),
                Err(error) if error.is_passing() => sleep(WRITE_PAUSE).await,
                Err(error) => {
                    tracing::error!(event = "mail_unwritten", email = email.id, error = %with_causes(&error));
                    return None;
                }
            }
        }
        None
    }
}

/// Records that the email is about to be handed over.
async fn begin(parts: &MailParts, email: &OutboxEmail) -> Result<(), SendError> {
    let may = parts.store.begin_delivery(email, parts.clock.now()).await?;
    if may { Ok(()) } else { Err(SendError::NotOurs) }
}
