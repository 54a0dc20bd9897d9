//! What happened to an account, noted for its user: off the request's way, so that a sign-in that
//! is refused takes as long whether or not there is somebody to tell.

use super::{background::Background, sessions::Device};
use crate::{
    app::types::Happened,
    server::store::{Store, activity::NewActivity},
};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// What waits to be written at the most; more is lost, and the log has it.
const WAITING: usize = 4096;
const IN_ONE_COMMIT: usize = 64;

/// Takes notes, and has them written.
pub struct Activity(Background<NewActivity>);

impl Activity {
    /// Starts the task that writes; it ends, with all written, when this is dropped.
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (background, task) = Background::start("activity", WAITING, IN_ONE_COMMIT, move |batch| {
            let store = store.clone();
            async move { store.insert_activity(batch).await }
        });
        (Self(background), task)
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
        if !self.0.take(new) {
            tracing::warn!(event = "activity_not_noted", user, happened = happened.text());
        }
    }
}
