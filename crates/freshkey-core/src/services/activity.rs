//! What happened to an account, noted for its user: off the request's way, so that a sign-in that
//! is refused takes as long whether or not there is somebody to tell.

use super::background::Background;
use crate::rules::terms::{Device, SignInMethod};
use crate::store::{
    Store,
    activity::{Event, NewActivity},
};
use freshkey_types::Happened;
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
        self.take(NewActivity::OfUser(Event::new(user, session, happened, device, now)), happened);
    }

    /// The user signed in like this.
    pub fn note_sign_in(&self, user: &str, session: Uuid, method: SignInMethod, device: &Device, now: i64) {
        self.take(NewActivity::OfUser(Event::signed_in(user, session, method, device, now)), Happened::SignedIn);
    }

    /// A sign-in was refused for an address without an account, or for an account that is disabled. The
    /// database has as much to do as for [`Happened::SignInRefused`], so that how long others wait for
    /// it does not tell who has an account. `digest` is the address's.
    pub fn note_nobody(&self, digest: &[u8; 32], now: i64) {
        self.take(NewActivity::OfNobody(digest[0], now), Happened::SignInRefused);
    }

    fn take(&self, new: NewActivity, happened: Happened) {
        if !self.0.take(new) {
            tracing::warn!(event = "activity_not_noted", happened = happened.text());
        }
    }
}
