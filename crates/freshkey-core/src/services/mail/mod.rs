//! Emails: how they are composed and sent.
//!
//! An email is a row of the [outbox](crate::store::outbox), written in the transaction of the change that it reports.
//! Its content is made only when it is sent, so a copy of the database contains no code and no link.

mod compose;
mod content;
mod html;
mod mailbox;
mod message;
mod plain;
mod sender;
pub mod smtp;
mod texts;

pub use compose::{Composer, OwnContent};
pub use content::{Block, Content};
pub use mailbox::{DevMailbox, KeptEmail};
pub use message::{ComposeError, Composed};
pub use texts::Texts;

use crate::{
    clock::Clock,
    rules::secret_text::Secret,
    settings::MailTimes,
    store::{Store, StoreError, outbox::OutboxEmail},
};
use futures::future::{BoxFuture, join_all};
use sender::Sender;
use std::sync::Arc;
use tokio::{sync::watch, task::JoinHandle};

/// How many emails an instance sends at once.
const SENDERS: usize = 4;

/// The parts of an email that are stored nowhere.
#[derive(Clone, Debug, Default)]
pub struct EmailSecrets {
    /// The code: eight digits.
    pub code: Option<Secret>,
    /// The token of the link.
    pub link: Option<Secret>,
}

/// What to do with an email when its turn comes.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// Send it, with these secrets.
    Send(EmailSecrets),
    /// Drop it: it is no longer useful, for example because its challenge is over.
    Over,
}

/// Makes the secrets of an email. After an error, the email is tried again later.
pub type Prepare = Arc<dyn Fn(OutboxEmail) -> BoxFuture<'static, Result<Prepared, StoreError>> + Send + Sync>;

/// What the sending tasks need.
pub struct MailParts {
    /// Where emails wait.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Composes the emails.
    pub composer: Composer,
    /// Makes the secrets of an email.
    pub prepare: Prepare,
    /// The client for the mail server. If `None`, emails go into the developer's mailbox.
    pub client: Option<smtp::Client>,
    /// The developer's mailbox.
    pub mailbox: DevMailbox,
    /// The timeouts.
    pub times: MailTimes,
}

/// A handle to the sending tasks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mail(Option<watch::Sender<()>>);

/// The tasks that send emails.
pub struct MailTasks {
    tasks: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Mail {
    /// Returns a handle that sends no emails.
    pub fn none() -> Self {
        Self(None)
    }

    /// Starts the sending tasks.
    pub fn start(parts: MailParts) -> (Self, MailTasks) {
        let (parts, wake, stop) = (Arc::new(parts), watch::Sender::new(()), watch::Sender::new(false));
        let sender = |_| tokio::spawn(Sender::new(Arc::clone(&parts)).run(wake.subscribe(), stop.subscribe()));
        let tasks = (0..SENDERS).map(sender).collect();
        (Self(Some(wake)), MailTasks { tasks, stop })
    }

    /// Whether emails are sent at all.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Wakes the sending tasks. Call it after the commit.
    pub fn wake(&self) {
        if let Some(wake) = &self.0 {
            wake.send_replace(());
        }
    }
}

impl MailTasks {
    /// Finishes the emails being sent, and begins no others.
    pub async fn finish(self) {
        self.stop.send_replace(true);
        join_all(self.tasks).await;
    }
}
