//! The server: native only.
//!
//! [`Server::bind`] makes it, [`Server::run`] runs it until it is told to stop; `main` and the
//! tests use the same two.

pub mod account;
pub mod auth;
pub mod body;
pub mod call;
pub mod cli;
pub mod clock;
pub mod cookies;
pub mod demo;
pub mod gcra;
pub mod guard;
pub mod login;
pub mod pages;
pub mod router;
pub mod serve;
pub mod sessions;
pub mod settings;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod web_files;

use auth::{
    access_token::AccessTokens,
    csrf::CsrfKey,
    device_token::DeviceKey,
    hasher::{HashError, Hasher},
    keyring::{KeyError, Keys},
    refresh_token::RefreshTokenKey,
    root_secret::{self, Purpose, RootSecret},
    sessions::Sessions,
};
use clock::Clock;
use gcra::shared::Shared;
use leptos::config::{Env, LeptosOptions};
use settings::Settings;
use state::{AppState, Limits, Parts};
use std::{
    future::Future,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};
use store::{Store, StoreError};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use web_files::SiteFiles;

const OUTPUT_NAME: &str = "freshkey";

/// Why the server can't start, in one line that names what is in the way.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address.
    #[error("can't listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// The data folder or the secret in it.
    #[error("can't use the data folder {folder}: {error}")]
    Data {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        error: io::Error,
    },
    /// The database.
    #[error("can't use the database {database}: {error}")]
    Database {
        /// The file, or the URL without its password.
        database: String,
        /// What is wrong with it.
        error: StoreError,
    },
    /// The signing keys.
    #[error("can't use the signing keys: {0}")]
    Keys(#[from] KeyError),
    /// The password hasher.
    #[error("can't start the password hasher: {0}")]
    Hasher(#[from] HashError),
}

/// A server that listens, and serves once it runs.
pub struct Server {
    listener: TcpListener,
    state: AppState,
    confirmations: JoinHandle<()>,
    background: JoinSet<()>,
}

impl Server {
    /// Listens, opens the database, reads the keys.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn bind(mut settings: Settings, clock: Clock) -> Result<Self, StartError> {
        let addr = settings.addr;
        let listener = TcpListener::bind(addr).await.map_err(|error| StartError::Listen(addr, error))?;
        let port = listener.local_addr().map_err(|error| StartError::Listen(addr, error))?.port();
        settings.listening_on(port);
        settings.site_root = find_site_root(&settings.site_root);

        let secret = open_root_secret(&mut settings)?;
        let database = settings.data.database.to_string();
        let unusable = |error| StartError::Database { database: database.clone(), error };
        let store = Store::open(&settings.data.database).await.map_err(unusable)?;
        let (algorithm, life) = (settings.tokens.algorithm, settings.sessions.access);
        let keys = Keys::open(store.clone(), &secret, algorithm, life, clock.now()).await?;
        let (sessions, confirmations) = Sessions::open(
            store.clone(),
            settings.sessions,
            RefreshTokenKey::new(&secret.derive(Purpose::RefreshToken)),
            CsrfKey::new(&secret.derive(Purpose::Csrf)),
            AccessTokens::new(
                Arc::new(keys),
                settings.issuer(),
                settings.audience(),
                settings.sessions.access.unsigned_abs() / 1000,
            ),
            clock.now(),
        )
        .await
        .map_err(unusable)?;
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let web_files = SiteFiles::find(&settings.site_root, OUTPUT_NAME);
        let leptos = leptos_options(&settings);
        let hasher = Hasher::start(threads)?;
        let shared = match settings.redis.take() {
            Some(client) => Some(Arc::new(Shared::connect(client).await)),
            None => None,
        };
        let limits = Limits::new(settings.limits, shared.as_ref());
        let devices = DeviceKey::new(&secret.derive(Purpose::Device));
        let state =
            AppState::new(Parts { settings, clock, store, hasher, sessions, web_files, devices, limits, leptos });
        let background = state.sessions.background(state.clock.clone());
        Ok(Self { listener, state, confirmations, background })
    }

    /// The server's parts.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// The address that it listens on.
    ///
    /// # Errors
    /// The operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is done; then takes no new connections, lets requests finish, and
    /// writes what is left to write.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, state, confirmations, background } = self;
        let store = state.store.clone();
        let timeouts = state.settings.timeouts;
        if !serve::serve(listener, router::Service::new(state), timeouts, stop).await {
            tracing::warn!(event = "stopped_in_flight", "requests were still in flight");
            return;
        }
        // The sessions went with the router, and so the writer of confirmations ends.
        let _ = tokio::time::timeout(timeouts.stop, confirmations).await;
        drop(background);
        store.close().await;
    }
}

fn open_root_secret(settings: &mut Settings) -> Result<RootSecret, StartError> {
    let folder = settings.data.folder.clone();
    let unusable = |error| StartError::Data { folder: folder.clone(), error };
    match settings.data.secret.take().as_deref().and_then(RootSecret::parse) {
        Some(secret) => {
            root_secret::make_private(&folder).map_err(unusable)?;
            Ok(secret)
        }
        None => RootSecret::in_folder(&folder).map_err(unusable),
    }
}

/// The folder as named; or, when that is not there, beside the program, so that it runs from any
/// working folder.
fn find_site_root(named: &Path) -> PathBuf {
    let beside = || {
        let program = std::env::current_exe().ok()?;
        // target/release/freshkey → target/site
        let site = program.parent()?.parent()?.join("site");
        site.join("pkg").is_dir().then_some(site)
    };
    if named.join("pkg").is_dir() { named.to_owned() } else { beside().unwrap_or_else(|| named.to_owned()) }
}

fn leptos_options(settings: &Settings) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name(OUTPUT_NAME)
        .site_root(settings.site_root.to_string_lossy().into_owned())
        .site_addr(settings.addr)
        .env(if cfg!(debug_assertions) { Env::DEV } else { Env::PROD })
        .build()
}
