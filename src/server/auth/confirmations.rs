//! Which generations were seen in use. Noted off the hot path, and written as many as wait in one
//! commit: a protected call asks nothing of the database.

use crate::server::store::Store;
use tokio::{sync::mpsc, task::JoinHandle};
use uuid::Uuid;

/// What waits to be written at the most. More is dropped: the next access token of the generation
/// brings it again.
const WAITING: usize = 16 * 1024;
const IN_ONE_COMMIT: usize = 256;

/// Takes notes, and has them written.
pub struct Confirmations(mpsc::Sender<(Uuid, u32)>);

impl Confirmations {
    /// Starts the task that writes; it ends, with all written, when this is dropped.
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (notes, waiting) = mpsc::channel(WAITING);
        (Self(notes), tokio::spawn(write(store, waiting)))
    }

    /// An access token of this generation passed verification.
    pub fn note(&self, session: Uuid, generation: u32) {
        if self.0.try_send((session, generation)).is_err() {
            tracing::debug!(event = "confirmation_dropped");
        }
    }
}

async fn write(store: Store, mut waiting: mpsc::Receiver<(Uuid, u32)>) {
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, IN_ONE_COMMIT).await > 0 {
        if let Err(error) = store.confirm(&batch).await {
            tracing::warn!(event = "confirmation_lost", %error);
        }
        batch.clear();
    }
}
