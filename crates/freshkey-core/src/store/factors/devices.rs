//! Devices that skip the second step.

use super::super::{Store, StoreError, activity::Event};
use freshkey_types::Millis;
use sqlx::AnyConnection;

impl Store {
    /// Returns how many devices the account trusts.
    ///
    /// # Errors
    /// The database failed.
    pub async fn trusted_devices(&self, user: &str, now: Millis) -> Result<u32, StoreError> {
        let sql = "SELECT COUNT(*) FROM trusted_devices WHERE user_id = $1 AND until > $2";
        let rows: Vec<(i64,)> = self.rows(sqlx::query_as(sql).bind(user).bind(now)).await?;
        Ok(rows.into_iter().next().map_or(0, |(count,)| u32::try_from(count).unwrap_or_default()))
    }

    /// Returns whether the account trusts this device.
    ///
    /// # Errors
    /// The database failed.
    pub async fn trusts(&self, user: &str, device: &str, now: Millis) -> Result<bool, StoreError> {
        let sql = "SELECT device FROM trusted_devices WHERE user_id = $1 AND device = $2 AND until > $3";
        let rows: Vec<(String,)> = self.rows(sqlx::query_as(sql).bind(user).bind(device).bind(now)).await?;
        Ok(!rows.is_empty())
    }

    /// Removes the trust in all of the user's devices, and records that.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget_devices(&self, event: Event) -> Result<(), StoreError> {
        let (hooks, noted) = (self.hooks.clone(), event.clone());
        let done = self.transact(Box::new(move |connection| {
            let (hooks, event) = (hooks.clone(), noted.clone());
            Box::pin(async move {
                forget(connection, event.user()).await?;
                hooks.record(connection, &event).await
            })
        }));
        done.await?;
        self.hooks.committed(event);
        Ok(())
    }
}

/// Removes the trust in all of the user's devices.
pub(in crate::store) async fn forget(connection: &mut AnyConnection, user: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM trusted_devices WHERE user_id = $1").bind(user).execute(connection).await.map(drop)
}

/// Lets this device skip the second step from now on.
pub(super) async fn trust(
    connection: &mut AnyConnection,
    user: &str,
    device: &str,
    now: Millis,
    until: Millis,
) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO trusted_devices (user_id, device, created_at, until) VALUES ($1, $2, $3, $4)
               ON CONFLICT (user_id, device) DO UPDATE SET created_at = $3, until = $4";
    sqlx::query(sql).bind(user).bind(device).bind(now).bind(until).execute(connection).await.map(drop)
}
