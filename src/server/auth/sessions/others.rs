//! Ending all of a user's sessions but one.

use super::{Sessions, whole};
use crate::{app::types::EndReason, server::store::StoreError};
use std::sync::Arc;
use uuid::Uuid;

impl Sessions {
    /// Ends every session of the user but `this`.
    ///
    /// # Errors
    /// The database.
    pub async fn end_others_of(&self, user: &str, this: Uuid, reason: EndReason, now: i64) -> Result<(), StoreError> {
        let (store, ended, user) = (self.store.clone(), Arc::clone(&self.ended), user.to_owned());
        whole(async move {
            for id in store.end_other_sessions_of(&user, this, reason, now).await? {
                ended.add(id, reason, now, true);
            }
            Ok(())
        })
        .await
    }
}
