//! Waiting for what happens beside the answers: until it is there, and not for ever.

use super::TestApp;
use sqlx::AnyPool;
use std::time::{Duration, Instant};

/// What has not happened by then does not happen. Far more than a busy machine needs.
const DEADLINE: Duration = Duration::from_secs(20);

/// Asks until there is an answer. Panics with `what` if there is none.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < DEADLINE, "it never happens: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until it is written that each session's newest access token was seen in use.
pub async fn confirmed(database: &AnyPool) {
    let unseen = "SELECT COUNT(*) FROM sessions WHERE confirmed_generation < generation";
    eventually("every generation is confirmed", async || {
        let unseen: (i64,) = sqlx::query_as(unseen).fetch_one(database).await.unwrap();
        (unseen.0 == 0).then_some(())
    })
    .await;
}

impl TestApp {
    /// Waits until the lab has noted which of its tokens were seen in use.
    pub async fn lab_confirmed(&self) {
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}/lab.db", self.folder.path().display());
        let database = AnyPool::connect(&url).await.unwrap();
        confirmed(&database).await;
        database.close().await;
    }
}
