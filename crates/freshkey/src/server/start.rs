//! Starting and stopping the server.

use super::{
    after::Afterwards,
    auth::{
        account_digest::AccountDigestKey,
        clean_removals, cleanup,
        device_token::DeviceKey,
        device_trust::TrustKey,
        hasher::Hasher,
        instances::{self, Instance},
        mail::MailTasks,
        places::Places,
        root_secret::Purpose,
    },
    client_address::ProxySigns,
    clock::Clock,
    data_folder,
    freshkey::Freshkey,
    gcra::shared::Shared,
    limits::Limits,
    mail,
    metrics::Metrics,
    open::{open_sessions, open_store},
    origin::ForeignOrigin,
    realm::{self, OpenRealm},
    router,
    serve::{self, Bounds},
    settings::Settings,
    sign_ins::SignIns,
    start_error::StartError,
    state::{AppState, Parts},
    steps,
    supervise::forever,
    web_files,
};
use leptos::config::{Env, LeptosOptions};
use std::{future::Future, io, net::SocketAddr, sync::Arc, thread, time::Duration};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

/// The name that the build gives the web files; Leptos compiles it in as well.
pub(super) const OUTPUT_NAME: &str = match option_env!("LEPTOS_OUTPUT_NAME") {
    Some(name) => name,
    None => "freshkey",
};

/// A server that listens; it serves once it runs.
pub struct Server {
    listener: TcpListener,
    state: AppState,
    instance: Instance,
    writing: Vec<JoinHandle<()>>,
    background: JoinSet<()>,
    afterwards: Afterwards,
    mail: Option<MailTasks>,
}

impl Server {
    /// Binds the address, opens the database and reads the keys for `app`.
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
        let places = Places::open(settings.places_file.as_deref())?;

