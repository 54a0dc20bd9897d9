//! The person of a session confirms that it is them.

use super::{Granted, Refused, Sessions};
use crate::store::sessions::LiveSession;
use freshkey_types::EndReason;
use uuid::Uuid;

impl Sessions {
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
