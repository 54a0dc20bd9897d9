//! Which generations were seen in use. Noted off the hot path, and written as many as wait in one
//! commit: a protected call asks nothing of the database.

use crate::server::store::Store;
use std::time::Duration;
use tokio::{sync::mpsc, task::JoinHandle};
use uuid::Uuid;

/// What waits to be written at the most.
const WAITING: usize = 16 * 1024;
const IN_ONE_COMMIT: usize = 256;
/// After the database did not take them.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes notes, and has them written.
pub struct Confirmations(mpsc::Sender<(Uuid, u32)>);

impl Confirmations {
    /// Starts the task that writes; it ends, with all written, when this is dropped.
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (notes, waiting) = mpsc::channel(WAITING);
        (Self(notes), tokio::spawn(write(store, waiting)))
    }

    /// An access token of this generation passed verification; false if too many wait.
    pub fn note(&self, session: Uuid, generation: u32) -> bool {
        self.0.try_send((session, generation)).is_ok()
    }
}

async fn write(store: Store, mut waiting: mpsc::Receiver<(Uuid, u32)>) {
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, IN_ONE_COMMIT).await > 0 {
        while let Err(error) = store.confirm(batch.clone()).await {
            tracing::warn!(event = "confirmation_delayed", %error);
            if waiting.is_closed() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        batch.clear();
    }
}
