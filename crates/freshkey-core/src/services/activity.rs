//! Records an account's activity for its user. It is written in the background, so that a refused sign-in takes the
//! same time whether or not the account exists.

use super::background::Background;
use crate::rules::session::{Device, SignInMethod};
use crate::store::{
    Store,
    activity::{Event, NewActivity},
};
use freshkey_types::{AuditEvent, Millis};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// The most entries that wait to be written. Further ones are lost, and the log says so.
const WAITING: usize = 4096;
const IN_ONE_COMMIT: usize = 64;

/// Accepts entries and writes them in the background.
pub struct Activity(Background<NewActivity>);

impl Activity {
    /// Starts the writing task. When this is dropped, the task writes what is left and ends.
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (background, task) = Background::start("activity", WAITING, IN_ONE_COMMIT, move |batch| {
            let store = store.clone();
            async move { store.insert_activity(batch).await }
        });
        (Self(background), task)
    }

    /// Records an event of the user.
    pub fn note(&self, user: &str, session: Option<Uuid>, kind: AuditEvent, device: &Device, now: Millis) {
        self.take(NewActivity::OfUser(Event::new(user, session, kind, device, now)), kind);
    }

    /// Records that the user signed in, and how.
    pub fn note_sign_in(&self, user: &str, session: Uuid, method: SignInMethod, device: &Device, now: Millis) {
        self.take(NewActivity::OfUser(Event::signed_in(user, session, method, device, now)), AuditEvent::SignedIn);
    }

    /// Records that a sign-in was refused for an address without an account, or for a disabled account. The database
    /// does as much work as for [`AuditEvent::SignInRefused`], so that the waiting time of others does not reveal who
    /// has an account. `digest` is the digest of the address.
    pub fn note_nobody(&self, digest: &[u8; 32], now: Millis) {
        self.take(NewActivity::OfNobody(digest[0], now), AuditEvent::SignInRefused);
    }

    fn take(&self, new: NewActivity, kind: AuditEvent) {
        if !self.0.take(new) {
            tracing::warn!(event = "activity_not_noted", happened = kind.text());
        }
    }
}
