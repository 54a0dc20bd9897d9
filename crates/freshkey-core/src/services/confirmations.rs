//! Records which generations were seen in use. It is written in the background: a protected call does not query the
//! database.

use super::background::Background;
use crate::store::Store;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// The most entries that wait to be written.
const WAITING: usize = 16 * 1024;
const IN_ONE_COMMIT: usize = 256;

/// Accepts entries and writes them in the background.
pub struct Confirmations(Background<(Uuid, u32)>);

impl Confirmations {
    /// Starts the writing task. When this is dropped, the task writes what is left and ends.
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (background, task) = Background::start("confirmations", WAITING, IN_ONE_COMMIT, move |batch| {
            let store = store.clone();
            async move { store.confirm(batch).await }
        });
        (Self(background), task)
    }

    /// Records that an access token of this generation was verified. Returns `false` if too many entries wait.
    pub fn note(&self, session: Uuid, generation: u32) -> bool {
        self.0.take((session, generation))
    }
}
