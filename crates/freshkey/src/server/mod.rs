//! The server: native only.
//!
//! [`Server::bind`] makes it, [`Server::run`] runs it until it is told to stop; `main` and the
//! tests use the same two.

pub use freshkey_core::{clock, data_folder, gcra, rules::visible, settings, store, supervise};

/// The rules and services of sign-in.
pub mod auth {
    pub use freshkey_core::{root_secret, rules::*, services::*};
}

pub mod account;
pub mod activity;
pub mod admin;
pub mod after;
pub mod bearer;
pub mod body;
pub mod call;
pub mod cli;
pub mod cookies;
pub mod deletion;
pub mod demo;
pub mod described;
pub mod export;
pub mod freshkey;
pub mod guard;
pub mod ids;
pub mod lab;
pub mod limits;
pub mod login;
pub mod mail;
mod mailbox;
pub mod metrics;
pub mod openapi;
mod own_settings;
pub mod pages;
pub mod policy;
pub mod prelude;
pub mod profile;
pub mod refresh;
pub mod registration;
pub mod request;
pub mod router;
pub mod serve;
pub mod sessions;
pub mod shell;
pub mod sign_ins;
pub mod sign_out;
mod start_error;
pub mod state;
pub mod step_up;
pub mod steps;
pub mod telemetry;
pub mod web_files;

use after::Afterwards;
use auth::{
    access_token::AccessTokens,
    account_digest::AccountDigestKey,
    clean_removals,
    csrf::CsrfKey,
    device_token::DeviceKey,
    hasher::Hasher,
    keyring::Keys,
    mail::MailTasks,
    old_rows,
    refresh_token::RefreshTokenKey,
    root_secret::{Purpose, RootSecret},
    sessions::Sessions,
};
use clock::Clock;
use freshkey::Freshkey;
use gcra::shared::Shared;
use guard::{client_address::UntrustedProxy, origin::ForeignOrigin};
use lab::Lab;
use leptos::config::{Env, LeptosOptions};
use limits::Limits;
use metrics::Metrics;
use serve::Bounds;
use settings::{Database, Settings};
use sign_ins::SignIns;
pub use start_error::StartError;
use state::{AppState, Parts};
use std::{future::Future, io, net::SocketAddr, sync::Arc, thread};
use store::Store;
use supervise::forever;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

/// What the build calls the web files; Leptos compiles it in as well.
const OUTPUT_NAME: &str = match option_env!("LEPTOS_OUTPUT_NAME") {
    Some(name) => name,
    None => "freshkey",
};

/// A server that listens, and serves once it runs.
pub struct Server {
    listener: TcpListener,
    state: AppState,
    writing: Vec<JoinHandle<()>>,
    background: JoinSet<()>,
    afterwards: Afterwards,
    mail: Option<MailTasks>,
}

impl Server {
    /// Listens for `app`, opens the database, reads the keys.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn bind(app: Freshkey, mut settings: Settings, clock: Clock) -> Result<Self, StartError> {
        let (listener, addr) = listen(settings.addr).await?;
        let metrics_listener = match settings.metrics_addr {
            Some(addr) => Some(listen(addr).await?.0),
            None => None,
        };
        settings.site_name = app.brand().name;
        settings.listening_on(addr.port());
        let (site_root, web_files) = web_files::find(&settings.site_root, OUTPUT_NAME)?;
        settings.site_root = site_root;