        let (store, secret) = open_store(&mut settings).await?;
        app.migrate(&settings.data.database).await?;
        let (store, afterwards) = app.with_hooks(store);
        let (sessions, writing) = open_sessions(&settings, &store, &secret, clock.now()).await?;
        let sessions = sessions.with_claims(app.claims_of()).requiring(settings.account.require_mfa);
        let mut writing = Vec::from(writing);
        let mut background = sessions.background(&clock);
        let (rows, others, now) = (store.clone(), app.clean_ups().to_vec(), clock.clone());
        background.spawn(forever("clean-up", move || cleanup::delete(rows.clone(), others.clone(), now.clone())));
        let (rows, mail, now) = (store.clone(), settings.mail.first_language(), clock.clone());
        background.spawn(forever("removals", move || clean_removals::remove(rows.clone(), mail, now.clone())));
        if places.is_on() {
            let known = places.clone();
            background.spawn(forever("places", move || known.clone().follow()));
        }
        let proxy_signs = Arc::new(ProxySigns::default());
        let instance = instance(&settings, addr);
        let (rows, me, signs, now) = (store.clone(), instance.clone(), Arc::clone(&proxy_signs), clock.clone());
        background.spawn(forever("instances", move || {
            let signs = Arc::clone(&signs);
            instances::report(rows.clone(), me.clone(), move || signs.noticed(), now.clone())
        }));
        let mut realms = Vec::new();
        for realm in app.realms() {
            data_folder::tighten_database(&settings.realm_database(realm.name));
            if realm.is_on(&settings) {
                let keys = Arc::clone(sessions.access_tokens.keys());
                let (open, of_it) = realm.open(&settings, &secret, keys, clock.now()).await?;
                writing.extend(of_it);
                background.spawn(clean_up(&open, clock.clone()));
                realms.push(open);
            }
        }
        let shared = match settings.redis.take() {
            Some(client) => Some(Arc::new(Shared::connect(client).await)),
            None => None,
        };
        app.list_pages().await;
        app.call_infos();
        let metrics = Arc::new(Metrics::new(router::paths(&app)));
        if let Some(listener) = metrics_listener {
            let outbox = settings.mail.is_on().then(|| (store.clone(), clock.clone()));
            background.spawn(Arc::clone(&metrics).serve(listener, settings.timeouts, outbox));
        }
        let challenges = Arc::new(steps::challenges(&settings, store.clone(), &secret)?);
        let prepare = steps::prepare(Arc::clone(&challenges), clock.clone());
        let mail::Started { mail, tasks, mailbox } = mail::start(&app, &settings, &store, &clock, prepare, &places)?;
        let sessions = sessions.with_replay_hook(steps::tell_of_replay(&settings, store.clone(), mail.clone()));
        let state = AppState::new(Parts {
            clock,
            sessions,
            realms,
            mail,
            mailbox,
            metrics,
            hasher: Hasher::start(thread::available_parallelism().map_or(1, usize::from))?,
            web_files,
            devices: DeviceKey::new(secret.mac_key(Purpose::Device)),
            trust: TrustKey::new(secret.mac_key(Purpose::Trust)),
            challenges,
            factors: steps::factors(store.clone(), &secret)?,
            passkeys: steps::passkey::open(&app, &settings, &store, &secret),
            account_digests: AccountDigestKey::new(secret.mac_key(Purpose::AccountDigest)),
            places,
            sign_ins: SignIns::default(),
            limits: Limits::new(settings.limits, shared),
            app,
            proxy_signs,
            foreign_origin: ForeignOrigin::default(),
            store,
            leptos: leptos_options(&settings),
            settings,
        });
        Ok(Self { listener, state, instance, writing, background, afterwards, mail: tasks })
    }

    /// Returns the server's parts.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Returns the address that the server listens on.
    ///
    /// # Errors
    /// The operating system failed.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is done. Then takes no new connections, lets requests finish, and writes what is still
    /// unwritten.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, state, instance, writing, mut background, afterwards, mail } = self;
        let store = state.store.clone();
        let stores: Vec<_> = state.realms.iter().map(|realm| realm.store.clone()).chain([store.clone()]).collect();
        let timeouts = state.settings.timeouts;
        let bounds = Bounds::public(serve::raise_descriptor_limit(), &state.settings.trusted_proxies);
        let service = Arc::new(router::Service::new(state));
        let answer = move |request| {
            let service = Arc::clone(&service);
            async move { service.answer(request).await }
        };
        let all_answered = serve::serve(listener, answer, bounds, timeouts, stop).await;
        if let Some(mail) = mail {
            // Each email has its own timeout.
            mail.finish().await;
        }
        if !all_answered {
            tracing::warn!(event = "stopped_in_flight", "requests were still in flight");
            return;
        }
        // The sessions were dropped with the router, so the tasks that write for them end.
        let written = async {
            futures::future::join_all(writing).await;
            afterwards.finish().await;
        };
        let _ = tokio::time::timeout(timeouts.stop, written).await;
        background.shutdown().await;
        // A check for instances that differ then need not wait until this one counts as silent. A database that can't
        // be reached must not keep the server from stopping.
        let _ = tokio::time::timeout(Duration::from_secs(1), store.remove_instance(&instance.name)).await;
        for store in stores {
            store.close().await;
        }
    }
}

/// Returns the task that deletes what is over in a realm.
fn clean_up(realm: &OpenRealm, clock: Clock) -> impl Future<Output = ()> + Send + use<> {
    let (store, life) = (realm.store.clone(), realm.life);
    forever("realm's clean-up", move || realm::clean_up(store.clone(), life, clock.clone()))
}

/// Describes this instance to the others.
fn instance(settings: &Settings, addr: SocketAddr) -> Instance {
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Instance {
        name: format!("{machine} {addr}"),
        version: env!("CARGO_PKG_VERSION"),
        settings: settings.common.clone(),
    }
}

async fn listen(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let unusable = |error| StartError::Listen(addr, error);
    let listener = TcpListener::bind(addr).await.map_err(unusable)?;
    let addr = listener.local_addr().map_err(unusable)?;
    Ok((listener, addr))
}

fn leptos_options(settings: &Settings) -> LeptosOptions {
    let mut options = LeptosOptions::builder()
        .output_name(OUTPUT_NAME)
        .site_root(settings.site_root.to_string_lossy().into_owned())
        .site_addr(settings.addr)
        .env(if cfg!(debug_assertions) { Env::DEV } else { Env::PROD })
        .build();
    // `cargo leptos watch` passes the ports of its reload socket in the environment.
    let port = |variable| std::env::var(variable).ok().and_then(|port| port.parse().ok());
    options.reload_port = port("LEPTOS_RELOAD_PORT").unwrap_or(options.reload_port);
    options.reload_external_port = port("LEPTOS_RELOAD_EXTERNAL_PORT");
    options
}
