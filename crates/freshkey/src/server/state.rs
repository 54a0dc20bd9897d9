//! What every request may use, made once at the start and passed in: there are no globals.

use super::{
    auth::{account_digest::AccountDigestKey, device_token::DeviceKey, hasher::Hasher, sessions::Sessions},
    clock::Clock,
    freshkey::Freshkey,
    gcra::{Limit, Limiter, shared::Shared},
    guard::{client_address::UntrustedProxy, origin::ForeignOrigin, rate_limit::Counted},
    lab::Lab,
    login::Attempts,
    metrics::Metrics,
    settings::{self, Settings},
    sign_ins::SignIns,
    store::Store,
    web_files::SiteFiles,
};
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use std::{collections::HashMap, ops::Deref, sync::Arc};

/// The server's parts. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts.
pub struct Parts {
    /// The app that is served.
    pub app: Freshkey,
    /// What the operator chose.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// The database.
    pub store: Store,
    /// Argon2id.
    pub hasher: Hasher,
    /// Sessions and tokens.
    pub sessions: Sessions,
    /// What the browser loads.
    pub web_files: SiteFiles,
    /// The devices that accounts know.
    pub devices: DeviceKey,
    /// The digests of addresses.
    pub account_digests: AccountDigestKey,
    /// The sign-ins that are under way.
    pub sign_ins: SignIns,
    /// What was done how often.
    pub limits: Limits,
    /// The lab, where it is turned on.
    pub lab: Option<Lab>,
    /// What is counted for the operator.
    pub metrics: Arc<Metrics>,
    /// Whether a proxy was seen that is not trusted.
    pub untrusted_proxy: UntrustedProxy,
    /// Whether a browser was seen that reached us by another origin.
    pub foreign_origin: ForeignOrigin,
    /// What Leptos wants to know.
    pub leptos: LeptosOptions,
}

/// What was done how often; none where there is no limit.
pub struct Limits {
    /// By an address.
    pub address: Option<Limiter<Counted>>,
    /// By a session.
    pub session: Option<Limiter<Counted>>,
    /// Failed logins.
    pub login: Option<Limiter<Attempts>>,
    /// What the app counts, by the names that it gave.
    pub own: HashMap<&'static str, Limiter<String>>,
}

impl Limits {
    /// Nothing was done yet; or, where counts are shared, what other instances have seen.
    pub fn new(limits: settings::Limits, own: &[(&'static str, Limit)], shared: Option<&Arc<Shared>>) -> Self {
        Self {
            address: limits.address.map(|limit| Limiter::new("address", limit, shared.cloned())),
            session: limits.session.map(|limit| Limiter::new("session", limit, shared.cloned())),
            login: limits.login.map(|limit| Limiter::new("login", limit, shared.cloned())),
            own: own.iter().map(|(name, limit)| (*name, Limiter::new(name, *limit, shared.cloned()))).collect(),
        }
    }
}

impl AppState {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The sessions that a call may be in: the lab's own calls know the lab's, and no others.
    pub fn sessions_of(&self, path: &str) -> &Sessions {
        match &self.lab {
            Some(lab) if Lab::answers(path) => &lab.sessions,
            _ => &self.sessions,
        }
    }
}

impl Deref for AppState {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
