//! The table `instances`: the settings and clocks of the instances that run on this database.

use super::{Engine, Store, StoreError};
use freshkey_types::Millis;
use sqlx::{AssertSqlSafe, FromRow};

/// How recently an instance must have reported to count as running.
const RUNS: Millis = Millis::from_secs(90);
/// How long the row of a killed instance stays.
const KEPT: Millis = Millis::from_days(1);

/// What an instance reports about itself.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct InstanceRow {
    /// The machine, and the address that the instance listens on.
    pub name: String,
    /// Its release.
    pub version: String,
    /// Its [`Common`](crate::settings::Common) settings, as JSON.
    pub settings: String,
    /// A sender of `X-Forwarded-For` that is not trusted.
    pub untrusted_proxy: Option<String>,
    /// A trusted proxy that does not say for whom it forwards.
    pub silent_proxy: Option<String>,
    /// How far its clock is ahead of the database's. In a row to be written, its clock itself.
    pub clock_ahead: Millis,
}

/// The database's clock, in milliseconds since 1970.
const fn now(is_postgres: bool) -> &'static str {
    if is_postgres {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    } else {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    }
}

/// Selects the running instances.
pub(super) fn running(is_postgres: bool) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "SELECT name, version, settings, untrusted_proxy, silent_proxy, clock_ahead FROM instances
         WHERE seen_at > {} - {RUNS} ORDER BY name",
        now(is_postgres)
    ))
}

impl Store {
    /// Writes what an instance reports about itself.
    ///
    /// # Errors
    /// The database failed.
    pub async fn report_instance(&self, row: &InstanceRow) -> Result<(), StoreError> {
        let now = now(self.is_postgres());
        let insert = format!(
            "INSERT INTO instances (name, version, settings, untrusted_proxy, silent_proxy, seen_at, clock_ahead)
             VALUES ($1, $2, $3, $4, $5, {now}, CAST($6 AS BIGINT) - {now})
             ON CONFLICT (name) DO UPDATE SET version = excluded.version, settings = excluded.settings,
                 untrusted_proxy = excluded.untrusted_proxy, silent_proxy = excluded.silent_proxy,
                 seen_at = excluded.seen_at, clock_ahead = excluded.clock_ahead"
        );
        let insert = sqlx::query(AssertSqlSafe(insert))
            .bind(&row.name)
            .bind(&row.version)
            .bind(&row.settings)
            .bind(row.untrusted_proxy.as_deref())
            .bind(row.silent_proxy.as_deref())
            .bind(row.clock_ahead);
        self.execute(insert).await?;
        let old = AssertSqlSafe(format!("DELETE FROM instances WHERE seen_at < {now} - {KEPT}"));
        self.execute(sqlx::query(old)).await.map(drop)
    }

    /// Returns the running instances, by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn running_instances(&self) -> Result<Vec<InstanceRow>, StoreError> {
        self.rows(sqlx::query_as(running(self.is_postgres()))).await
    }

    /// Removes an instance that stops.
    ///
    /// # Errors
    /// The database failed.
    pub async fn remove_instance(&self, name: &str) -> Result<(), StoreError> {
        self.execute(sqlx::query("DELETE FROM instances WHERE name = $1").bind(name)).await.map(drop)
    }

    const fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    #[tokio::test]
    async fn an_instance_is_there_until_it_stops() {
        let (store, _folder) = testing::store().await;
        let row = |name: &str, version: &str| InstanceRow {
            name: name.to_owned(),
            version: version.to_owned(),
            settings: "{}".to_owned(),
            untrusted_proxy: None,
            silent_proxy: Some("10.0.0.1".to_owned()),
            clock_ahead: Millis::ZERO,
        };
        for (name, version) in [("two", "1"), ("one", "1"), ("one", "2")] {
            store.report_instance(&row(name, version)).await.expect("written");
        }
        let running = store.running_instances().await.expect("read");
        let seen: Vec<_> = running.iter().map(|row| (row.name.as_str(), row.version.as_str())).collect();
        assert_eq!(seen, [("one", "2"), ("two", "1")]);
        assert!(running.iter().all(|row| row.clock_ahead < Millis::ZERO), "a clock of 1970 is behind");
        assert_eq!(running[0].silent_proxy.as_deref(), Some("10.0.0.1"));
        store.remove_instance("one").await.expect("removed");
        assert_eq!(store.running_instances().await.expect("read").len(), 1);
        testing::execute(&store, "UPDATE instances SET seen_at = seen_at - 100000").await;
        assert!(store.running_instances().await.expect("read").is_empty(), "killed");
        testing::execute(&store, "UPDATE instances SET seen_at = 0").await;
        store.report_instance(&row("one", "1")).await.expect("written");
        let left: Vec<(String,)> = store.rows(sqlx::query_as("SELECT name FROM instances")).await.expect("read");
        assert_eq!(left, [("one".to_owned(),)]);
    }
}
