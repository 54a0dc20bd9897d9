//! Emails: how they are composed, and how they are sent.
//!
//! An email is a row of the [outbox](crate::store::outbox), written in the transaction of what it tells of. What
//! stands in it is made while it is sent: a copy of the database has no code and no link.

use crate::{
    rules::secret_text::Secret,
    store::{StoreError, outbox::OutboxEmail},
};
use futures::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::watch;

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

/// The way to the tasks that send. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mail(Option<watch::Sender<()>>);

impl Mail {
    /// Nothing is sent.
    pub fn none() -> Self {
        Self(None)
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
