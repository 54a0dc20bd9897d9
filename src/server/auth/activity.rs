//! What happened to an account, noted for its user: off the request's way, so that a sign-in that
//! is refused takes as long whether or not there is somebody to tell.

use super::sessions::Device;
use crate::{
    app::types::Happened,
    server::store::{Store, activity::NewActivity},
};
use std::time::Duration;
use tokio::{sync::mpsc, task::JoinHandle};
use uuid::Uuid;

/// What waits to be written at the most; more is lost, and the log has it.
const WAITING: usize = 4096;
const IN_ONE_COMMIT: usize = 64;
/// After the database did not take them.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes notes, and has them written.
pub struct Activity(mpsc::Sender<NewActivity>);

impl Activity {
    /// Starts the task that writes; it ends, with all written, when this is dropped.
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (notes, waiting) = mpsc::channel(WAITING);
        (Self(notes), tokio::spawn(write(store, waiting)))
    }

    /// Something happened to the user.
    pub fn note(&self, user: &str, session: Option<Uuid>, happened: Happened, device: &Device, now: i64) {
        let new = NewActivity {
            id: Uuid::now_v7().to_string(),
            user_id: user.to_owned(),
            session_id: session.map(|id| id.to_string()),
            event: happened.text(),
            at: now,
            ip: device.ip.clone(),
            user_agent: device.user_agent.clone(),
        };
        if self.0.try_send(new).is_err() {
            tracing::warn!(event = "activity_not_noted", user, happened = happened.text());
        }
    }
}

async fn write(store: Store, mut waiting: mpsc::Receiver<NewActivity>) {
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, IN_ONE_COMMIT).await > 0 {
        while let Err(error) = store.insert_activity(batch.clone()).await {
            tracing::warn!(event = "activity_delayed", %error);
            if waiting.is_closed() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        batch.clear();
    }
}
