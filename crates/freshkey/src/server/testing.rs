//! A server for the tests of an app: the real one, on a free port, with a database of its own.

use super::{
    clock::Clock,
    freshkey::Freshkey,
    start::{OUTPUT_NAME, Server},
};
use crate::app::types::Millis;
use std::{
    env, error, fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::oneshot, task::JoinHandle};
use uuid::Uuid;

/// A running server. Its folder is deleted with it.
pub struct TestServer {
    origin: String,
    folder: Folder,
    ahead_ms: Arc<AtomicI64>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Deletes the folder when it is dropped, also by a test that failed.
struct Folder(PathBuf);

impl TestServer {
    /// Starts a server of this app with these flags of `freshkey serve`; emails are off, unless a flag says otherwise.
    /// The pages need no build: their files are empty.
    ///
    /// # Errors
    /// A flag is wrong, or the server can't start.
    pub async fn start(app: Freshkey, flags: &[&str]) -> Result<Self, Box<dyn error::Error + Send + Sync>> {
        let folder = Folder(env::temp_dir().join(format!("{}-test-{}", env!("CARGO_PKG_NAME"), Uuid::now_v7())));
        let site = folder.0.join("site");
        web_files(&site)?;
        let [data, site] = [folder.0.join("data"), site].map(|path| path.to_string_lossy().into_owned());
        let own = ["--site-addr", "127.0.0.1:0", "--data-dir", &data, "--site-root", &site];
        let mail = (!flags.contains(&"--mail")).then_some(["--mail", "none"]);
        let words: Vec<&str> = own.into_iter().chain(mail.into_iter().flatten()).chain(flags.iter().copied()).collect();
        let settings = app.settings_from(&words).map_err(|wrong| wrong.join("\n"))?;
        let ahead_ms = Arc::new(AtomicI64::new(0));
        let server = Server::bind(app, settings, ahead_of(Clock::system(), Arc::clone(&ahead_ms))).await?;
        let origin = server.state().settings.http.origin.clone();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move { server.run(async { drop(stopped.await) }).await });
        Ok(Self { origin, folder, ahead_ms, stop, task })
    }

    /// Returns the URL of a path that begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Lets the server's time pass: tokens expire, limits are over. The test does not wait.
    pub fn wait(&self, time: Duration) {
        let ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Stops it in order: what it was doing is finished.
    ///
    /// # Errors
    /// The server panicked.
    pub async fn stop(self) -> io::Result<()> {
        let Self { stop, task, folder, .. } = self;
        // If nobody listens, the server has panicked, as its task says.
        let _ = stop.send(());
        let stopped = task.await.map_err(io::Error::other);
        drop(folder);
        stopped
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that is left over in the folder for temporary files does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A clock that a test moves.
fn ahead_of(clock: Clock, ahead_ms: Arc<AtomicI64>) -> Clock {
    let (wall, ahead) = (clock.clone(), Arc::clone(&ahead_ms));
    let later = |time: Millis, ahead: &AtomicI64| Millis(time.0.saturating_add(ahead.load(Ordering::SeqCst)));
    Clock::new(move || later(wall.now(), &ahead), move || later(clock.monotonic(), &ahead_ms))
}

fn web_files(site: &Path) -> io::Result<()> {
    let pkg = site.join("pkg");
    fs::create_dir_all(&pkg)?;
    ["js", "wasm", "css"].into_iter().try_for_each(|kind| fs::write(pkg.join(format!("{OUTPUT_NAME}.{kind}")), ""))
}
