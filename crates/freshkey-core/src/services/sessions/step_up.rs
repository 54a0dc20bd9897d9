//! The person of a session confirms that it is them.

use super::{Granted, Refused, Sessions, SignInMethod};
use crate::store::{StoreError, sessions::LiveSession};
use freshkey_types::EndReason;
use uuid::Uuid;

impl Sessions {
    /// Takes note of a step-up by the password with this hash; false if the session is over, or the password another one
    /// by now.
    ///
    /// # Errors
    /// The database.
    pub async fn step_up(&self, session: Uuid, password_hash: &str, now: i64) -> Result<bool, StoreError> {
        self.store.step_up(session, SignInMethod::Password, password_hash, now).await
    }

    /// A new access token for a session whose refresh cookie did not come along: nothing is rotated. It is of the
    /// generation that the client is known to have: its use tells of no later one.
    ///
    /// # Errors
    /// See [`Refused`]; a session that is not there has expired.
    pub async fn access_again(&self, id: Uuid, generation: u32, now: i64) -> Result<Granted, Refused> {
        let Some(row) = self.store.session(id).await? else { return Err(Refused::Over(EndReason::Expired)) };
        match row.chain.ended {
            Some(reason) => Err(Refused::Over(reason)),
            None => self.grant(LiveSession { generation: generation.into(), ..row.live() }, false, now).await,
        }
    }
}
