//! What an app does when something happens to an account: in the transaction, or after it.

use super::activity::{Event, record};
use freshkey_types::Happened;
use futures::future::BoxFuture;
use sqlx::AnyConnection;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What is done in the transaction of an event: an error undoes both. The transaction may be tried more than once.
pub type InTransaction = for<'c> fn(&'c mut AnyConnection, &'c Event) -> BoxFuture<'c, Result<(), sqlx::Error>>;

/// What else a registration writes, given the new user's id; in its transaction.
pub type AtRegistration =
    Arc<dyn for<'c> Fn(&'c mut AnyConnection, &'c str) -> BoxFuture<'c, Result<(), sqlx::Error>> + Send + Sync>;

/// Events that wait for what is done after them at the most; more are lost, and the log has them.
const WAITING: usize = 1024;

/// What an app does when something happens.
#[derive(Clone, Default)]
pub struct Hooks {
    in_transaction: Arc<[InTransaction]>,
    after: Option<mpsc::Sender<Event>>,
}

impl Hooks {
    /// These, and events to be handed on once they are committed.
    pub fn new(in_transaction: &[InTransaction]) -> (Self, mpsc::Receiver<Event>) {
        let (after, events) = mpsc::channel(WAITING);
        (Self { in_transaction: in_transaction.into(), after: Some(after) }, events)
    }

    /// Records the event, and does what the app does in its transaction.
    pub(super) async fn record(&self, connection: &mut AnyConnection, event: &Event) -> Result<(), sqlx::Error> {
        record(connection, event).await?;
        for hook in self.in_transaction.iter() {
            hook(connection, event).await?;
        }
        Ok(())
    }

    /// Logs an event whose transaction is committed, and hands it on to the app. What an administrator did is logged by the
    /// call instead, which knows who it was.
    pub(super) fn committed(&self, event: Event) {
        let (name, user, session) = (event.happened().text(), event.user(), event.session());
        match event.happened() {
            Happened::AccountSecured => tracing::warn!(event = name, user, session),
            happened if happened.is_by_admin() => {}
            _ => tracing::info!(event = name, user, session),
        }
        self.hand_on(event);
    }

    /// Hands a committed event on to what the app does after it.
    pub(super) fn hand_on(&self, event: Event) {
        let Some(after) = &self.after else { return };
        let happened = event.happened();
        if after.try_send(event).is_err() {
            tracing::warn!(event = "hook_missed", happened = happened.text());
        }
    }
}
