//! Confirming a session: its user proves again who they are.

use super::{IssuedTokens, SessionError, Sessions};
use crate::store::sessions::LiveSession;
use freshkey_types::{EndReason, Millis};
use uuid::Uuid;

impl Sessions {
    /// Issues a new access token for a session whose refresh cookie did not come with the request. Nothing is
    /// rotated. The token has the generation that the client is known to have, so its use does not confirm a later
    /// one.
    ///
    /// # Errors
    /// See [`SessionError`]. A session that does not exist counts as expired.
    pub async fn reissue_access(&self, id: Uuid, generation: u32, now: Millis) -> Result<IssuedTokens, SessionError> {
        let Some(row) = self.store.session(id).await? else { return Err(SessionError::Over(EndReason::Expired)) };
        match row.chain.ended {
            Some(reason) => Err(SessionError::Over(reason)),
            None => self.grant(LiveSession { generation: generation.into(), ..row.live() }, false, now).await,
        }
    }
}