        let (store, secret) = open_store(&mut settings).await?;
        app.migrate(&settings.data.database).await?;
        let (store, afterwards) = app.hooked(store);
        let (sessions, writing) = open_sessions(&settings, &store, &secret, clock.now()).await?;
        let sessions = sessions.with_claims(app.claims_of());
        let mut writing = Vec::from(writing);
        let mut background = sessions.background(&clock);
        let (rows, others, now) = (store.clone(), app.clean_ups().to_vec(), clock.clone());
        background.spawn(forever("clean-up", move || old_rows::delete(rows.clone(), others.clone(), now.clone())));
        let (rows, mail, now) = (store.clone(), settings.mail.is_on(), clock.clone());
        background.spawn(forever("removals", move || clean_removals::remove(rows.clone(), mail, now.clone())));
        let lab = if settings.lab {
            let keys = Arc::clone(sessions.access_tokens.keys());
            let (lab, of_it) = Lab::open(&settings, &secret, keys, clock.now()).await?;
            writing.extend(of_it);
            let (store, now) = (lab.store().clone(), clock.clone());
            background.spawn(forever("lab's clean-up", move || lab::clean_up(store.clone(), now.clone())));
            Some(lab)
        } else {
            None
        };
        let shared = match settings.redis.take() {
            Some(client) => Some(Arc::new(Shared::connect(client).await)),
            None => None,
        };
        let metrics = Arc::new(Metrics::new(router::paths(&app)));
        if let Some(listener) = metrics_listener {
            let outbox = settings.mail.is_on().then(|| (store.clone(), clock.clone()));
            background.spawn(Arc::clone(&metrics).serve(listener, settings.timeouts, outbox));
        }
        let challenges = Arc::new(steps::challenges(&settings, store.clone(), &secret)?);
        let prepare = steps::prepare(Arc::clone(&challenges), clock.clone());
        let mail::Started { mail, tasks, mailbox } = mail::start(&app, &settings, &store, &clock, prepare)?;
        let state = AppState::new(Parts {
            clock,
            store,
            sessions,
            lab,
            mail,
            mailbox,
            metrics,
            hasher: Hasher::start(thread::available_parallelism().map_or(1, usize::from))?,
            web_files,
            devices: DeviceKey::new(secret.mac_key(Purpose::Device)),
            challenges,
            account_digests: AccountDigestKey::new(secret.mac_key(Purpose::AccountDigest)),
            sign_ins: SignIns::default(),
            limits: Limits::new(settings.limits, shared),
            app,
            untrusted_proxy: UntrustedProxy::default(),
            foreign_origin: ForeignOrigin::default(),
            leptos: leptos_options(&settings),
            settings,
        });
        Ok(Self { listener, state, writing, background, afterwards, mail: tasks })
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
        let Self { listener, state, writing, background, afterwards, mail } = self;
        let lab = state.lab.as_ref().map(|lab| lab.store().clone());
        let stores = [Some(state.store.clone()), lab];
        let timeouts = state.settings.timeouts;
        let bounds = Bounds::public(serve::raise_descriptor_limit(), &state.settings.trusted_proxies);
        let service = Arc::new(router::Service::new(state));
        let answer = move |request| {
            let service = Arc::clone(&service);
            async move { service.answer(request).await }
        };
        let all_answered = serve::serve(listener, answer, bounds, timeouts, stop).await;
        if let Some(mail) = mail {
            // Each email has its time.
            mail.finish().await;
        }
        if !all_answered {
            tracing::warn!(event = "stopped_in_flight", "requests were still in flight");
            return;
        }
        // The sessions went with the router, and so those who write for them end.
        let written = async {
            futures::future::join_all(writing).await;
            afterwards.finish().await;
        };
        let _ = tokio::time::timeout(timeouts.stop, written).await;
        drop(background);
        for store in stores.into_iter().flatten() {
            store.close().await;
        }
    }
}

async fn listen(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let unusable = |error| StartError::Listen(addr, error);
    let listener = TcpListener::bind(addr).await.map_err(unusable)?;
    let addr = listener.local_addr().map_err(unusable)?;
    Ok((listener, addr))
}

/// The database that the settings name, with its tables up to date, and the root secret.
async fn open_store(settings: &mut Settings) -> Result<(Store, RootSecret), StartError> {
    let secret = open_root_secret(settings)?;
    Ok((open_database(&settings.data.database).await?, secret))
}

async fn open_database(database: &Database) -> Result<Store, StartError> {
    if let Database::Sqlite(file) = database {
        data_folder::tighten_database(file);
    }
    let open = async {
        let store = Store::open(database).await?;
        store.update_email_keys().await?;
        Ok(store)
    };
    open.await.map_err(|error| StartError::Database { database: database.to_string(), error })
}

/// The sessions in the database, and the tasks that write for them.
async fn open_sessions(
    settings: &Settings,
    store: &Store,
    secret: &RootSecret,
    now: i64,
) -> Result<(Sessions, [JoinHandle<()>; 2]), StartError> {
    let life = settings.sessions.access;
    let keys = Keys::open(store.clone(), secret, settings.tokens.algorithm, life, now).await?;
    let seconds = life.unsigned_abs() / 1000;
    let tokens = AccessTokens::new(Arc::new(keys), settings.issuer(), settings.audience(), seconds);
    let refresh_tokens = RefreshTokenKey::new(secret.mac_key(Purpose::RefreshToken));
    let csrf = CsrfKey::new(secret.mac_key(Purpose::Csrf));
    Sessions::open(store.clone(), settings.sessions, refresh_tokens, csrf, tokens, now)
        .await
        .map_err(|error| StartError::Database { database: settings.data.database.to_string(), error })
}

fn open_root_secret(settings: &mut Settings) -> Result<RootSecret, StartError> {
    let folder = settings.data.folder.clone();
    let unusable = |error| StartError::Data { folder: folder.clone(), error };
    let previous = settings.data.previous_secret.take().as_deref().and_then(RootSecret::parse);
    let present = match settings.data.secret.take().as_deref().and_then(RootSecret::parse) {
        Some(secret) => {
            data_folder::make(&folder).map_err(unusable)?;
            Ok(secret)
        }
        None => RootSecret::in_folder(&folder).map_err(unusable),
    };
    present.map(|secret| secret.after(previous))
}

fn leptos_options(settings: &Settings) -> LeptosOptions {
    let mut options = LeptosOptions::builder()
        .output_name(OUTPUT_NAME)
        .site_root(settings.site_root.to_string_lossy().into_owned())
        .site_addr(settings.addr)
        .env(if cfg!(debug_assertions) { Env::DEV } else { Env::PROD })
        .build();
    // `cargo leptos watch` tells the server that it starts where pages are told to reload.
    let port = |variable| std::env::var(variable).ok().and_then(|port| port.parse().ok());
    options.reload_port = port("LEPTOS_RELOAD_PORT").unwrap_or(options.reload_port);
    options.reload_external_port = port("LEPTOS_RELOAD_EXTERNAL_PORT");
    options
}
