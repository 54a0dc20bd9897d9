//! What every request may use, made once at the start and passed in: there are no globals.

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
        sessions::Sessions,
    },
    client_address::ProxySigns,
    clock::Clock,
    described::Realm,
    freshkey::Freshkey,
    limits::Limits,
    metrics::Metrics,
    origin::ForeignOrigin,
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
    /// Emails.
    pub mail: Mail,
    /// Where a developer reads them, if they are not sent.
    pub mailbox: Option<DevMailbox>,
    /// What the browser loads.
    pub web_files: SiteFiles,
    /// The devices that accounts know.
    pub devices: DeviceKey,
    /// What browsers are trusted by.
    pub trust: TrustKey,
    /// The digests of addresses.
    pub account_digests: AccountDigestKey,
    /// Flows of several calls.
    pub challenges: Arc<Challenges>,
    /// What people prove besides the password.
    pub factors: Factors,
    /// Passkeys, where there are any.
    pub passkeys: Option<Passkeys>,
    /// The sign-ins that are under way.
    pub sign_ins: SignIns,
    /// What was done how often.
    pub limits: Limits,
    /// The lab, where it is turned on.
    pub lab: Option<Lab>,
    /// What is counted for the operator.
    pub metrics: Arc<Metrics>,
    /// What was seen of the proxy before us.
    pub proxy_signs: Arc<ProxySigns>,
    /// Whether a browser was seen that reached us by another origin.
    pub foreign_origin: ForeignOrigin,
    /// What Leptos wants to know.
    pub leptos: LeptosOptions,
}

/// The lab ([`lab`](super::lab)).
pub struct Lab {
    /// Its sessions.
    pub sessions: Sessions,
    /// Its database.
    pub store: Store,
}

impl AppState {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The sessions of this realm; where there is no lab, its calls know no token of anybody's.
    pub fn sessions_in(&self, realm: Realm) -> Option<&Sessions> {
        match realm {
            Realm::Accounts => Some(&self.sessions),
            Realm::Lab => self.lab.as_ref().map(|lab| &lab.sessions),
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
