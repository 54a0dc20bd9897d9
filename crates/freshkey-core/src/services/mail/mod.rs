//! Emails: how they are composed, and how they are sent.
//!
//! An email is a row of the [outbox](crate::store::outbox), written in the transaction of what it tells of. What
//! stands in it is made while it is sent: a copy of the database has no code and no link.

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
pub use message::{Composed, NotComposed};
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

/// What an email has that is written down nowhere.
#[derive(Clone, Debug, Default)]
pub struct EmailSecrets {
    /// Eight digits.
    pub code: Option<Secret>,
    /// The token of the link.
    pub link: Option<Secret>,
}

/// What becomes of an email when its turn comes.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// It is sent, with these secrets.
    Send(EmailSecrets),
    /// It is of no use any more: its challenge is over, say.
    Over,
}

/// Makes the secrets of an email. After an error it is tried again later.
pub type Prepare = Arc<dyn Fn(OutboxEmail) -> BoxFuture<'static, Result<Prepared, StoreError>> + Send + Sync>;

/// What the senders need.
pub struct MailParts {
    /// Where emails wait.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Makes what stands in them.
    pub composer: Composer,
    /// Makes their secrets.
    pub prepare: Prepare,
    /// The way to the mail server; none: into the mailbox.
    pub client: Option<smtp::Client>,
    /// The mailbox of a developer.
    pub mailbox: DevMailbox,
    /// How long we wait.
    pub times: MailTimes,
}

/// The way to the tasks that send. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mail(Option<watch::Sender<()>>);

/// The tasks that send.
pub struct MailTasks {
    tasks: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Mail {
    /// Nothing is sent.
    pub fn none() -> Self {
        Self(None)
    }

    /// Starts the tasks that send.
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

    /// Has what was written sent at once. Call it after the commit.
    pub fn wake(&self) {
        if let Some(wake) = &self.0 {
            wake.send_replace(());
        }
    }
}

impl MailTasks {
    /// Lets the emails under way be finished, and begins no other.
    pub async fn finish(self) {
        self.stop.send_replace(true);
        join_all(self.tasks).await;
    }
}
