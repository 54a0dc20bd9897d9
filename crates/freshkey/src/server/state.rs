//! What every request may use. It is made once at the start and passed in: there are no globals.

use super::{
    auth::{
        account_digest::AccountDigestKey,
        challenges::Challenges,
        device_token::DeviceKey,
        device_trust::TrustKey,
        factors::Factors,
        hasher::Hasher,
        mail::{DevMailbox, Mail},
        passkeys::Passkeys,
        places::Places,
        sessions::Sessions,
    },
    client_address::ProxySigns,
    clock::Clock,
    freshkey::Freshkey,
    limits::Limits,
    metrics::Metrics,
    origin::ForeignOrigin,
    realm::OpenRealm,
    settings::Settings,
    sign_ins::SignIns,
    store::Store,
    web_files::SiteFiles,
};
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use std::{ops::Deref, sync::Arc};

/// The server's parts. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts.
pub struct Parts {
    /// The app that is served.
    pub app: Freshkey,
    /// The operator's settings.
    pub settings: Settings,
    /// The clock.
    pub clock: Clock,
    /// The database.
    pub store: Store,
    /// The password hasher (Argon2id).
    pub hasher: Hasher,
    /// Sessions and tokens.
    pub sessions: Sessions,
    /// Emails.
    pub mail: Mail,
    /// Where a developer reads emails that are not sent.
    pub mailbox: Option<DevMailbox>,
    /// The web files that the browser loads.
    pub web_files: SiteFiles,
    /// The key of the tokens of known devices.
    pub devices: DeviceKey,
    /// The key of the tokens of trusted browsers.
    pub trust: TrustKey,
    /// The key of the digests of addresses.
    pub account_digests: AccountDigestKey,
    /// The challenges of flows that take several calls.
    pub challenges: Arc<Challenges>,
    /// The second factors.
    pub factors: Factors,
    /// Passkeys, where the server supports them.
    pub passkeys: Option<Passkeys>,
    /// Where IP addresses are, as far as the operator's file knows.
    pub places: Places,
    /// The sign-ins that are under way.
    pub sign_ins: SignIns,
    /// The rate limiters.
    pub limits: Limits,
    /// The realms that are turned on.
    pub realms: Vec<OpenRealm>,
    /// The metrics for the operator.
    pub metrics: Arc<Metrics>,
    /// What the server noticed about the proxy in front of it.
    pub proxy_signs: Arc<ProxySigns>,
    /// Whether a browser reached the server by another origin than the configured one.
    pub foreign_origin: ForeignOrigin,
    /// The options of Leptos.
    pub leptos: LeptosOptions,
}

impl AppState {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Returns the realm of this name, if it is turned on.
    pub fn realm(&self, name: &str) -> Option<&OpenRealm> {
        self.realms.iter().find(|realm| realm.name == name)
    }

    /// Returns the sessions of this realm, or those of accounts. A realm that is off has none, and every token is
    /// invalid there.
    pub fn sessions_in(&self, realm: Option<&str>) -> Option<&Sessions> {
        match realm {
            None => Some(&self.sessions),
            Some(name) => self.realm(name).map(|realm| &realm.sessions),
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
