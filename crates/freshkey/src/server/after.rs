//! The app's hooks that run after something happened to an account.

use super::store::{Store, activity::Event};
use freshkey_core::causes::with_causes;
use futures::{FutureExt, future::BoxFuture};
use std::{error::Error, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

/// How long one hook may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a hook failed, for the log.
pub type HookError = Box<dyn Error + Send + Sync>;

/// A hook.
pub(super) type After = Arc<dyn Fn(Store, Event) -> BoxFuture<'static, Result<(), HookError>> + Send + Sync>;

/// The task that runs the hooks.
pub(super) struct Afterwards {
    task: JoinHandle<()>,
    /// When it is dropped, the task handles the waiting events and ends.
    stop: oneshot::Sender<()>,
}

impl Afterwards {
    /// Starts the task: it runs `hooks` after each of `events`.
    pub(super) fn start(hooks: Vec<After>, store: Store, mut events: mpsc::Receiver<Event>) -> Self {
        let (stop, mut stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            loop {
                let event = tokio::select! {
                    event = events.recv() => event,
                    _ = &mut stopped, if !events.is_closed() => {
                        events.close();
                        continue;
                    }
                };
                let Some(event) = event else { break };
                for hook in &hooks {
                    run(hook, &store, &event).await;
                }
            }
        });
        Self { task, stop }
    }

    /// Waits until the task has handled the waiting events.
    pub(super) async fn finish(self) {
        drop(self.stop);
        let _ = self.task.await;
    }
}

async fn run(hook: &After, store: &Store, event: &Event) {
    let done = AssertUnwindSafe(async { hook(store.clone(), event.clone()).await }).catch_unwind();
    let error = match timeout(PATIENCE, done).await {
        Ok(Ok(Ok(()))) => return,
        Ok(Ok(Err(error))) => error,
        Ok(Err(_)) => "it panicked".into(),
        Err(_) => "it took too long".into(),
    };
    tracing::error!(event = "hook_failed", happened = event.kind().text(), user = event.user(), error = %with_causes(error.as_ref()));
}
