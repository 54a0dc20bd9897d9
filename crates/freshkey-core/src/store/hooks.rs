//! The app's hooks for account events: in the event's transaction or after it.

use super::activity::{Event, record};
use freshkey_types::AuditEvent;
use futures::future::BoxFuture;
use sqlx::AnyConnection;
use std::sync::Arc;
use tokio::sync::mpsc;

/// A hook in the transaction of an event. An error rolls both back. The transaction may be tried more than once.
pub type InTransaction = for<'c> fn(&'c mut AnyConnection, &'c Event) -> BoxFuture<'c, Result<(), sqlx::Error>>;

/// Writes the app's part of a registration, in its transaction. Gets the new user's id.
pub type AtRegistration =
    Arc<dyn for<'c> Fn(&'c mut AnyConnection, &'c str) -> BoxFuture<'c, Result<(), sqlx::Error>> + Send + Sync>;

/// How many events may wait for the hooks after a commit. Further ones are lost, and the log says so.
const WAITING: usize = 1024;

/// The app's hooks.
#[derive(Clone, Default)]
pub struct Hooks {
    in_transaction: Arc<[InTransaction]>,
    after: Option<mpsc::Sender<Event>>,
}

impl Hooks {
    /// Creates these hooks, and a receiver for events after their commit.
    pub fn new(in_transaction: &[InTransaction]) -> (Self, mpsc::Receiver<Event>) {
        let (after, events) = mpsc::channel(WAITING);
        (Self { in_transaction: in_transaction.into(), after: Some(after) }, events)
    }

    /// Records the event and runs the app's hooks in its transaction.
    pub(super) async fn record(&self, connection: &mut AnyConnection, event: &Event) -> Result<(), sqlx::Error> {
        record(connection, event).await?;
        for hook in self.in_transaction.iter() {
            hook(connection, event).await?;
        }
        Ok(())
    }

    /// Logs a committed event and hands it to the app. An administrator's action is logged by the call instead, which
    /// knows who it was.
    pub(super) fn committed(&self, event: Event) {
        let (name, user, session) = (event.kind().text(), event.user(), event.session());
        match event.kind() {
            AuditEvent::AccountSecured => tracing::warn!(event = name, user, session),
            kind if kind.is_by_admin() => {}
            _ => tracing::info!(event = name, user, session),
        }
        self.dispatch(event);
    }

    /// Hands a committed event to the app's hooks that run after the commit.
    pub(super) fn dispatch(&self, event: Event) {
        let Some(after) = &self.after else { return };
        let kind = event.kind();
        if after.try_send(event).is_err() {
            tracing::warn!(event = "hook_missed", happened = kind.text());
        }
    }
}
