//! Which generations were seen in use. Noted off the hot path: a protected call asks nothing of the
//! database.

use super::background::Background;
use crate::store::Store;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// What waits to be written at the most.
const WAITING: usize = 16 * 1024;
const IN_ONE_COMMIT: usize = 256;

/// Takes notes, and has them written.
pub struct Confirmations(Background<(Uuid, u32)>);

impl Confirmations {
    /// Starts the task that writes; it ends, with all written, when this is dropped.
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (background, task) = Background::start("confirmations", WAITING, IN_ONE_COMMIT, move |batch| {
            let store = store.clone();
            async move { store.confirm(batch).await }
        });
        (Self(background), task)
    }

    /// An access token of this generation passed verification; false if too many wait.
    pub fn note(&self, session: Uuid, generation: u32) -> bool {
        self.0.take((session, generation))
    }
}
